# shellcheck shell=bash
# What every concern uses. Scripts are put together in front of it, run by bash -s as root, and may be run again at any
# time. MACHINE: name of the machine.
set -Eeuo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
step='begin'

# begin STEP: names what is done from here on, for the message when it fails.
begin() { step=$1; }

failed() {
  printf '%s: %s: failed with exit status %s at: %s\n  cure: see the lines above for the cause; then run it again\n' \
    "$MACHINE" "$step" "$1" "$2" >&2
}
trap 'failed "$?" "$BASH_COMMAND"' ERR

# install_file PATH: standard input becomes the file, at once and only if it differs.
install_file() {
  local path=$1
  cat >"$path.new"
  if cmp -s "$path.new" "$path"; then
    rm "$path.new"
  else
    chmod 644 "$path.new"
    mv "$path.new" "$path"
  fi
}
