/**
 * HTTP to a remote engine's socket, over the machine's SSH connection.
 *
 * Not dockerode: bundled beside ssh2 and grpc-js it costs each run 35 ms and 4 MB, most of it for an image builder that
 * isn't used here, and its calls would have to be wrapped all the same for time limits and for errors.
 */
import { type IncomingMessage, request } from 'node:http';
import { type Duplex } from 'node:stream';
import { messageOf, StepError } from '../errors';
import { type SshConnection } from '../ssh/connection';
import { TimeLimitError, whenAborted, within } from '../ssh/time-limit';
import { type ApiFilter } from './types';

/** Part of what a manager answers that waits for the unlock key (moby, daemon/cluster). */
const LOCKED = 'needs to be unlocked';

const SOCKET = '/var/run/docker.sock';
const DEFAULT_TIMEOUT_SECONDS = 30;

export interface CallOptions {
  /** Ends the call at once when aborted. */
  signal?: AbortSignal;
  /** Default: that of the client. */
  timeoutSeconds?: number;
}

export interface ClientOptions {
  /** Limit of one call; default 30. */
  timeoutSeconds?: number;
  /** Default /var/run/docker.sock. */
  socketPath?: string;
}

export interface ApiRequest {
  /** What the call is for, in messages: `joining the swarm`. */
  step: string;
  method?: 'GET' | 'POST' | 'DELETE';
  /**
   * Without a version: the engine then speaks its newest one, so that neither an old nor a future engine refuses
   * (Docker 29 has dropped all below 1.44). What is used here has stayed the same since 1.41.
   */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  filter?: ApiFilter;
  body?: unknown;
}

/** The engine answered with an error. */
export class ApiError extends StepError {
  constructor(
    machine: string,
    step: string,
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super({ machine, step, cause: message || `the engine answered with status ${status}`, cure: cureFor(message) });
    this.name = 'ApiError';
  }
}

function cureFor(message: string): string | undefined {
  if (message.includes('does not have a leader')) return 'bring back enough managers for a majority';
  if (message.includes(LOCKED)) return 'run `docker swarm unlock` on that machine with the unlock key';
  return undefined;
}

/** Whether the engine says that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Whether the engine says that its manager waits for the unlock key. */
export function isLocked(error: unknown): boolean {
  return error instanceof ApiError && error.parts.cause.includes(LOCKED);
}

export class EngineClient {
  readonly machine: string;
  private readonly socketPath: string;
  private readonly timeoutSeconds: number;

  constructor(
    private readonly ssh: Pick<SshConnection, 'machine' | 'openUnixSocket'>,
    options: ClientOptions = {},
  ) {
    this.machine = ssh.machine;
    this.socketPath = options.socketPath ?? SOCKET;
    this.timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  }

  /** One call whose answer is JSON, or nothing. */
  async json<T>(call: ApiRequest, options: CallOptions = {}): Promise<T> {
    const body = await this.bytes(call, options);
    try {
      return (body.length > 0 ? JSON.parse(body.toString('utf8')) : undefined) as T;
    } catch {
      // The parser's own message quotes the answer, which may be a secret.
      throw new StepError({ machine: this.machine, step: call.step, cause: "the engine's answer is not JSON" });
    }
  }

  /** One call, and the body of its answer. */
  async bytes(call: ApiRequest, options: CallOptions = {}): Promise<Buffer> {
    const seconds = options.timeoutSeconds ?? this.timeoutSeconds;
    return this.explained(call.step, options.signal, () =>
      within({ signal: options.signal, seconds }, async (signal) => readAll(await this.send(call, signal))),
    );
  }

  /** A call whose answer goes on until the signal is aborted. Only its beginning has a time limit. */
  async *stream(call: ApiRequest, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const ending = new AbortController();
    const forget = whenAborted(signal, (reason) => {
      ending.abort(reason);
    });
    try {
      const response = await this.explained(call.step, signal, () =>
        within({ signal, seconds: this.timeoutSeconds }, () => this.send(call, ending.signal)),
      );
      const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
      for (;;) {
        const { value } = await this.explained(call.step, signal, () => chunks.next());
        if (!value) return;
        yield value;
      }
    } finally {
      forget();
      ending.abort();
    }
  }

  private async send(call: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const socket = await this.ssh.openUnixSocket(this.socketPath, signal);
    const response = await exchange(socket, call, signal);
    if (response.statusCode !== undefined && response.statusCode < 300) return response;
    throw new ApiError(this.machine, call.step, response.statusCode ?? 0, errorMessage(await readAll(response)));
  }

  /** Turns whatever goes wrong into an error that names the machine and the step. */
  private async explained<T>(step: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiError) throw error;
      const { machine } = this;
      const cure = `see \`systemctl status docker\` on ${machine}`;
      if (signal?.aborted) throw new StepError({ machine, step, kind: 'cancelled', cause: messageOf(signal.reason) });
      if (error instanceof StepError) throw new StepError({ ...error.parts, step, cure: error.parts.cure ?? cure });
      if (error instanceof TimeLimitError) {
        const cause = `no answer from the engine within ${error.seconds} s`;
        throw new StepError({ machine, step, kind: 'time-limit', cause, cure });
      }
      const cause = `the connection to the engine broke off (${messageOf(error)})`;
      throw new StepError({ machine, step, kind: 'dropped', cause, cure });
    }
  }
}

/** Sends one request over a stream of its own and waits for the head of the answer. */
function exchange(socket: Duplex, call: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Promise((resolve, reject) => {
    const sent = request({
      createConnection: () => socket,
      method: call.method ?? 'GET',
      path: pathOf(call),
      headers: {
        Host: 'docker',
        Connection: 'close',
        ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      },
      signal,
    });
    sent.once('close', () => socket.destroy());
    sent.once('response', resolve).on('error', reject);
    sent.end(body);
  });
}

function pathOf({ path, query = {}, filter }: ApiRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  if (filter) parameters.set('filters', JSON.stringify(filter));
  return parameters.size > 0 ? `${path}?${parameters.toString()}` : path;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function errorMessage(body: Buffer): string {
  const text = body.toString('utf8').trim();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    // What swarmkit says comes wrapped in gRPC's words.
    return typeof message === 'string' ? message.replace(/^rpc error: code = \w+ desc = /, '') : text;
  } catch {
    return text;
  }
}
