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
 * for names in its AcceptEnv. The shell built-in `read` takes exactly the preamble, so that the rest of standard input
 * is left for the command itself.
 * @throws Error when a name isn't one a shell takes, or a value has a NUL; the value is not quoted
 */
export function withEnvironment(command: string, environment: Record<string, string> = {}): RemoteCommand {
  const variables = Object.entries(environment);
  if (variables.length === 0) return { commandLine: command, preamble: '' };
  const end = `end-${randomBytes(12).toString('hex')}`;
  const script =
    `_n=$(printf '\\nx'); _n=\${_n%x}; _p=; ` +
    `while IFS= read -r _l && [ "$_l" != ${end} ]; do _p="$_p$_l$_n"; done; ` +
    `eval "$_p"; exec "\${SHELL:-/bin/sh}" -c "$1"`;
  return {
    commandLine: `sh -c ${quote(script)} sh ${quote(command)}`,
    preamble: [...variables.map(([name, value]) => exportLine(name, value)), end, ''].join('\n'),
  };
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
