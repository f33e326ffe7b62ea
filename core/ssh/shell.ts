/** Command lines for a remote POSIX shell. */
import { randomBytes } from 'node:crypto';

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export interface RemoteCommand {
  /** What sshd is asked to run. Everyone on the machine can read it in the list of processes. */
  commandLine: string;
  /** To be written to its standard input before anything else. */
  preamble: string;
}

/**
 * A command with environment variables. Their values travel on standard input, not in the command line, because
 * command lines can be read by everyone on the machine; and not as SSH `env` requests, because sshd takes those only
 * for names in its AcceptEnv.
 * @param hasInput whether the command is given a standard input of its own, which follows the preamble
 * @throws Error when a name isn't one a shell takes, or a value has a NUL; the value is not quoted
 */
export function withEnvironment(
  command: string,
  environment: Record<string, string>,
  hasInput: boolean,
): RemoteCommand {
  const variables = Object.entries(environment);
  if (variables.length === 0) return { commandLine: command, preamble: '' };
  const exports = variables.map(([name, value]) => `${exportLine(name, value)}\n`).join('');
  const end = `end-${randomBytes(12).toString('hex')}`;
  const script = `${hasInput ? readUpTo(end) : '_p=$(cat)'}; eval "$_p"; exec "\${SHELL:-/bin/sh}" -c "$1"`;
  return {
    commandLine: `sh -c ${quote(script)} sh ${quote(command)}`,
    preamble: hasInput ? `${exports}${end}\n` : exports,
  };
}

/** The built-in `read` takes whole lines and nothing beyond them, for which it has to read byte by byte. */
function readUpTo(end: string): string {
  return (
    `_n=$(printf '\\nx'); _n=\${_n%x}; _p=; ` + `while IFS= read -r _l && [ "$_l" != ${end} ]; do _p="$_p$_l$_n"; done`
  );
}

function exportLine(name: string, value: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new Error(`${JSON.stringify(name)} can't be the name of an environment variable`);
  }
  if (value.includes('\0')) throw new Error(`the environment variable ${name} has a NUL character in its value`);
  return `export ${name}=${quote(value)}`;
}

/** The command run as root by a user who may do so without a password. */
export function asRoot(commandLine: string): string {
  return `sudo -n -- sh -c ${quote(commandLine)}`;
}

/**
 * A command that replaces a file in one step by what it reads from standard input; folders above it are made.
 * @param bytes size of the content: when the connection is lost half-way, the old file stays
 */
export function fileWriter(path: string, bytes: number, mode: number): string {
  const script =
    `set -e; umask 022; mkdir -p "$(dirname "$1")"; t=$(mktemp "$1.XXXXXX"); trap 'rm -f "$t"' EXIT; cat >"$t"; ` +
    `[ "$(wc -c <"$t")" -eq ${bytes} ] || { echo "only a part of the file arrived" >&2; exit 1; }; ` +
    `chmod ${mode.toString(8).padStart(4, '0')} "$t"; mv -f "$t" "$1"`;
  return `sh -c ${quote(script)} sh ${quote(path)}`;
}
