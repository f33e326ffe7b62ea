/** Channels of an SSH connection: what goes in and out of a remote command. */
import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { type ClientChannel } from 'ssh2';
import { type FailureParts } from '../errors';
import { type Connection, DEFAULT_USER } from './connection';
import { Output } from './output';

const DEFAULT_OUTPUT_LIMIT = 1024 * 1024;
/** How much of a failed command's output goes into the message. */
const SHOWN = { lines: 3, characters: 500 };
/** Reasons why a channel can't be opened. RFC 4254, section 5.1. */
const OPEN_FAILURE = { administrativelyProhibited: 1, connectFailed: 2 };

export interface OutputOptions {
  /** Called for every line of standard output. */
  onStdout?: (line: string) => void;
  /** Called for every line of standard error. */
  onStderr?: (line: string) => void;
  /** How many bytes of each output are kept, from its end. Default 1 MiB. */
  outputLimit?: number;
}

export interface ExecResult {
  /** Exit code; 128 and more when a signal ended the command, as a shell counts it. */
  code: number;
  /** Signal that ended the command, `SIGKILL`. */
  signal?: string;
  stdout: string;
  stderr: string;
}

/** The channel was closed before the command's end was known. */
export class UnfinishedError extends Error {
  constructor() {
    super('the machine closed the session before the command had ended');
  }
}

/** sshd opens no session at all. */
export class SessionRefusedError extends Error {
  constructor() {
    super('the machine allows no session (MaxSessions)');
  }
}

/** Reads both outputs to their end. Nothing is called back after the signal is aborted. */
export function collect(channel: ClientChannel, options: OutputOptions, signal: AbortSignal): Promise<ExecResult> {
  const outputOf = (onLine?: (line: string) => void): Output =>
    new Output(options.outputLimit ?? DEFAULT_OUTPUT_LIMIT, (line) => {
      if (!signal.aborted) onLine?.(line);
    });
  const stdout = outputOf(options.onStdout);
  const stderr = outputOf(options.onStderr);
  channel.on('data', (chunk: Buffer) => {
    stdout.write(chunk);
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    let exit: Pick<ExecResult, 'code' | 'signal'> | undefined;
    let open = 2;
    const closed = (): void => {
      if (--open > 0) return;
      stdout.end();
      stderr.end();
      if (exit) resolve({ ...exit, stdout: stdout.text(), stderr: stderr.text() });
      else reject(new UnfinishedError());
    };
    channel.on('exit', (code: number | null, name?: string) => {
      exit = code === null ? { code: 128 + signalNumber(name), signal: name } : { code };
    });
    channel.once('error', reject).once('close', closed);
    channel.stderr.once('close', closed);
  });
}

function signalNumber(name: string | undefined): number {
  return name !== undefined && name in constants.signals ? constants.signals[name as NodeJS.Signals] : 0;
}

/**
 * Ends a session without waiting for the other end. No signal is sent: SSH has one for it, but sshd passes it on only
 * in some set-ups, not for root. The command notices when it next reads or writes; one that must not be cut off there
 * (a package manager) is better detached from the session.
 */
export function hangUp(channel: ClientChannel): void {
  // A channel that nobody reads never closes.
  channel.resume();
  channel.stderr.resume();
  channel.close();
}

/** A command's standard input and output as a stream that fails with the command's own words. */
export function relayed(channel: ClientChannel): Duplex {
  const stderr = new Output(DEFAULT_OUTPUT_LIMIT);
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.write(chunk);
  });
  const exit = new Promise<number | null>((resolve) => {
    channel.once('exit', resolve).once('close', () => {
      resolve(null);
    });
  });
  async function* untilExit(): AsyncGenerator<Buffer> {
    for await (const chunk of channel) yield chunk as Buffer;
    if ((await exit) !== 0) throw new Error(lastLines(stderr.text()) || 'the machine closed the session');
  }
  return Duplex.from({ readable: untilExit(), writable: channel });
}

/** Whether the machine answered that it won't open the channel. */
export function isRefused(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number';
}

/**
 * Whether the connection was lost before the command can have started, so that running it again is safe. The messages
 * are ssh2's: nothing else tells these cases apart.
 */
export function isNotStarted(error: unknown): boolean {
  return error instanceof Error && ['Not connected', 'No response from server'].includes(error.message);
}

/** Whether the machine's sshd is set up not to forward. */
export function isProhibited(error: unknown): boolean {
  return (error as { reason?: unknown }).reason === OPEN_FAILURE.administrativelyProhibited;
}

/** Whether the machine could not reach what it was to forward to. */
export function isConnectFailure(error: unknown): boolean {
  return (error as { reason?: unknown }).reason === OPEN_FAILURE.connectFailed;
}

/** What a command's failure looks like to the user. */
export function explainExit(result: ExecResult, connection: Connection): Pick<FailureParts, 'cause' | 'cure'> {
  const ending = result.signal ? `ended by ${result.signal}` : `exit code ${result.code}`;
  const words = lastLines(result.stderr) || lastLines(result.stdout);
  const cause = words ? `${words} (${ending})` : ending;
  if (!/^sudo: .*(password is required|not allowed|not in the sudoers)/m.test(result.stderr)) return { cause };
  const user = connection.user ?? DEFAULT_USER;
  return {
    cause,
    cure: `let user ${user} run sudo without a password (NOPASSWD in /etc/sudoers.d), or connect as root`,
  };
}

/** The end of what a command printed, short enough for a message. */
export function lastLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-SHOWN.lines)
    .join('; ')
    .slice(-SHOWN.characters);
}
