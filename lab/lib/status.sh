# shellcheck shell=bash

# lab_status: the network, the registry and each machine, one line each.
lab_status() {
  local folder state ports
  if [ ! -d "$LAB_DIR" ]; then
    printf 'lab %s is not up\n' "$LAB"
    return
  fi
  printf 'network   %s.0/24 in the network namespace %s: %s\n' "$LAB_SUBNET" "$NAMESPACE" \
    "$([ "$(namespace_owner)" = "$LAB_DIR" ] && echo up || echo gone)"
  printf 'registry  registry.lab:5000 at %s: %s\n' "$GATEWAY" \
    "$(is_running "$REGISTRY_DIR/server" && echo up || echo down)"
  for folder in "$MACHINES_DIR"/*/; do
    folder=${folder%/}
    [ -f "$folder/addresses" ] || continue
    state=$(is_running "$folder/kernel" && echo up || echo down)
    ports=$(lab_processes "$folder" | sed -n 's|.*/forward-[0-9.]*-||p' | sort -n | tr '\n' ' ')
    printf 'machine   %s %s: %s, forwarded ports %s\n' "${folder##*/}" "$(cat "$folder/addresses")" "$state" \
      "${ports:-none}"
  done
}
