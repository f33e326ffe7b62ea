/** A machine one is logged in to. */
import { type Duplex } from 'node:stream';
import { type Client } from 'ssh2';
import { messageOf, StepError, type FailureParts } from '../errors';
import { addressOf, type Connection, DEFAULT_USER } from './connection';
import {
  collect,
  type ExecResult,
  explainExit,
  hangUp,
  isConnectFailure,
  isNotStarted,
  isProhibited,
  type OutputOptions,
  relayed,
  SessionRefusedError,
  UnfinishedError,
} from './channel';
import { Channels } from './channels';
import { asRoot, fileWriter, quote, withEnvironment } from './shell';
import { TimeLimitError, whenAborted, within } from './time-limit';

const DEFAULT_TIMEOUT_SECONDS = 600;
/** How long a forwarded socket may take to open. */
const OPEN_SECONDS = 15;
const CLOSE_SECONDS = 1;

export interface ExecOptions extends OutputOptions {
  /** What the command is for, in messages: `installing Docker`. */
  step?: string;
  /** Standard input of the command; empty by default. The place for secrets. */
  stdin?: string | Buffer;
  /** Environment variables. They travel on standard input, so their values are not in the remote list of processes. */
  env?: Record<string, string>;
  /** Ends the wait at once when aborted. */
  signal?: AbortSignal;
  /** Default 600; Infinity for none. */
  timeoutSeconds?: number;
}

/** A connection to one machine. Get it from a ConnectionPool each time, which makes a new one when this one is lost. */
export class SshConnection {
  private readonly channels: Channels;
  private readonly whenLost: (() => void)[] = [];
  private lost = false;

  /** @param client logged in */
  constructor(
    readonly machine: string,
    private readonly connection: Connection,
    private readonly client: Client,
  ) {
    this.channels = new Channels(client);
    const onLost = (): void => {
      this.markLost();
    };
    client.once('end', onLost).once('close', onLost);
  }

  /** Calls back when the connection has ended, at once if it already has. */
  onceClosed(callback: () => void): void {
    if (this.lost) callback();
    else this.whenLost.push(callback);
  }

  /**
   * Runs a command with the user's login shell; as root when the connection says sudo. When the wait ends early, by
   * signal or time limit, the session is closed; the command ends when it next writes.
   * @throws StepError when the command could not be run to its end; any exit code is a result
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    return this.bounded(options, (signal) => {
      const { commandLine, preamble } = withEnvironment(command, options.env ?? {}, Boolean(options.stdin?.length));
      return this.channels.session(this.needsSudo ? asRoot(commandLine) : commandLine, signal, (channel) => {
        whenAborted(signal, () => {
          hangUp(channel);
        });
        const result = collect(channel, options, signal);
        if (preamble) channel.write(preamble);
        channel.end(options.stdin);
        return result;
      });
    });
  }

  /**
   * Runs a command that has to succeed.
   * @param step what the command is for, in messages: `installing Docker`
   * @returns what it printed on standard output
   * @throws StepError with the exit code and the last lines of standard error
   */
  async run(step: string, command: string, options: ExecOptions = {}): Promise<string> {
    const result = await this.exec(command, { ...options, step });
    if (result.code === 0) return result.stdout;
    throw new StepError({ machine: this.machine, step, ...explainExit(result, this.connection) });
  }

  /**
   * Replaces a file in one step; folders above it are made. The content travels on standard input.
   * @param mode permissions, such as 0o600
   */
  async writeFile(
    path: string,
    content: string | Buffer,
    mode: number,
    options: Pick<ExecOptions, 'signal' | 'timeoutSeconds'> = {},
  ): Promise<void> {
    const stdin = Buffer.from(content);
    await this.run(`writing ${path}`, fileWriter(path, stdin.length, mode), { ...options, stdin });
  }

  /**
   * Opens a connection to a Unix socket of the machine.
   * Where the user may not open the socket itself (sudo), or sshd forwards none, Docker's command line is the way to it.
   */
  async openUnixSocket(path: string, signal?: AbortSignal): Promise<Duplex> {
    const options = { signal, step: `connecting to ${path}`, timeoutSeconds: OPEN_SECONDS };
    const relay = `docker --host ${quote(`unix://${path}`)} system dial-stdio`;
    return this.bounded(options, async (limit) => {
      if (this.needsSudo) return this.channels.session(asRoot(`exec ${relay}`), limit, relayed);
      try {
        return await this.channels.unixSocket(path, limit);
      } catch (error) {
        if (isConnectFailure(error)) throw this.closedSocket(path, options.step);
        if (!isProhibited(error)) throw error;
        return this.channels.session(`exec ${relay}`, limit, relayed);
      }
    });
  }

  /**
   * Opens a TCP connection from the machine to another one.
   * @throws what ssh2 throws: whether another try may succeed is for the caller to see
   */
  async openTcp(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    try {
      return await this.channels.tcp(host, port, signal);
    } catch (error) {
      this.noteLoss(error);
      throw error;
    }
  }

  /** Ends the connection and all that goes on over it. */
  async close(): Promise<void> {
    if (this.lost) return;
    const ended = new Promise<void>((resolve) => {
      this.onceClosed(resolve);
    });
    this.client.end();
    await within({ seconds: CLOSE_SECONDS }, () => ended).catch(() => this.client.destroy());
  }

  private get needsSudo(): boolean {
    return this.connection.sudo === true && (this.connection.user ?? DEFAULT_USER) !== 'root';
  }

  /** ssh2 knows sooner than its events tell. Who tries again shall get another connection. */
  private noteLoss(error: unknown): void {
    if (isNotStarted(error)) this.markLost();
  }

  private markLost(): void {
    if (this.lost) return;
    this.lost = true;
    for (const callback of this.whenLost) callback();
  }

  /** Does the work within its limits, and says in its own words when it could not be done. */
  private async bounded<T>(options: ExecOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const seconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    try {
      return await within({ signal: options.signal, seconds }, work);
    } catch (error) {
      if (error instanceof StepError) throw error;
      this.noteLoss(error);
      const parts = { machine: this.machine, step: options.step ?? 'running a command' };
      throw new StepError({ ...parts, ...this.explain(error, options) });
    }
  }

  private closedSocket(path: string, step: string): StepError {
    const user = this.connection.user ?? DEFAULT_USER;
    const cause = `nothing listens at ${path}, or user ${user} may not open it`;
    return new StepError({ machine: this.machine, step, kind: 'unreachable', cause });
  }

  private explain(error: unknown, options: ExecOptions): Pick<FailureParts, 'cause' | 'cure' | 'kind'> {
    if (options.signal?.aborted) return { kind: 'cancelled', cause: messageOf(error) };
    if (error instanceof TimeLimitError) {
      return {
        kind: 'time-limit',
        cause: messageOf(error),
        cure: 'see what the machine is busy with, then run it again',
      };
    }
    if (this.lost || error instanceof UnfinishedError) {
      return {
        kind: isNotStarted(error) ? 'unreachable' : 'dropped',
        cause: this.lost ? `the connection to ${addressOf(this.connection)} was lost` : messageOf(error),
        cure: 'see that the machine is up, then run it again',
      };
    }
    if (error instanceof SessionRefusedError) {
      return { cause: messageOf(error), cure: "raise MaxSessions in the machine's sshd_config" };
    }
    return { cause: messageOf(error) };
  }
}
