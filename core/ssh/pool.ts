/** One SSH connection per machine, however many ask for it. */
import { createHash } from 'node:crypto';
import { type Duplex } from 'node:stream';
import { messageOf, StepError } from '../errors';
import { type Connection, DEFAULT_PORT } from './connection';
import { dial } from './dial';
import { SshConnection } from './session';
import { untilAborted } from './time-limit';

/** With three of them unanswered, a dead machine is noticed after 28 s. */
const DEFAULT_KEEPALIVE_SECONDS = 7;

export interface PoolOptions {
  /** Seconds between keepalive messages; a connection is dropped after four times as long without an answer. Default 7. */
  keepaliveSeconds?: number;
}

export interface GetOptions {
  signal?: AbortSignal;
  /** Called with a line for the user before each further try. */
  onRetry?: (message: string) => void;
}

/** A connection that is there, or being made for those who wait for it. */
interface Entry {
  connection: Promise<SshConnection>;
  waiting: Set<GetOptions>;
  attempt: AbortController;
}

/**
 * Keeps a connection to each machine for the life of the process. A connection that was lost is forgotten; the next
 * `get` makes a new one.
 */
export class ConnectionPool {
  private readonly entries = new Map<string, Entry>();
  private readonly keepaliveSeconds: number;
  private closed = false;

  constructor(options: PoolOptions = {}) {
    this.keepaliveSeconds = options.keepaliveSeconds ?? DEFAULT_KEEPALIVE_SECONDS;
  }

  /**
   * The connection to a machine, made when there is none. Those who ask at the same time share it; the attempt ends
   * when all of them have aborted.
   * @param machine its name, for messages
   * @throws StepError saying why there is none
   */
  async get(machine: string, connection: Connection, options: GetOptions = {}): Promise<SshConnection> {
    if (this.closed) throw new Error(`${machine}: all connections have been closed`);
    const key = keyOf(machine, connection);
    const entry = this.entries.get(key) ?? this.open(key, machine, connection);
    const waiter = { ...options };
    entry.waiting.add(waiter);
    try {
      return await untilAborted(options.signal, entry.connection);
    } catch (error) {
      if (entry.waiting.size === 1) this.abandon(key, entry, error);
      if (error instanceof StepError) throw error;
      throw new StepError({ machine, step: 'connecting over SSH', kind: 'cancelled', cause: messageOf(error) });
    } finally {
      entry.waiting.delete(waiter);
    }
  }

  /** Ends all connections and attempts. */
  async close(): Promise<void> {
    this.closed = true;
    const entries = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(
      entries.map(async ({ connection, attempt }) => {
        attempt.abort(new Error('all connections are being closed'));
        await connection.then(
          (open) => open.close(),
          () => undefined,
        );
      }),
    );
  }

  private open(key: string, machine: string, connection: Connection): Entry {
    const waiting = new Set<GetOptions>();
    const attempt = new AbortController();
    const onRetry = (message: string): void => {
      for (const { onRetry } of waiting) onRetry?.(message);
    };
    const entry = { connection: this.connect(machine, connection, attempt.signal, onRetry), waiting, attempt };
    this.entries.set(key, entry);
    const forget = (): void => {
      this.forget(key, entry);
    };
    entry.connection.then((open) => {
      // Made just when the last one who wanted it had gone.
      if (attempt.signal.aborted) void open.close();
      else open.onceClosed(forget);
    }, forget);
    return entry;
  }

  /** Nobody waits any more: the attempt ends, and who asks next gets a new one. */
  private abandon(key: string, entry: Entry, reason: unknown): void {
    this.forget(key, entry);
    entry.attempt.abort(reason);
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }

  private async connect(
    machine: string,
    connection: Connection,
    signal: AbortSignal,
    onRetry: (message: string) => void,
  ): Promise<SshConnection> {
    const { host, port = DEFAULT_PORT, proxy } = connection;
    const options = { signal, onRetry, keepaliveSeconds: this.keepaliveSeconds };
    if (!proxy) return new SshConnection(machine, connection, await dial(machine, connection, options));
    await this.jumpHost(machine, proxy, { signal, onRetry });
    // Asked for anew in each try: it may have been lost since.
    const openTransport = async (limit: AbortSignal): Promise<Duplex> =>
      (await this.jumpHost(machine, proxy, { signal: limit, onRetry })).openTcp(host, port, limit);
    return new SshConnection(machine, connection, await dial(machine, connection, { ...options, openTransport }));
  }

  /** Shared by all machines behind it; its failures are told in the name of the machine that wanted it. */
  private async jumpHost(machine: string, proxy: Connection, options: GetOptions): Promise<SshConnection> {
    try {
      return await this.get(`jump host ${proxy.host}`, proxy, options);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      throw new StepError({ ...error.parts, machine, step: `connecting to its jump host ${proxy.host}` });
    }
  }
}

/** Connections differ when any field does; secrets don't stay in the key. */
function keyOf(machine: string, connection: Connection): string {
  const fields = JSON.stringify([machine, connection], (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(fields).digest('hex');
}
