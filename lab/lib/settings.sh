# shellcheck shell=bash disable=SC2034 # the settings are read by the other parts
# Settings come from the environment; every one is checked before anything is touched.

# want NAME PATTERN MEANING: the variable NAME must match the whole PATTERN.
want() {
  [[ ${!1:-} =~ ^($2)$ ]] || fail 'read the settings' "$1 is '${!1:-}'" "set $1 to $3"
}

OCTET='25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9]'

read_lab_settings() {
  LAB=${LAB:-dev}
  LAB_SUBNET=${LAB_SUBNET:-10.77.0}
  want LAB '[a-z][a-z0-9]{0,14}' 'a name of at most 15 small letters and digits'
  want LAB_SUBNET "($OCTET)(\.($OCTET)){2}" 'the first three numbers of an IPv4 network, such as 10.77.0'
  subject="lab $LAB"
  NAMESPACE=lab-$LAB
  BRIDGE=lab
  GATEWAY=$LAB_SUBNET.1
  LAB_DIR=$LAB_CACHE/labs/$LAB
  MACHINES_DIR=$LAB_DIR/machines
  REGISTRY_DIR=$LAB_DIR/registry
}

read_machine_name() {
  want MACHINE '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' 'a host name: small letters, digits and inner dashes'
  subject="lab $LAB, machine $MACHINE"
  MACHINE_DIR=$MACHINES_DIR/$MACHINE
}

read_machine_settings() {
  MACHINE_PORTS=${MACHINE_PORTS-}
  MACHINE_MEMORY=${MACHINE_MEMORY:-768}
  read_machine_name
  MACHINE_DISK=${MACHINE_DISK:-$(cat "$MACHINE_DIR/disk-size" 2>/dev/null || echo 4096)}
  want MACHINE_ADDRESS "${LAB_SUBNET//./\\.}\.($OCTET)" "an address of the lab's network $LAB_SUBNET.0/24"
  want MACHINE_FORWARD "127(\.($OCTET)){3}" 'a loopback address of this computer, such as 127.77.0.11'
  want MACHINE_PORTS '([1-9][0-9]{0,4}( +[1-9][0-9]{0,4})*)?' 'TCP ports separated by spaces, such as "22 80 8080"'
  want MACHINE_MEMORY '[0-9]{3,6}' 'MiB of memory, at least 256'
  want MACHINE_DISK '[0-9]{4,7}' 'MiB of disk, at least 2048'
  if [ "$MACHINE_ADDRESS" = "$GATEWAY" ]; then
    fail 'read the settings' "$GATEWAY is the lab's own address" 'set MACHINE_ADDRESS to another address'
  fi
  if [ "$MACHINE_MEMORY" -lt 256 ] || [ "$MACHINE_DISK" -lt 2048 ]; then
    fail 'read the settings' "$MACHINE_MEMORY MiB of memory and $MACHINE_DISK MiB of disk are too little" \
      'set MACHINE_MEMORY to at least 256 and MACHINE_DISK to at least 2048'
  fi
}
