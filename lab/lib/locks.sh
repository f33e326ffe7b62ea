# shellcheck shell=bash
# Commands of one lab may run side by side: five `machine up` at once is the usual case. Each lock has a file
# descriptor of its own; what a command leaves running doesn't inherit them (see start_process).

LOCK_PATIENCE=300 # seconds; longer than a boot that times out

# take_lock DESCRIPTOR NAME OPTION: waits for other commands, and says so.
take_lock() {
  local descriptor=$1 name=$2 option=$3
  flock --wait 3 "$option" "$descriptor" && return
  say "waiting for another lab command ($name)"
  flock --wait "$LOCK_PATIENCE" "$option" "$descriptor" ||
    fail 'wait for another lab command' "it still holds $LAB_CACHE/locks/$name after $LOCK_PATIENCE s" \
      "end it (fuser -v $LAB_CACHE/locks/$name shows it), then run this again"
}

# lock_lab shared|exclusive: for the whole command. Removing the lab excludes everything else.
lock_lab() {
  mkdir -p "$LAB_CACHE/locks"
  exec 7>"$LAB_CACHE/locks/lab-$LAB"
  take_lock 7 "lab-$LAB" "--$1"
}

lock_network() {
  exec 8>"$LAB_CACHE/locks/network-$LAB"
  take_lock 8 "network-$LAB" --exclusive
}
unlock_network() { exec 8>&-; }

lock_machine() {
  exec 9>"$LAB_CACHE/locks/machine-$LAB-$MACHINE"
  take_lock 9 "machine-$LAB-$MACHINE" --exclusive
}
