# shellcheck shell=bash
# A machine's cable: its tap, plugged into the lab's bridge. A tap that is in no bridge is a cable pulled; nothing else
# records it, so it stays pulled through reboots.

tap_of() { printf 'tap%s' "${1##*.}"; }

# mac_of ADDRESS: the locally administered prefix 02:4c, then the address, so that it is the same every time.
mac_of() {
  local octets
  IFS=. read -ra octets <<<"$1"
  printf '02:4c'
  printf ':%02x' "${octets[@]}"
}

# has_cable ADDRESS [master BRIDGE]
has_cable() {
  local tap
  tap=$(tap_of "$1")
  shift
  ip -n "$NAMESPACE" link show dev "$tap" "$@" 2>/dev/null | grep . >/dev/null
}

# cable_in: plugs it in, and makes it where there is none.
cable_in() {
  local tap
  tap=$(tap_of "$MACHINE_ADDRESS")
  has_cable "$MACHINE_ADDRESS" || in_network ip tuntap add dev "$tap" mode tap
  ip -n "$NAMESPACE" link set "$tap" master "$BRIDGE" arp on up
  forget_neighbour
}

# cable_out: without ARP, or the lab would go on to answer on the loose end. The lab itself shall not find out that
# nobody is there: it would close the forwarded connections after three seconds, and a pulled cable closes nothing.
cable_out() {
  ip -n "$NAMESPACE" neighbour replace "$MACHINE_ADDRESS" lladdr "$(mac_of "$MACHINE_ADDRESS")" dev "$BRIDGE" \
    nud permanent
  ip -n "$NAMESPACE" link set "$(tap_of "$MACHINE_ADDRESS")" nomaster arp off
}

cable_remove() {
  forget_neighbour
  ip -n "$NAMESPACE" link delete "$(tap_of "$MACHINE_ADDRESS")" 2>/dev/null || true
}

forget_neighbour() {
  ip -n "$NAMESPACE" neighbour delete "$MACHINE_ADDRESS" dev "$BRIDGE" 2>/dev/null || true
}

# read_cable: the address of a machine that has been up before.
read_cable() {
  if [ -f "$MACHINE_DIR/addresses" ]; then
    read -r MACHINE_ADDRESS _ <"$MACHINE_DIR/addresses"
    ! has_cable "$MACHINE_ADDRESS" || return 0
  fi
  fail 'find its cable' 'it is not up' "bring it up first: $LAB_HOME/lab machine up"
}

# machine_cut: off the network, running on.
machine_cut() {
  lock_machine
  read_cable
  cable_out
  say 'cut off the network'
}

machine_mend() {
  lock_machine
  read_cable
  cable_in
  say 'on the network'
}
