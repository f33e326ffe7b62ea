/** Making an SSH connection: one try, and the tries together. */
import { connect } from 'node:net';
import { type Duplex } from 'node:stream';
import { Client, type ClientErrorExtensions, type ServerHostKeyAlgorithm } from 'ssh2';
import { messageOf } from '../errors';
import { Authentication } from './authentication';
import {
  type Connection,
  DEFAULT_DIAL_ERROR_LIMIT,
  DEFAULT_PER_DIAL_TIMEOUT,
  DEFAULT_PORT,
  addressOf,
} from './connection';
import { connectionFailure, HostKeyError, isTransient, LoginError, PinnedKeyError } from './dial-errors';
import { type HostKey, hostKeyAlgorithms, parseHostKey } from './host-key';
import { pause, untilAborted, whenAborted, within } from './time-limit';

/** Keepalive messages that may stay unanswered before the machine counts as dead. */
const KEEPALIVE_MISSES = 3;

/** Growth of the pause between tries: 0.15 s, half as long again each time, 5 s at most; 11 s over ten tries. */
const BACKOFF = { firstSeconds: 0.15, factor: 1.5, longestSeconds: 5 };

export interface DialOptions {
  signal?: AbortSignal;
  /** Called before each pause with a line for the user. */
  onRetry?: (message: string) => void;
  /** Seconds between keepalive messages. */
  keepaliveSeconds: number;
  /** Opens the way to the machine when it isn't reached directly. */
  openTransport?: (signal: AbortSignal) => Promise<Duplex>;
}

/**
 * Connects and logs in. Tries again only what may pass by itself: refused, no answer, reset.
 * @throws StepError saying why, after `dialErrorLimit` tries; or the signal's reason
 */
export async function dial(machine: string, connection: Connection, options: DialOptions): Promise<Client> {
  const limit = connection.dialErrorLimit ?? DEFAULT_DIAL_ERROR_LIMIT;
  let seconds = BACKOFF.firstSeconds;
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(connection, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      const last = !isTransient(error) || (limit >= 0 && tries >= Math.max(limit, 1));
      if (last) throw connectionFailure(machine, connection, error, tries);
      options.onRetry?.(`${machine}: ${addressOf(connection)} doesn't answer yet (${messageOf(error)}), try ${tries}`);
      await pause(seconds, options.signal);
      seconds = Math.min(seconds * BACKOFF.factor, BACKOFF.longestSeconds);
    }
  }
}

async function tryOnce(connection: Connection, options: DialOptions): Promise<Client> {
  const seconds = connection.perDialTimeout ?? DEFAULT_PER_DIAL_TIMEOUT;
  return within({ signal: options.signal, seconds: seconds || Infinity }, async (signal) => {
    const transport = await (options.openTransport?.(signal) ?? openTcp(connection, signal));
    return logIn(transport, connection, options.keepaliveSeconds, signal);
  });
}

async function openTcp({ host, port = DEFAULT_PORT }: Connection, signal: AbortSignal): Promise<Duplex> {
  const socket = connect({ host, port, noDelay: true });
  whenAborted(signal, () => socket.destroy());
  await untilAborted(
    signal,
    new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    }),
  );
  return socket;
}

async function logIn(
  transport: Duplex,
  connection: Connection,
  keepaliveSeconds: number,
  signal: AbortSignal,
): Promise<Client> {
  const client = new Client();
  try {
    const authentication = new Authentication(connection);
    const pinned = pinnedKey(connection);
    const ready = outcome(client, authentication);
    client.connect({
      sock: transport,
      username: authentication.user,
      authHandler: authentication.handler,
      algorithms: pinned && { serverHostKey: hostKeyAlgorithms(pinned) as ServerHostKeyAlgorithm[] },
      hostVerifier: (shown: Buffer) => {
        if (!pinned || shown.equals(pinned.blob)) return true;
        // Before ssh2 reports it in fewer words.
        client.emit('error', new HostKeyError(pinned.blob, shown));
        return false;
      },
      readyTimeout: 0,
      keepaliveInterval: keepaliveSeconds * 1000,
      keepaliveCountMax: KEEPALIVE_MISSES,
      // What an SSH server calls itself says nothing about what it can do.
      strictVendor: false,
    });
    await untilAborted(signal, ready);
    return client;
  } catch (error) {
    transport.destroy();
    throw error;
  }
}

function pinnedKey({ hostKey }: Connection): HostKey | undefined {
  if (hostKey === undefined) return undefined;
  const key = parseHostKey(hostKey);
  if (!key) throw new PinnedKeyError();
  return key;
}

/** Settles when the login is through, or with the first thing that makes it impossible. */
function outcome(client: Client, authentication: Authentication): Promise<void> {
  return new Promise((resolve, reject) => {
    let trusted = false;
    client.once('handshake', () => (trusted = true));
    client.once('ready', resolve);
    client.once('close', () => {
      reject(new Error('Connection lost'));
    });
    // Stays for the life of the client: an error event that nobody hears ends the process.
    client.on('error', (error: Error & ClientErrorExtensions & { code?: unknown }) => {
      if (error.level === 'agent') authentication.agentFailed();
      else if (error.level === 'client-authentication') reject(new LoginError(authentication));
      else if (trusted && typeof error.code === 'number') reject(new LoginError(authentication, error.message));
      else reject(error);
    });
  });
}
