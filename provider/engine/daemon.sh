# shellcheck shell=sh
# Puts daemon.json (standard input) in place and makes the engine follow it. With `restart` and no input it only restarts.
# ACTION: validate (touches nothing), write (whatever starts the engine next makes it read the file), reload or restart.
set -eu
PATH=$PATH:/usr/sbin:/sbin
umask 077 # it may hold credentials of a proxy
# Says that the engine has yet to take a change over; the facts compare its time with that of dockerd's start.
due=/run/pulumi-swarm-engine-change

# The options that systemd starts dockerd with, as one that is in the file as well keeps it from starting.
dockerd_options() {
  # shellcheck source=/dev/null
  [ ! -r /etc/default/docker ] || . /etc/default/docker
  eval "echo $(systemctl show docker -p ExecStart --value 2>/dev/null | sed -n 's/.*argv\[\]=[^ ]* \(.*\) ; ignore_errors=.*/\1/p')"
}

case $ACTION in
  validate)
    new=$(mktemp)
    # What an installation that is to follow has unpacked; it is for this only.
    next=/var/cache/pulumi-swarm
    trap 'rm -rf "$new" "$next"' EXIT
    cat >"$new"
    coming=$(find "$next" -name dockerd 2>/dev/null || true)
    dockerd=${coming:-$(command -v dockerd || true)}
    [ -n "$dockerd" ] || exit 0
    # shellcheck disable=SC2046 # a list of options
    message=$("$dockerd" $(dockerd_options) --validate --config-file "$new" 2>&1 >/dev/null) && exit 0
    # The one to come may need libraries that come with it.
    case $message in *'unable to configure the Docker daemon'*) ;; *) [ -z "$coming" ] || exit 0 ;; esac
    echo "$message" >&2
    exit 1
    ;;
  *)
    mkdir -p /etc/docker
    new=/etc/docker/.daemon.json.new
    trap 'rm -f "$new"' EXIT
    cat >"$new"
    : >"$due"
    [ ! -s "$new" ] || mv "$new" /etc/docker/daemon.json
    case $ACTION in
      write) exit 0 ;;
      reload) systemctl reload docker ;;
      restart)
        # After too many failures in a row systemd would refuse even to try.
        systemctl reset-failed docker 2>/dev/null || true
        systemctl restart docker
        ;;
    esac
    rm -f "$due"
    ;;
esac
