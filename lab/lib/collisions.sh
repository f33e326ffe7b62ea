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
  route=$(ip -4 -oneline address show to "$network" | awk '{ print $4, "on", $2; exit }')
  [ -n "$route" ] || route=$(ip -4 route show root "$network" | head -n 1)
  [ -n "$route" ] || route=$(ip -4 route show match "$network" scope link | grep -v '^default' | head -n 1 || true)
  [ -z "$route" ] || fail "make the network $network" "this computer is in it, or has a route to it: $route" \
    "give the lab another network (LAB_SUBNET; in an environment's file: machines.subnet)"
}

# fail_namespace: the name of the lab's network namespace is taken.
fail_namespace() {
  local owner others
  owner=$(namespace_owner)
  others=$(ip netns pids "$NAMESPACE" | xargs)
  [ -z "$owner" ] || fail 'make the network' "the network namespace $NAMESPACE belongs to the lab in $owner" \
    'remove that lab, or give this one another name (LAB)'
  fail 'make the network' \
    "the network namespace $NAMESPACE exists and isn't a lab's; processes in it: ${others:-none}" \
    "remove it (ip netns delete $NAMESPACE), or give the lab another name (LAB)"
}

# check_same_subnet: a lab that is up keeps its network.
check_same_subnet() {
  local actual
  actual=$(bridge_address)
  [ "$actual" = "$GATEWAY/24" ] || fail 'make the network' "the lab is up with the address $actual" \
    "remove it first (LAB=$LAB $LAB_HOME/lab down), or set LAB_SUBNET back"
}

# check_address_unused: two machines of one lab can't share an address.
check_address_unused() {
  local file other_address other_forward
  for file in "$MACHINES_DIR"/*/addresses; do
    # A folder that is being made is renamed at any moment.
    case $file in *.partial/addresses | "$MACHINE_DIR/addresses") continue ;; esac
    [ -f "$file" ] || continue
    read -r other_address other_forward <"$file"
    if [ "$other_address" = "$MACHINE_ADDRESS" ] || [ "$other_forward" = "$MACHINE_FORWARD" ]; then
      fail 'check its addresses' \
        "machine $(basename "${file%/*}") has $other_address and $other_forward" \
        'give each machine an address and a forward address of its own'
    fi
  done
}
