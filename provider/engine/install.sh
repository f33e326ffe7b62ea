# shellcheck shell=sh
# Installs Docker's packages by apt; also finishes what an interrupted run left half done.
# PACKAGES: names. VERSION: pin, a whole version or its beginning; empty for the newest. ACTION: install, or download,
# which touches nothing that is installed, finds out whether the version can be had, and puts its dockerd where daemon.sh
# has it check daemon.json.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

apt_get() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"
}

# The first version of a package, newest first, that the pin fits; nothing when none does.
pinned() {
  apt-cache madison "$1" | awk -F ' *[|] *' -v pin="$VERSION" '
    index($2, pin) == 1 && substr($2, length(pin) + 1, 1) !~ /[0-9]/ { print $2; exit }'
}

# Names with `=version` where the pin fits; fails when it fits none of them, or a package is unknown.
wanted() {
  if [ -z "$VERSION" ]; then
    echo "$PACKAGES"
    return
  fi
  fitted=
  for package in $PACKAGES; do
    version=$(pinned "$package")
    [ -z "$version" ] || fitted=yes
    echo "$package${version:+=$version}"
  done
  [ -n "$fitted" ] || {
    echo "no package has version $VERSION; there are: $(apt-cache madison "${PACKAGES%% *}" | awk -F ' *[|] *' '{ print $2 }' | paste -sd' ')" >&2
    return 1
  }
}

install() { # options of apt-get
  list=$(wanted) || return 1
  # shellcheck disable=SC2086 # a list of packages
  apt_get install --no-install-recommends --allow-downgrades "$@" $list
}


# The new dockerd by itself; where it can't be had so easily, the one in use has to do.
unpack_dockerd() {
  next=/var/cache/pulumi-swarm
  rm -rf "$next"
  mkdir -p "$next"
  cd "$next"
  for package in $(wanted); do
    # Where packages come from afar, apt has just put them among its archives; those of a local source it copies.
    cp /var/cache/apt/archives/"${package%%=*}"_"$(echo "${package#*=}" | sed 's/:/%3a/g')"_*.deb . 2>/dev/null ||
      apt-get -q download "$package" >/dev/null 2>&1 || continue
    for archive in *.deb; do dpkg-deb --fsys-tarfile "$archive" | tar -xf - --wildcards './usr/*bin/dockerd' 2>/dev/null || true; done
    rm -f ./*.deb
  done
}

# The apt of an interrupted run may still be at work: wait for its lock (up to 5 minutes) rather than break it.
finish_interrupted() {
  tries=150
  until message=$(dpkg --configure -a --force-confold 2>&1); do
    tries=$((tries - 1))
    # What isn't a lock, apt can mend, or say better.
    case $message in *lock*) ;; *) return ;; esac
    [ "$tries" -gt 0 ] || { echo "$message" >&2; return 1; }
    sleep 2
  done
}

if [ "$ACTION" = download ]; then
  install --download-only 2>/dev/null || { apt_get update && install --download-only; }
  unpack_dockerd
  exit
fi

# Whoever interrupts this leaves a restart due, unless the packages have restarted the engine themselves.
due=/run/pulumi-swarm-engine-change
[ ! -e /run/docker.pid ] || : >"$due"

# Most machines need no more than the first try; on a slow board the rest takes long. Its words count when all fails.
exec 3>&1
if ! first=$(install 2>&1 >&3); then
  finish_interrupted
  apt_get update
  # Given the packages as well, apt refuses to mend what another installation has left without its dependencies.
  apt_get install --fix-broken --no-install-recommends >/dev/null 2>&1 || true
  install || { echo "$first" >&2; exit 1; }
fi
systemctl enable -q --now docker
[ -z "$(find "$due" -newer /run/docker.pid 2>/dev/null)" ] || systemctl restart docker
rm -f "$due"
