# shellcheck shell=bash
# Forwards: the only way in. The listening socket belongs to the computer's loopback; the process that accepts and
# connects onwards lives in the lab's network (systemd-socket-activate hands it the socket at the first connection).

SOCKET_PROXY=/lib/systemd/systemd-socket-proxyd
FORWARD_CONNECTIONS=2048
# A proxied connection holds two sockets and two pipes: six files.
FORWARD_FILES=$((FORWARD_CONNECTIONS * 6 + 64))

forward_name() { printf '%s/forward-%s-%s' "$MACHINE_DIR" "$MACHINE_FORWARD" "$1"; }

# forwards_set: SSH and the ports asked for, or, when none are asked for, those it had last. What is up already is
# left alone.
forwards_set() {
  local port ports wanted=" " number what
  [ -z "$MACHINE_PORTS" ] || printf '%s\n' "$MACHINE_PORTS" >"$MACHINE_DIR/ports"
  ports="22 $(cat "$MACHINE_DIR/ports" 2>/dev/null || true)"
  for port in $ports; do wanted+="$(forward_name "$port") "; done
  while read -r number what; do
    if [[ $what == "$MACHINE_DIR"/forward-* && $wanted != *" $what "* ]]; then
      end_processes "$number"
      say "no longer forwards ${what##*forward-}"
    fi
  done < <(lab_processes "$MACHINE_DIR")
  for port in $ports; do
    is_running "$(forward_name "$port")" || forward_start "$port"
  done
}

forward_start() {
  local port=$1 name log tries=0 files
  name=$(forward_name "$port")
  log=$MACHINE_DIR/forward-$port.log
  check_port_free "$MACHINE_FORWARD" "$port"
  files=$(ulimit -Hn)
  if [ "$files" = unlimited ] || [ "$files" -gt "$FORWARD_FILES" ]; then files=$FORWARD_FILES; fi
  start_process "$name" "$log" prlimit --nofile="$files:" \
    systemd-socket-activate -E "LAB_PROCESS=$name" -l "$MACHINE_FORWARD:$port" \
    nsenter --net="/run/netns/$NAMESPACE" \
    "$SOCKET_PROXY" --connections-max="$FORWARD_CONNECTIONS" "$MACHINE_ADDRESS:$port"
  until ss -Hltn "src = $MACHINE_FORWARD:$port" | grep . >/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
      fail "forward $MACHINE_FORWARD:$port" "$(tail -n 1 "$log")" "see $log, then run this again"
    fi
    sleep 0.05
  done
}
