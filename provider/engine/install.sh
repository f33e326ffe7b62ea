# shellcheck shell=sh
# Installs Docker's packages by apt; also finishes what an interrupted run left half done.
# PACKAGES: names. VERSION: pin, a whole version or its beginning; empty for the newest. ACTION: install, or download,
# which touches nothing that is installed and finds out whether the version can be had.
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

# apt downloads nothing while an earlier installation is half done; the installation itself mends that first.
download() {
  message=$(install --download-only 2>&1) && return
  case $message in *'dpkg --configure -a'*) return ;; esac
  echo "$message" >&2
  return 1
}

# The apt of an interrupted run may still be at work: wait for its lock (up to 5 minutes) rather than break it.
finish_interrupted() {
  tries=150
  until message=$(dpkg --configure -a --force-confold 2>&1); do
    tries=$((tries - 1))
    case $message in *lock*) ;; *) tries=0 ;; esac
    [ "$tries" -gt 0 ] || { echo "$message" >&2; return 1; }
    sleep 2
  done
}

if [ "$ACTION" = download ]; then
  download 2>/dev/null || { apt_get update && download; }
  exit
fi

# Whoever interrupts this leaves a restart due, unless the packages have restarted the engine themselves.
due=/run/pulumi-swarm-engine-change
[ ! -e /run/docker.pid ] || : >"$due"

# Most machines need neither; on a slow board each takes seconds.
if ! install 2>/dev/null; then
  finish_interrupted
  apt_get update
  install
fi
systemctl enable -q --now docker
[ -z "$(find "$due" -newer /run/docker.pid 2>/dev/null)" ] || systemctl restart docker
rm -f "$due"
