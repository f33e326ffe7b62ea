# shellcheck shell=bash
# Packets between containers and networks are forwarded, and pass the rules of iptables on their way over a bridge.
# After the kernel modules: the bridge parameters come with br_netfilter.
begin 'set kernel parameters'
lines=('# Kernel parameters of Docker swarm networks')
for setting in \
  net.ipv4.ip_forward=1 \
  net.bridge.bridge-nf-call-iptables=1 \
  net.bridge.bridge-nf-call-ip6tables=1; do
  parameter=/proc/sys/$(tr . / <<<"${setting%=*}")
  value=${setting#*=}
  [ -e "$parameter" ] || continue
  lines+=("$setting")
  if [ "$(cat "$parameter")" != "$value" ]; then
    printf '%s\n' "$value" >"$parameter"
  fi
done
printf '%s\n' "${lines[@]}" | install_file /etc/sysctl.d/90-swarm.conf
