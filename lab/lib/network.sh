# shellcheck shell=bash
# The lab's network: a namespace with a bridge, no route out of it and none in. The registry listens on the bridge.

in_network() { nsenter --net="/run/netns/$NAMESPACE" "$@"; }

# answers ADDRESS PORT: does something accept TCP connections there, inside the lab?
answers() {
  in_network timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null
}

namespace_exists() { ip -n "$NAMESPACE" link show lo >/dev/null 2>&1; }

# namespace_owner: the folder of the lab the namespace belongs to; empty when it belongs to none, or isn't finished.
namespace_owner() { (ip -n "$NAMESPACE" link show "$BRIDGE" 2>/dev/null || true) | sed -n 's/^ *alias //p'; }

bridge_address() { ip -n "$NAMESPACE" -4 -oneline address show "$BRIDGE" | awk '{ print $4; exit }'; }

network_is_up() { [ "$(namespace_owner)" = "$LAB_DIR" ] && is_running "$REGISTRY_DIR/server"; }

network_up() {
  local image
  require_product "$(programs_path)"
  for image in $(image_names); do require_product "$(image_path "$image")"; done
  lock_network
  if ! namespace_exists; then
    check_subnet_free
    namespace_make
  fi
  namespace_is_ours || fail_namespace
  mkdir -p "$MACHINES_DIR"
  finish_bridge
  check_same_subnet
  registry_up
  unlock_network
}

namespace_make() {
  mkdir -p "$LAB_DIR"
  : >"$LAB_DIR/namespace-begun"
  # A name without a namespace behind it is what a restart of a container leaves.
  [ ! -e "/run/netns/$NAMESPACE" ] || ip netns delete "$NAMESPACE"
  (umask 022 && ip netns add "$NAMESPACE")
  say "network $LAB_SUBNET.0/24 in the network namespace $NAMESPACE"
}

# namespace_is_ours: it is marked, or was begun by a run that was interrupted before it could mark it.
namespace_is_ours() {
  local owner
  owner=$(namespace_owner)
  [ "$owner" = "$LAB_DIR" ] || { [ -z "$owner" ] && [ -f "$LAB_DIR/namespace-begun" ]; }
}

# finish_bridge: every line may have been done by a run before; the alias comes last, as the mark that all is.
finish_bridge() {
  [ "$(namespace_owner)" != "$LAB_DIR" ] || return 0
  ip -n "$NAMESPACE" link show "$BRIDGE" >/dev/null 2>&1 ||
    ip -n "$NAMESPACE" link add "$BRIDGE" type bridge stp_state 0 forward_delay 0
  in_network sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  # Without one of its own, its MAC address would change as machines come and go.
  ip -n "$NAMESPACE" link set "$BRIDGE" address "$(mac_of "$GATEWAY")"
  ip -n "$NAMESPACE" address replace "$GATEWAY/24" dev "$BRIDGE"
  ip -n "$NAMESPACE" link set lo up
  ip -n "$NAMESPACE" link set "$BRIDGE" up
  ip -n "$NAMESPACE" link set "$BRIDGE" alias "$LAB_DIR"
  rm -f "$LAB_DIR/namespace-begun"
}

# registry_up: the lab has a copy of the prepared images, because its machines may push others.
registry_up() {
  local image tries=0
  mkdir -p "$REGISTRY_DIR/storage"
  for image in $(image_names); do cp -a --update "$(image_path "$image")/." "$REGISTRY_DIR/storage"; done
  is_running "$REGISTRY_DIR/server" && return
  cat >"$REGISTRY_DIR/config.yml" <<YAML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: $REGISTRY_DIR/storage }
  delete: { enabled: true }
http: { addr: '$GATEWAY:5000' }
YAML
  start_process "$REGISTRY_DIR/server" "$REGISTRY_DIR/log" nsenter --net="/run/netns/$NAMESPACE" \
    env OTEL_TRACES_EXPORTER=none "$(programs_path)/usr/bin/docker-registry" serve "$REGISTRY_DIR/config.yml"
  until answers "$GATEWAY" 5000; do
    tries=$((tries + 1))
    if [ "$tries" -gt 50 ]; then
      fail 'start the registry' "$(tail -n 1 "$REGISTRY_DIR/log")" "see $REGISTRY_DIR/log, then run this again"
    fi
    sleep 0.1
  done
  say "registry registry.lab:5000 at $GATEWAY"
}

# leave_no_mount: `ip netns add` mounts /run/netns over itself, and never takes that back.
leave_no_mount() {
  if mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ]; then
    umount /run/netns && rmdir /run/netns
  fi
}

# lab_down: everything, whatever state it is in.
lab_down() {
  local numbers
  end_below "$LAB_DIR"
  if namespace_exists && namespace_is_ours; then
    mapfile -t numbers < <(ip netns pids "$NAMESPACE")
    end_processes "${numbers[@]}"
    ip netns delete "$NAMESPACE"
  fi
  leave_no_mount
  if [ -d "$LAB_DIR" ]; then
    rm -rf "$LAB_DIR"
    say 'removed'
  fi
}
