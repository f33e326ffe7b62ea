# shellcheck shell=bash
# What scripts do to the state of an environment in this clone. Sourced after lib.sh and after the settings of
# tools/env; with another backend than a folder there is nothing to do here.

# state_folder: the folder of the file backend; fails with another backend.
state_folder() {
  case ${PULUMI_BACKEND_URL:-} in
    file://*) printf '%s\n' "${PULUMI_BACKEND_URL#file://}/.pulumi" ;;
    *) return 1 ;;
  esac
}

project_name() { sed -n 's|^name: *||p' "$ROOT/Pulumi.yaml"; }

# environment_exists <environment>: asks the file when there is one, because asking Pulumi takes a third of a second.
environment_exists() {
  local state
  if state=$(state_folder); then
    [ -f "$state/stacks/$(project_name)/$1.json" ]
  else
    pulumi stack ls --json 2>/dev/null | grep -q "\"name\": *\"\([^\"]*/\)\{0,1\}$1\""
  fi
}

# create_environment <environment>: unless it exists; also makes it the one that plain pulumi commands speak of. Pulumi
# writes the passphrase's salt into the environment's file and lays all of it out anew: only the salt is kept.
create_environment() {
  local file=$ROOT/Pulumi.$1.yaml text
  if environment_exists "$1"; then return 0; fi
  # A salt without a state was made with a passphrase that is gone.
  if own_backend; then forget_salt "$1"; fi
  text=$(cat "$file")
  pulumi stack select --create "$1" >&2
  if printf '%s\n' "$text" | grep -q '^encryptionsalt:'; then return 0; fi
  text=$text$'\n'$(grep '^encryptionsalt:' "$file" || true)
  printf '%s\n' "${text%$'\n'}" >"$file"
}

# recover <environment>: mends what a Pulumi process that was killed has left, so that the next one can go on.
recover() {
  state_folder >/dev/null || return 0
  recover_lock "$1"
  clear_pending_creates "$1"
}

# recover_lock <environment>: a lock names its process. One on another computer, or one that lives, keeps its lock.
recover_lock() {
  local lock pid stale=''
  for lock in "$(state_folder)/locks/organization/$(project_name)/$1"/*.json; do
    [ -f "$lock" ] || continue
    pid=$(sed -n 's|.*"pid": *\([0-9]*\).*|\1|p' "$lock")
    [ "$(sed -n 's|.*"hostname": *"\([^"]*\)".*|\1|p' "$lock")" = "$(uname -n)" ] || return 0
    if [ "$(process_name "$pid")" = pulumi ]; then
      fail "environment $1 is being changed by another pulumi (process $pid)" "wait for it to end, or stop it: kill -INT $pid"
    fi
    stale="$stale $pid"
  done
  [ -n "$stale" ] || return 0
  say "releasing the lock that a pulumi which is gone (process${stale}) left on environment $1"
  pulumi cancel --yes --stack "$1" >/dev/null 2>&1 ||
    fail "the lock on environment $1 could not be released" "pulumi cancel --stack $1"
}

process_name() { basename "$(ps -o comm= -p "$1" 2>/dev/null || true)"; }

# clear_pending_creates <environment>: Pulumi asks a person to check each create that was cut off. For the types below
# there is nothing to check: creating again adopts what is there. Any other type is left for the person.
clear_pending_creates() {
  local file
  file=$(state_folder)/stacks/$(project_name)/$1.json
  if ! grep -q '"pending_operations"' "$file" 2>/dev/null; then return 0; fi
  node -e '
    const { pending_operations: pending = [] } = require(process.argv[1]).checkpoint.latest ?? {};
    const idempotent = ({ resource }) => /^(swarm|command):/.test(resource.type);
    process.exit(pending.length > 0 && pending.every(idempotent) ? 0 : 1);
  ' "$file" || return 0
  say "environment $1: forgetting the creates that were cut off; they are done again"
  pulumi stack export --stack "$1" | pulumi stack import --stack "$1" >/dev/null 2>&1 ||
    say "they could not be forgotten, which costs no more than Pulumi's warning"
}

# forget_salt <environment>: Pulumi writes the salt of the passphrase into the environment's file, which has no use
# once the state is gone. A file with secrets of the person's own needs it still.
forget_salt() {
  local file=$ROOT/Pulumi.$1.yaml
  if ! grep -q '^encryptionsalt:' "$file" 2>/dev/null || grep -q 'secure:' "$file"; then return 0; fi
  grep -v '^encryptionsalt:' "$file" >"$file.$$"
  cat "$file.$$" >"$file"
  rm -f "$file.$$"
}

# forget_state: removes the clone's state with its passphrase once no environment is left in it, or locked by it.
forget_state() {
  own_backend || return 0
  if ls "$ROOT/.state/.pulumi/stacks"/*/*.json >/dev/null 2>&1; then return 0; fi
  if grep -qs '^encryptionsalt:' "$ROOT"/Pulumi.*.yaml; then return 0; fi
  rm -rf "$ROOT/.state"
}
