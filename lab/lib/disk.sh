# shellcheck shell=bash
# What a machine boots from: a copy-on-write file over the prepared root file system, and a seed with its identity.

# disk_make: once per machine. The folder is renamed into place when all of it is there.
disk_make() {
  local base partial=$MACHINE_DIR.partial
  base=$(base_path)
  require_product "$base"
  [ -f "$CLIENT_KEY.pub" ] || fail 'find the client key' "there is no $CLIENT_KEY.pub" "run: $LAB_HOME/lab prepare"
  # Docker and its images take about 700 MiB of a machine's disk, written as they come.
  check_room 'make its disk' 1024
  rm -rf "$partial"
  mkdir -p "$partial"
  # The kernel belongs to the modules in the file system: a machine keeps to the base it was made from.
  ln -s "$base" "$partial/base"
  printf '%s\n' "$MACHINE_DISK" >"$partial/disk-size"
  image_of_size "$base" "$MACHINE_DISK"
  printf '%s %s\n' "$MACHINE_ADDRESS" "$MACHINE_FORWARD" >"$partial/addresses"
  seed_make "$partial"
  mv "$partial" "$MACHINE_DIR"
}

# seed_make FOLDER: a tar file that the machine reads as its second disk, early in its boot. It holds files only: a
# folder's entry would change the owner and mode of the machine's own.
seed_make() {
  local tree=$1/seed
  mkdir -p "$tree/etc/ssh" "$tree/etc/lab" "$tree/root/.ssh"
  ssh-keygen -q -t ed25519 -N '' -C "root@$MACHINE" -f "$tree/etc/ssh/ssh_host_ed25519_key"
  cp "$CLIENT_KEY.pub" "$tree/root/.ssh/authorized_keys"
  printf '%s\n' "$MACHINE" >"$tree/etc/hostname"
  printf '%s\t%s\n' 127.0.0.1 localhost "$MACHINE_ADDRESS" "$MACHINE" "$GATEWAY" registry.lab >"$tree/etc/hosts"
  printf '%s/24\n' "$MACHINE_ADDRESS" >"$tree/etc/lab/address"
  chmod 644 "$tree/etc/lab/address" "$tree/etc/hostname" "$tree/etc/hosts" "$tree/etc/ssh/ssh_host_ed25519_key.pub"
  (cd "$tree" && find . -type f -print0 | tar --null --owner=0 --group=0 --files-from=- -cf ../seed.tar)
  printf '%s %s\n' "$MACHINE_FORWARD" "$(cut -d' ' -f1,2 "$tree/etc/ssh/ssh_host_ed25519_key.pub")" >"$1/known_hosts"
  rm -r "$tree"
}

# image_of_size BASE MIB: the prepared image is 4096 MiB; other sizes are made from it once, and kept beside it.
image_of_size() {
  local base=$1 size=$2 image=$1/root-$2.img partial=$1/root-$2.partial
  lock_network
  if [ ! -f "$image" ]; then
    say "making a root file system of $size MiB"
    cp --sparse=always "$base/root-4096.img" "$partial"
    [ "$size" -lt 4096 ] || truncate --size "${size}M" "$partial"
    e2fsck -fy "$partial" >/dev/null 2>&1 || [ $? -eq 1 ]
    resize2fs "$partial" "${size}M" >/dev/null 2>&1 ||
      fail 'make its disk' "$size MiB can't hold the root file system" 'set MACHINE_DISK to 4096'
    truncate --size "${size}M" "$partial"
    mv "$partial" "$image"
  fi
  unlock_network
}
