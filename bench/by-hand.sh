#!/usr/bin/env bash
# What `pulumi up` does for the environment dev, as a plain script would do it: five machines side by side, Docker on
# each over SSH, the swarm, the stack home. The benchmark compares with it; nothing else uses it.
# LAB, LAB_SUBNET: the lab that the machines are made in. For each thing done it prints `done <phase> <what>`.
# The machines stay; `lab/lab down` removes them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Name, last number of the address, role, label zone; the first one starts the swarm.
NODES='node1 11 manager a
node2 12 manager b
node3 13 manager c
node4 14 worker a
node5 15 worker b'
DAEMON='{
  "insecure-registries": ["registry.lab:5000"],
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" }
}'
IMAGES='HTTPD_IMAGE=registry.lab:5000/swarm/httpd:1 VISUALIZER_IMAGE=registry.lab:5000/swarm/visualizer:1'
FORWARD=127.${LAB_SUBNET#*.}

main() {
  work=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  configure_ssh
  lab/lab network up
  for_each_node prepare
  form_swarm
  on node1 "$IMAGES docker stack deploy --compose-file - home" <stacks/home/compose.yaml >/dev/null
  mapfile -t addresses < <(awk -v network="$FORWARD" '{ print network "." $2 }' <<<"$NODES")
  bench/wait-for-answers "${addresses[@]}"
  finished service home
}

finished() { printf 'done %s %s\n' "$1" "$2"; }

# One connection per machine, kept open; the host key is what the lab printed for the machine, and nothing else.
configure_ssh() {
  local name number
  cat >"$work/ssh_config" <<CONFIG
Host *
  User root
  IdentityFile ${SWARM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-swarm}/lab/id_ed25519
  IdentitiesOnly yes
  BatchMode yes
  ConnectTimeout 10
  StrictHostKeyChecking yes
  UserKnownHostsFile $work/known_hosts
  ControlMaster auto
  ControlPath $work/%n
  ControlPersist 60
CONFIG
  while read -r name number _; do
    printf 'Host %s\n  HostName %s.%s\n' "$name" "$FORWARD" "$number" >>"$work/ssh_config"
  done <<<"$NODES"
}

clean_up() {
  local name
  jobs -p | xargs -r kill 2>/dev/null || true
  while read -r name _; do
    [ ! -S "$work/$name" ] || ssh -F "$work/ssh_config" -O exit "$name" 2>/dev/null </dev/null || true
  done <<<"$NODES"
  rm -rf "$work"
}

# on <machine> <command>
on() { ssh -F "$work/ssh_config" "$@"; }

# for_each_node <function>: side by side, each with name, number, role and zone.
for_each_node() {
  local node job jobs=()
  while read -ra node; do
    "$1" "${node[@]}" </dev/null &
    jobs+=("$!")
  done <<<"$NODES"
  for job in "${jobs[@]}"; do wait "$job"; done
}

prepare() {
  local name=$1 number=$2
  MACHINE=$name MACHINE_ADDRESS=$LAB_SUBNET.$number MACHINE_FORWARD=$FORWARD.$number MACHINE_PORTS='80 8080' \
    MACHINE_MEMORY=768 lab/lab machine up >"$work/$name.json"
  sed "s/.*\"hostKey\":\"\([^\"]*\)\".*/$FORWARD.$number \1/" "$work/$name.json" >>"$work/known_hosts"
  finished machines "$name"
  on "$name" 'mkdir -p /etc/docker && cat >/etc/docker/daemon.json &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends docker.io docker-cli' \
    <<<"$DAEMON" >/dev/null
  finished docker "$name"
}

# Managers join one at a time, as each one changes who has a vote; the workers meanwhile.
form_swarm() {
  local name number role zone labels joining tokens
  tokens=$(on node1 "docker swarm init --advertise-addr $LAB_SUBNET.11 >/dev/null &&
    docker swarm join-token -q manager && docker swarm join-token -q worker")
  worker_token=${tokens#*$'\n'}
  for_each_node join_worker &
  joining=$!
  while read -r name number role zone; do
    [ "$role" != manager ] || [ "$name" = node1 ] || join "$name" "$number" <<<"${tokens%%$'\n'*}"
  done <<<"$NODES"
  wait "$joining"
  labels=$(while read -r name number role zone; do
    printf 'docker node update --label-add zone=%s %s\n' "$zone" "$name"
  done <<<"$NODES")
  on node1 "set -e
    until [ \"\$(docker node ls --format '{{.Status}}' | grep -c Ready)\" = 5 ]; do sleep 0.2; done
    $labels" >/dev/null
  finished swarm labels
}

join_worker() { [ "$3" != worker ] || join "$1" "$2" <<<"$worker_token"; }

# join <machine> <number>: the token comes on standard input, so that no list of processes here shows it.
join() {
  # shellcheck disable=SC2016 # the machine's shell expands it
  on "$1" 'docker swarm join --token "$(cat)"' --advertise-addr "$LAB_SUBNET.$2" "$LAB_SUBNET.11:2377" >/dev/null
}

main
