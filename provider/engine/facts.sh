# shellcheck shell=sh
# Prints what the provider has to know of a machine before it decides anything: `key=value`, a line each.
# Changes nothing. Plain POSIX shell, as it runs before anything is installed. Packages to look at: PACKAGES. Whether to
# look for kernel features, which takes a slow machine a second: FEATURES=yes.
set -u

# How the running kernel has a feature: loaded, available (a module that can be loaded), builtin or missing.
feature() { # module, kernel configuration option
  if [ -d "/sys/module/$1" ] || grep -q "^$1 " /proc/modules 2>/dev/null; then
    echo loaded
  elif modprobe -n -q "$1" 2>/dev/null; then
    echo available
  elif { zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null | grep -q "^CONFIG_$2=y"; then
    echo builtin
  else
    echo missing
  fi
}

# Docker may run without systemd knowing of it.
running() {
  if systemctl cat docker >/dev/null 2>&1; then
    systemctl is-active -q docker && echo yes
  else
    pidof -s dockerd >/dev/null 2>&1 && echo yes
  fi
}

PATH=$PATH:/usr/sbin:/sbin
echo "kernel=$(uname -r)"
echo "architecture=$(uname -m)"
echo "user=$(id -u)"
# shellcheck source=/dev/null
echo "distribution=$(. /etc/os-release && echo "$ID $VERSION_ID")"
echo "apt=$(command -v apt-get || true)"
echo "dockerd=$(command -v dockerd || true)"
echo "running=$(running)"
# Left by a change of the engine that was interrupted; dockerd writes its pid file when it starts.
echo "restartDue=$(find /run/pulumi-swarm-engine-change -newer /run/docker.pid 2>/dev/null)"
echo "clock=$(date +%s)"
echo "diskFreeMegabytes=$(df -Pm /var/lib 2>/dev/null | awk 'NR == 2 { print $4 }')"
echo "cgroups=$(stat -fc %T /sys/fs/cgroup 2>/dev/null)"

[ "$FEATURES" != yes ] || for pair in overlay:OVERLAY_FS bridge:BRIDGE br_netfilter:BRIDGE_NETFILTER veth:VETH vxlan:VXLAN ip_vs:IP_VS \
  ip_vs_rr:IP_VS_RR nf_conntrack:NF_CONNTRACK iptable_nat:IP_NF_NAT nf_tables:NF_TABLES; do
  echo "feature.${pair%%:*}=$(feature "${pair%%:*}" "${pair#*:}")"
done

for package in $PACKAGES; do
  echo "package.$package=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$package" 2>/dev/null)"
done
echo "daemonFile=$(base64 -w0 /etc/docker/daemon.json 2>/dev/null)"
