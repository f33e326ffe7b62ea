# shellcheck shell=bash
# Nothing of the lab may take what the computer uses already; each check names who has it.

# check_port_free ADDRESS PORT: a listener on every address takes the port of this address too.
check_port_free() {
  local address=$1 port=$2 holder
  holder=$(ss -Hltnp "sport = :$port" | awk -v a="$address:$port" -v w="0.0.0.0:$port" -v d="*:$port" \
    '$4 == a || $4 == w || $4 == d { print $4, $6; exit }')
  [ -z "$holder" ] || fail "forward $address:$port" "the port is taken: ${holder/users:/by }" \
    "end that program, or give the machine another forward address (MACHINE_FORWARD) or other ports"
}

# check_subnet_free: a route of the computer into the lab's network, or a network it is a member of around it.
check_subnet_free() {
  local network=$LAB_SUBNET.0/24 route
  route=$(ip -4 route show root "$network" | head -n 1)
  [ -n "$route" ] || route=$(ip -4 route show match "$network" scope link | grep -v '^default' | head -n 1 || true)
  [ -z "$route" ] || fail "make the network $network" "this computer has a route into it: $route" \
    'give the lab another network (LAB_SUBNET), such as 10.79.0'
}

# check_namespace_ours: the namespace's bridge carries the folder of the lab it belongs to.
check_namespace_ours() {
  local owner others
  owner=$(namespace_owner)
  [ "$owner" != "$LAB_DIR" ] || return 0
  others=$(ip netns pids "$NAMESPACE" | tr '\n' ' ')
  if [ -n "$owner" ]; then
    fail 'make the network' "the network namespace $NAMESPACE belongs to the lab in $owner" \
      "remove that lab, or give this one another name (LAB)"
  elif [ -n "$others" ]; then
    fail 'make the network' "the network namespace $NAMESPACE exists and isn't the lab's; in it: process $others" \
      "remove it (ip netns delete $NAMESPACE), or give the lab another name (LAB)"
  fi
}

# check_address_unused: two machines of one lab can't share an address.
check_address_unused() {
  local file other_address other_forward
  for file in "$MACHINES_DIR"/*/addresses; do
    [ -f "$file" ] && [ "$file" != "$MACHINE_DIR/addresses" ] || continue
    read -r other_address other_forward <"$file"
    if [ "$other_address" = "$MACHINE_ADDRESS" ] || [ "$other_forward" = "$MACHINE_FORWARD" ]; then
      fail 'check its addresses' \
        "machine $(basename "${file%/*}") has $other_address and $other_forward" \
        'give each machine an address and a forward address of its own'
    fi
  done
}
