# shellcheck shell=bash disable=SC2034 # the places are read by the other parts
# Messages, places and products. Sourced by lab and by every script of prepare/.

# What the messages speak of; narrowed to a machine once its name is known.
subject=lab

CACHE=${SWARM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pulumi-swarm}
LAB_CACHE=$CACHE/lab
CLIENT_KEY=$LAB_CACHE/id_ed25519

# say TEXT: progress, on standard error, because standard output is the result.
say() { printf '%s: %s\n' "$subject" "$1" >&2; }

# The status of a command that has said why it failed; whoever called it needn't say it again.
EXPLAINED=3

# fail STEP CAUSE CURE: the one way a command ends badly.
fail() {
  printf '%s: %s: %s\n  cure: %s\n' "$subject" "$1" "$2" "$3" >&2
  exit "$EXPLAINED"
}

# No command ends without a word: what no check foresaw names the line it happened at.
unforeseen() {
  [ "$1" -ne "$EXPLAINED" ] || exit "$EXPLAINED"
  fail "run ${BASH_SOURCE[1]##*/}, line $2" "'$3' failed with status $1" \
    'run this again; where it fails again, the lines above say why'
}
set -o errtrace
trap 'unforeseen "$?" "$LINENO" "$BASH_COMMAND"' ERR

# Where the lab can't run, says so at once and names the environments that can.
check_computer() {
  local elsewhere='use an environment of existing machines, such as odroid (Pulumi.odroid.yaml): make up ENV=odroid'
  local cause=
  if [ "$(uname -s)" != Linux ]; then
    cause="it needs Linux, this is $(uname -s)"
  elif [ "$(uname -m)" != x86_64 ]; then
    cause="Debian has User-Mode Linux for x86_64 only, this is $(uname -m)"
  elif ! command -v apt-get dpkg-deb >/dev/null; then
    cause="it is made from Debian packages, and this computer has no apt"
  elif [ "$(id -u)" != 0 ]; then
    fail 'check this computer' 'the lab makes network namespaces, which takes root' "run it as root, or $elsewhere"
  elif [ ! -c /dev/net/tun ]; then
    cause='there is no /dev/net/tun (modprobe tun, or start the container with that device)'
  fi
  [ -z "$cause" ] || fail 'check this computer' "the lab can't run here: $cause" "$elsewhere"
}

# digest_of PATH...: twelve hex digits of the names and contents of files, and of those in folders, but for tests.
digest_of() {
  (cd "$LAB_HOME/.." && find "$@" -type f ! -name '*_test.go' ! -path '*/testdata/*' -print0) | sort -z |
    (cd "$LAB_HOME/.." && xargs -0 sha256sum) | sha256sum | cut -c1-12
}

# A product is a folder $LAB_CACHE/<name>-<digest of all it is made from>; a change gives it another name, and so only
# what changed is made again.
programs_key() { digest_of lab/prepare/programs; }
base_key() { digest_of lab/prepare/programs lab/prepare/base lab/base; }

# image_sources NAME: the folders an image is made from.
image_sources() {
  printf '%s\n' "lab/images/$1"
  [ ! -f "$LAB_HOME/images/$1/sources" ] || cat "$LAB_HOME/images/$1/sources"
}
image_key() {
  local sources
  mapfile -t sources < <(image_sources "$1")
  digest_of lab/prepare/image "${sources[@]}"
}
image_names() { (cd "$LAB_HOME/images" && printf '%s\n' */ | tr -d /); }

programs_path() { printf '%s/programs-%s' "$LAB_CACHE" "$(programs_key)"; }
base_path() { printf '%s/base-%s' "$LAB_CACHE" "$(base_key)"; }
image_path() { printf '%s/image-%s-%s' "$LAB_CACHE" "$1" "$(image_key "$1")"; }

# check_room STEP MIB: room in the cache's file system.
check_room() {
  local room
  room=$(df --output=avail -BM "$LAB_CACHE" | tail -n 1 | tr -dc 0-9)
  [ "$room" -ge "$2" ] || fail "$1" "$LAB_CACHE has $room MiB left, this needs $2" \
    'free some space, or set SWARM_CACHE to a folder with more'
}

# refresh_package_lists: another apt may be at work on them.
refresh_package_lists() {
  local try
  say 'reading the package lists'
  for try in 1 2 3 4 5 6; do
    apt-get -qq update >&2 && return
    [ "$try" = 6 ] || sleep 5
  done
  fail 'read the package lists' 'apt-get update failed, see above' 'mend /etc/apt/sources.list, then run this again'
}

# require_product PATH: a product must have been made by `lab prepare`.
require_product() {
  [ -d "$1" ] || fail "find ${1##*/}" 'it has not been prepared' "run: $LAB_HOME/lab prepare"
}
