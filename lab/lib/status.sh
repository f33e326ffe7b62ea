# shellcheck shell=bash

# lab_status: the network, the registry and each machine, one line each.
lab_status() {
  local folder address state ports
  if [ ! -d "$LAB_DIR" ]; then
    printf 'lab %s is not up\n' "$LAB"
    return
  fi
  if [ "$(namespace_owner)" = "$LAB_DIR" ]; then
    printf 'network   up, %s in the network namespace %s\n' "$(bridge_address)" "$NAMESPACE"
  else
    printf 'network   down\n'
  fi
  printf 'registry  %s, registry.lab:5000\n' "$(is_running "$REGISTRY_DIR/server" && echo up || echo down)"
  for folder in "$MACHINES_DIR"/*/; do
    folder=${folder%/}
    [ -f "$folder/addresses" ] || continue
    state=$(is_running "$folder/kernel" && echo up || echo down)
    read -r address _ <"$folder/addresses"
    if has_cable "$address" && ! has_cable "$address" master "$BRIDGE"; then state+=' and cut off the network'; fi
    ports=$(lab_processes "$folder" | sed -n 's|.*/forward-[0-9.]*-||p' | sort -n | tr '\n' ' ')
    printf 'machine   %s, %s at %s, forwarded ports %s\n' "$state" "${folder##*/}" "$(cat "$folder/addresses")" \
      "${ports:-none}"
  done
}
