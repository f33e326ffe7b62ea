# shellcheck shell=sh
# Puts daemon.json (standard input) in place and makes the engine follow it.
# ACTION: write (no engine runs yet), reload or restart. A file that dockerd refuses never replaces the one in use.
set -eu
PATH=$PATH:/usr/sbin:/sbin
mkdir -p /etc/docker
new=/etc/docker/.daemon.json.new
trap 'rm -f "$new"' EXIT
cat >"$new"
if command -v dockerd >/dev/null; then dockerd --validate --config-file "$new" >/dev/null; fi
chmod 0644 "$new"
mv "$new" /etc/docker/daemon.json
case $ACTION in
  reload) systemctl reload docker ;;
  restart) systemctl restart docker ;;
esac
