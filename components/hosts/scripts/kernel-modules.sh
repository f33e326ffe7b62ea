# shellcheck shell=bash
# Modules that swarm's networks need, now and at every boot. What a kernel has built in, or lacks, is passed over here;
# whether it can carry a swarm is checked before Docker is installed.
# Source of the list: moby, contrib/check-config.sh.
begin 'load kernel modules'
present=()
for module in overlay bridge br_netfilter ip_vs ip_vs_rr vxlan; do
  if modprobe --dry-run --quiet "$module"; then
    modprobe "$module"
    present+=("$module")
  fi
done
printf '%s\n' '# Kernel modules of Docker swarm networks' "${present[@]}" | install_file /etc/modules-load.d/swarm.conf
