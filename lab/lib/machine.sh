# shellcheck shell=bash
# A machine: one User-Mode Linux kernel with its disk, its tap on the lab's bridge and its forwards.

BOOT_PATIENCE=180 # seconds until a machine that doesn't answer SSH is given up; 25 is usual with five at once

# machine_up: every step looks first, so that it can be run again after an interruption anywhere, and on a machine that
# is up, or dead. Ends with one line of JSON.
machine_up() {
  local begin=$SECONDS
  network_is_up || network_up
  lock_machine
  check_address_unused
  if [ ! -d "$MACHINE_DIR" ]; then
    disk_make
  fi
  check_same_address
  forwards_set
  if ! is_running "$MACHINE_DIR/kernel"; then
    tap_make
    kernel_start
    say 'booting'
  fi
  wait_for_ssh "$begin"
  verify_login
  [ "$((SECONDS - begin))" -lt 2 ] || say "answers SSH at $MACHINE_FORWARD after $((SECONDS - begin)) s"
  print_machine
}

# check_same_address: the address is in the machine's own files.
check_same_address() {
  local address forward
  read -r address forward <"$MACHINE_DIR/addresses"
  if [ "$address $forward" != "$MACHINE_ADDRESS $MACHINE_FORWARD" ]; then
    fail 'check its addresses' "it was made with $address and $forward" "remove it first: $LAB_HOME/lab machine down"
  fi
}

tap_make() {
  ip -n "$NAMESPACE" link show "$TAP" >/dev/null 2>&1 || in_network ip tuntap add dev "$TAP" mode tap
  ip -n "$NAMESPACE" link set "$TAP" master "$BRIDGE" up
}

# memory_folder: the kernel keeps the machine's memory in a file without a name; on /dev/shm it is never written to disk.
memory_folder() {
  local room options
  room=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9)
  options=$(awk '$2 == "/dev/shm" { print $4 }' /proc/mounts)
  if [ "${room:-0}" -ge "$MACHINE_MEMORY" ] && [[ ,$options, != *,noexec,* ]]; then
    printf '/dev/shm'
  else
    printf '%s' "$MACHINE_DIR"
  fi
}

check_memory() {
  local free
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  [ "$free" -ge "$MACHINE_MEMORY" ] || fail 'boot' "it wants $MACHINE_MEMORY MiB of memory, the computer has $free left" \
    'set MACHINE_MEMORY lower, or run fewer machines'
}

kernel_start() {
  local base=$MACHINE_DIR/base size mac
  check_memory
  base=$(readlink "$MACHINE_DIR/base")
  size=$(cat "$MACHINE_DIR/disk-size")
  # The locally administered prefix 02:4c, then the address: the same machine has the same MAC address every time.
  # shellcheck disable=SC2046,SC2086
  mac=$(printf '02:4c:%02x:%02x:%02x:%02x' $(tr . ' ' <<<"$MACHINE_ADDRESS"))
  start_process "$MACHINE_DIR/kernel" "$MACHINE_DIR/console.log" nsenter --net="/run/netns/$NAMESPACE" \
    taskset -c "$(processor)" env -C "$MACHINE_DIR" TMPDIR="$(memory_folder)" LD_PRELOAD="$base/xstate.so" "$base/linux" \
    mem="${MACHINE_MEMORY}M" umid=kernel uml_dir="$MACHINE_DIR/" \
    ubda="$MACHINE_DIR/disk.cow,$base/root-$size.img" ubdbr="$MACHINE_DIR/seed.tar" \
    root=/dev/ubda rw rootflags=barrier=0 con=null con0=null,fd:1 quiet selinux=0 \
    vec0:transport=tap,ifname="$TAP",depth=128,gro=1,mac="$mac" \
    systemd.hostname="$MACHINE" systemd.machine_id="$(machine_id)" systemd.show_status=auto
}

# processor: a User-Mode Linux kernel and its processes hand over to each other at each system call, which takes half
# the time when they stay on one processor. Neighbouring addresses go to different ones.
processor() {
  local range number allowed=()
  for range in $(sed -n 's/^Cpus_allowed_list:\s*//p' /proc/self/status | tr , ' '); do
    for number in $(seq "${range%-*}" "${range#*-}"); do allowed+=("$number"); done
  done
  printf '%s' "${allowed[$((${MACHINE_ADDRESS##*.} % ${#allowed[@]}))]}"
}

# machine_id: differs between machines and stays the same for one.
machine_id() { printf '%s' "$MACHINE_DIR" | sha256sum | cut -c1-32; }

# wait_for_ssh BEGIN: until the machine's SSH server says its name. BEGIN is the $SECONDS the command began at.
wait_for_ssh() {
  # shellcheck disable=SC2016
  local begin=$1 greeting='exec 3<>"/dev/tcp/$0/22" && read -r -t 2 line <&3 && [[ $line == SSH-* ]]'
  until in_network timeout 2 bash -c "$greeting" "$MACHINE_ADDRESS" 2>/dev/null; do
    if ! is_running "$MACHINE_DIR/kernel"; then
      fail 'boot' "its kernel ended: $(tail -n 1 "$MACHINE_DIR/console.log")" \
        "see $MACHINE_DIR/console.log; run this again to boot it again"
    fi
    if [ "$((SECONDS - begin))" -gt "$BOOT_PATIENCE" ]; then
      end_below "$MACHINE_DIR"
      fail 'boot' "no SSH answer from $MACHINE_ADDRESS within $BOOT_PATIENCE s; it has been switched off" \
        "see $MACHINE_DIR/console.log; run this again to boot it again"
    fi
    sleep 0.2
  done
}

# verify_login: by the way everybody comes, and with the host key made before the first boot.
verify_login() {
  local answer tries=0
  until answer=$(ssh -F none -i "$CLIENT_KEY" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$MACHINE_DIR/known_hosts" -o ConnectTimeout=10 -o LogLevel=ERROR \
    "root@$MACHINE_FORWARD" true 2>&1); do
    tries=$((tries + 1))
    [ "$tries" -lt 5 ] || fail 'log in over SSH' "$(tail -n 1 <<<"$answer")" \
      "remove the machine ($LAB_HOME/lab machine down) and make it again"
    sleep 0.5
  done
}

print_machine() {
  printf '{"name":"%s","address":"%s","forward":"%s","port":22,"user":"root","hostKey":"%s"}\n' \
    "$MACHINE" "$MACHINE_ADDRESS" "$MACHINE_FORWARD" "$(cut -d' ' -f2- "$MACHINE_DIR/known_hosts")"
}

machine_down() {
  local address
  lock_machine
  end_below "$MACHINE_DIR"
  if [ -f "$MACHINE_DIR/addresses" ]; then
    read -r address _ <"$MACHINE_DIR/addresses"
    ip -n "$NAMESPACE" link delete "tap${address##*.}" 2>/dev/null || true
    say 'removed'
  fi
  rm -rf "$MACHINE_DIR" "$MACHINE_DIR.partial"
}
