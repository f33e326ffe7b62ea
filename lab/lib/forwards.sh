# shellcheck shell=bash
# Forwards: the only way in. The listening socket belongs to the computer's loopback; the process that accepts and
# connects onwards lives in the lab's network (systemd-socket-activate hands it the socket at the first connection).

SOCKET_PROXY=/lib/systemd/systemd-socket-proxyd
# A proxied connection holds two sockets and two pipes, six files.
FORWARD_CONNECTIONS=2048

forward_name() { printf '%s/forward-%s-%s' "$MACHINE_DIR" "$MACHINE_FORWARD" "$1"; }

# forwards_set: exactly the ports asked for, and always SSH; those that are up already are left alone.
forwards_set() {
  local port wanted=" " number what
  for port in 22 $MACHINE_PORTS; do wanted+="$(forward_name "$port") "; done
  while read -r number what; do
    if [[ $what == "$MACHINE_DIR"/forward-* && $wanted != *" $what "* ]]; then
      end_processes "$number"
      say "no longer forwards ${what##*forward-}"
    fi
  done < <(lab_processes "$MACHINE_DIR")
  for port in 22 $MACHINE_PORTS; do
    is_running "$(forward_name "$port")" || forward_start "$port"
  done
}

forward_start() {
  local port=$1 name log tries=0
  name=$(forward_name "$port")
  log=$MACHINE_DIR/forward-$port.log
  check_port_free "$MACHINE_FORWARD" "$port"
  start_process "$name" "$log" prlimit --nofile="$((FORWARD_CONNECTIONS * 6 + 64))" \
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
