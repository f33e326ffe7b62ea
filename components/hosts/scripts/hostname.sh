# shellcheck shell=bash
# The host name, and an entry for it, without which sudo and others wait for a name server.
begin 'set the host name'
install_file /etc/hostname <<<"$MACHINE"
if [ "$(cat /proc/sys/kernel/hostname)" != "$MACHINE" ]; then
  printf '%s\n' "$MACHINE" >/proc/sys/kernel/hostname
fi

begin 'write the host name to /etc/hosts'
own_entry='# this machine, see /etc/hostname'
{
  grep -v "$own_entry\$" /etc/hosts || true
  printf '127.0.1.1 %s %s\n' "$MACHINE" "$own_entry"
} | install_file /etc/hosts
