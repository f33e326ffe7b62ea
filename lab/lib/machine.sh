# shellcheck shell=bash
# A machine: one User-Mode Linux kernel with its disk, its tap on the lab's bridge and its forwards.

BOOT_PATIENCE=180 # seconds until a machine that doesn't answer SSH is given up; 12 is usual with five at once

# machine_up: every step looks first, so that it can be run again after an interruption anywhere, and on a machine that
# is up, or dead. Ends with one line of JSON.
machine_up() {
  network_is_up || network_up
  check_same_subnet
  lock_machine
  check_address_unused
  if [ ! -d "$MACHINE_DIR" ]; then
    disk_make
  fi
  check_same_making
  cable_in
  forwards_set
  wait_for_ssh
  verify_login
  print_machine
}

# check_same_making: the addresses and the size are in the machine's own disk.
check_same_making() {
  local address forward size
  read -r address forward <"$MACHINE_DIR/addresses"
  if [ "$address $forward" != "$MACHINE_ADDRESS $MACHINE_FORWARD" ]; then
    fail 'check its addresses' "it was made with $address and $forward" "remove it first: $LAB_HOME/lab machine down"
  fi
  size=$(cat "$MACHINE_DIR/disk-size")
  [ "$size" = "$MACHINE_DISK" ] ||
    fail 'check its disk' "it was made with $size MiB" "remove it first: $LAB_HOME/lab machine down"
}

# memory_folder: the kernel keeps the machine's memory in a file without a name; on /dev/shm that stays in memory.
memory_folder() {
  local room options
  room=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9 || true)
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
  [ "$free" -ge "$MACHINE_MEMORY" ] ||
    fail 'boot' "it wants $MACHINE_MEMORY MiB of memory, the computer has $free left" \
      'set MACHINE_MEMORY lower, or run fewer machines'
}

kernel_start() {
  local base size
  check_memory
  base=$(readlink "$MACHINE_DIR/base")
  size=$(cat "$MACHINE_DIR/disk-size")
  # Where nobody waits for orphans, the kernel before stays a zombie, and this one would take its folder for in use.
  rm -rf "$MACHINE_DIR/kernel"
  start_process "$MACHINE_DIR/kernel" "$MACHINE_DIR/console.log" nsenter --net="/run/netns/$NAMESPACE" \
    taskset -c "$(processor)" env -C "$MACHINE_DIR" TMPDIR="$(memory_folder)" "$base/boot" \
    mem="${MACHINE_MEMORY}M" umid=kernel uml_dir="$MACHINE_DIR/" \
    ubda="$MACHINE_DIR/disk.cow,$base/root-$size.img" ubdbr="$MACHINE_DIR/seed.tar" \
    root=/dev/ubda rw rootflags=barrier=0 con=null con0=null,fd:1 quiet lsm= \
    vec0:transport=tap,ifname="$(tap_of "$MACHINE_ADDRESS")",depth=128,gro=1,mac="$(mac_of "$MACHINE_ADDRESS")" \
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

# greets: does the machine's SSH server say its name?
greets() {
  # shellcheck disable=SC2016 # the inner shell expands it
  local greeting='exec 3<>"/dev/tcp/$0/22" && read -r -t 2 line <&3 && [[ $line == SSH-* ]]'
  in_network timeout 2 bash -c "$greeting" "$MACHINE_ADDRESS" 2>/dev/null
}

# wait_for_ssh: boots the machine, once, when it is off, or is just switching itself off.
wait_for_ssh() {
  local begin=$SECONDS started=''
  until is_running "$MACHINE_DIR/kernel" && greets; do
    if ! is_running "$MACHINE_DIR/kernel"; then
      [ -z "$started" ] || fail 'boot' "its kernel ended: $(tail -n 1 "$MACHINE_DIR/console.log")" \
        "see $MACHINE_DIR/console.log; run this again to boot it again"
      kernel_start
      started=yes
      say 'booting'
    fi
    if [ "$((SECONDS - begin))" -gt "$BOOT_PATIENCE" ]; then
      end_below "$MACHINE_DIR"
      fail 'boot' "no SSH answer from $MACHINE_ADDRESS within $BOOT_PATIENCE s; it has been switched off" \
        "see $MACHINE_DIR/console.log; run this again to boot it again"
    fi
    sleep 0.2
  done
  [ -z "$started" ] || say "answers SSH at $MACHINE_FORWARD after $((SECONDS - begin)) s"
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

# machine_off: as if the power were cut; its disk stays, and `machine up` boots from it.
machine_off() {
  lock_machine
  end_named "$MACHINE_DIR/kernel"
  say 'switched off'
}

machine_down() {
  lock_machine
  end_below "$MACHINE_DIR"
  if [ -f "$MACHINE_DIR/addresses" ]; then
    read -r MACHINE_ADDRESS _ <"$MACHINE_DIR/addresses"
    cable_remove
    say 'removed'
  fi
  rm -rf "$MACHINE_DIR" "$MACHINE_DIR.partial"
}
