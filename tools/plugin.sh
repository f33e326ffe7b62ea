# shellcheck shell=bash
# Which plugin `command` Pulumi uses: the official one, or, where that can't be had, the project's own. Sourced after
# lib.sh.

OWN_PLUGIN=$ROOT/tools/command-plugin/pulumi-resource-command
INSTALLED=plugins/resource-command-v$COMMAND_PLUGIN_VERSION/pulumi-resource-command

# official_command_plugin: prints the folder to put on PATH to have the official plugin, nothing when Pulumi finds it
# by itself. Fails when it isn't on this computer.
official_command_plugin() {
  local installed
  if PATH=$(path_without_own_plugin) command -v pulumi-resource-command >/dev/null; then return 0; fi
  installed=$(pulumi_home)/$INSTALLED
  if [ -x "$installed" ] && [ ! -L "$installed" ]; then return 0; fi
  [ -x "$HOME/.pulumi/$INSTALLED" ] && dirname "$HOME/.pulumi/$INSTALLED"
}

# install_own_plugin <Pulumi's folder>: a link where Pulumi installs plugins, because it warns at every use of one that
# it finds on PATH. Fails for a folder that isn't the project's: there, nothing is put that could pass for the official.
install_own_plugin() {
  local link=$1/$INSTALLED
  [ "$1" = "$CACHE/pulumi" ] || return 1
  [ "$(readlink "$link" 2>/dev/null)" != "$OWN_PLUGIN" ] || return 0
  mkdir -p "$(dirname "$link")"
  ln -s "$OWN_PLUGIN" "$link.$$"
  mv -f "$link.$$" "$link"
}

# make_room_for_official_plugin: Pulumi installs nothing where it finds a plugin.
make_room_for_official_plugin() {
  local installed
  installed=$(pulumi_home)/$INSTALLED
  if [ -L "$installed" ]; then rm -rf "$(dirname "$installed")"; fi
}

path_without_own_plugin() {
  local path=:$PATH:
  path=${path//":$(dirname "$OWN_PLUGIN"):"/:}
  path=${path#:}
  printf '%s\n' "${path%:}"
}
