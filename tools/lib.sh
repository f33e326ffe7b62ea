# shellcheck shell=bash
# What the scripts in tools/ share: places, pinned versions, messages. Sourced, never run.
# Kept to what bash 3.2 knows, because that is what macOS ships.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${SWARM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-swarm}
TOOLCHAINS=$CACHE/toolchain

# The Go modules pin the CLI, package.json the plugin, so that each version is written once.
PULUMI_VERSION=$(sed -n 's|^.*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*$|\1|p' "$ROOT/tools/pulumi/go.mod")
COMMAND_PLUGIN_VERSION=$(sed -n 's|^.*"@pulumi/command": *"\([0-9.]*\)".*$|\1|p' "$ROOT/package.json")

# say <message>: one line of progress for the person watching.
say() { printf '%s\n' "$*" >&2; }

# fail <what failed and why> <what to do>: ends the script with an error.
fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  to do: %s\n' "$2" >&2
  exit 1
}

# digest <file>...: a short digest of the contents of all files.
digest() {
  if command -v sha256sum >/dev/null; then cat "$@" | sha256sum; else cat "$@" | shasum -a 256; fi | cut -c1-12
}

# within <seconds> <command>...: ends the command when it takes longer. macOS has no timeout(1), so no limit there.
within() {
  local seconds=$1
  shift
  if command -v timeout >/dev/null; then timeout -k 5 "$seconds" "$@"; else "$@"; fi
}

# built_toolchain, released_toolchain: the folders for a toolchain built from Go modules and for the official release.
built_toolchain() {
  printf '%s\n' "$TOOLCHAINS/built-$PULUMI_VERSION-$(digest "$ROOT"/tools/{pulumi,language-nodejs}/go.{mod,sum})"
}
released_toolchain() { printf '%s\n' "$TOOLCHAINS/release-$PULUMI_VERSION"; }

# toolchain_bin: prints the folder to put on PATH to have Pulumi, nothing when PATH has it already. Fails when there is
# no Pulumi yet.
toolchain_bin() {
  local folder
  if has_pulumi_on_path; then return 0; fi
  for folder in "$(released_toolchain)" "$(built_toolchain)"; do
    if [ -x "$folder/bin/pulumi" ]; then
      printf '%s\n' "$folder/bin"
      return 0
    fi
  done
  return 1
}

# Pulumi looks for a language host on PATH, then beside its own executable.
has_pulumi_on_path() {
  local pulumi
  pulumi=$(command -v pulumi) || return 1
  if command -v pulumi-language-nodejs >/dev/null; then return 0; fi
  while [ -L "$pulumi" ]; do
    pulumi=$(cd "$(dirname "$pulumi")" && cd "$(dirname "$(readlink "$pulumi")")" && pwd)/$(basename "$(readlink "$pulumi")")
  done
  [ -x "$(dirname "$pulumi")/pulumi-language-nodejs" ]
}

# own_backend: whether the state is in this clone, which is so unless the person chose another backend.
own_backend() {
  case ${PULUMI_BACKEND_URL:-} in
    "file://$ROOT/.state") return 0 ;;
    '') ! grep -q '^backend:' "$ROOT/Pulumi.yaml" 2>/dev/null ;;
    *) return 1 ;;
  esac
}

# pulumi_home: Pulumi's own folder. With another backend it stays the usual one, where the person's login is.
pulumi_home() {
  if [ -n "${PULUMI_HOME:-}" ]; then
    printf '%s\n' "$PULUMI_HOME"
  elif own_backend; then
    printf '%s\n' "$CACHE/pulumi"
  else
    printf '%s\n' "$HOME/.pulumi"
  fi
}

# uses_lab <environment>: whether its machines are the lab's User-Mode Linux machines. Read from the text of its file,
# which is long before there is anything that can parse it.
uses_lab() { grep -qE "^[^#]*[{ ]kind: *['\"]?uml" "$ROOT/Pulumi.$1.yaml" 2>/dev/null; }

# lab_of <environment>: the name of its lab.
lab_of() {
  local name
  name=$(sed -n "s|^[^#]*[{ ,]lab: *['\"]\{0,1\}\([a-z0-9]*\).*\$|\1|p" "$ROOT/Pulumi.$1.yaml" | head -n 1)
  printf '%s\n' "${name:-dev}"
}
