/** Why a connection could not be made: told apart, each with its cure. */
import { messageOf, StepError, type FailureParts } from '../errors';
import { type Authentication, CredentialsError } from './authentication';
import { isConnectFailure, isNotStarted } from './channel';
import { addressOf, type Connection, DEFAULT_PER_DIAL_TIMEOUT, DEFAULT_PORT } from './connection';
import { fingerprint } from './host-key';
import { TimeLimitError } from './time-limit';

/** The machine refused all that was tried to log in. */
export class LoginError extends Error {
  constructor(authentication: Authentication, reason?: string) {
    super(authentication.describe() + (reason ? `: ${reason}` : ''));
  }
}

/** The machine is not the one that was pinned. */
export class HostKeyError extends Error {
  constructor(
    readonly expected: Buffer,
    readonly shown: Buffer,
  ) {
    super(`its host key is ${fingerprint(shown)}, expected was ${fingerprint(expected)}`);
  }
}

/** The pinned key isn't a key. */
export class PinnedKeyError extends Error {
  constructor() {
    super('hostKey is not a public key as ssh-keyscan prints it, `ssh-ed25519 AAAA…`');
  }
}

/** Codes of the operating system for what may pass by itself while a machine boots. */
const TRANSIENT_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'EAI_AGAIN',
];

/** Whether another try may succeed without anyone changing anything. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TimeLimitError) return true;
  const { code } = error as { code?: unknown };
  if (isConnectFailure(error) || isNotStarted(error)) return true;
  return (typeof code === 'string' && TRANSIENT_CODES.includes(code)) || isCutOff(error);
}

/** The machine ended the connection before the login was through: sshd is starting, or has too many at once. */
function isCutOff(error: unknown): boolean {
  return messageOf(error).startsWith('Connection lost');
}

/** The error to show when no connection could be made. */
export function connectionFailure(machine: string, connection: Connection, error: unknown, tries: number): StepError {
  if (error instanceof StepError) return error;
  return new StepError({ machine, step: 'connecting over SSH', ...explain(connection, error, tries) });
}

type Explanation = Pick<FailureParts, 'cause' | 'cure' | 'kind'>;

function explain(connection: Connection, error: unknown, tries: number): Explanation {
  const cause = messageOf(error);
  const user = connection.user ?? 'root';
  if (error instanceof PinnedKeyError) {
    return { kind: 'host-key', cause, cure: `take it from \`ssh-keyscan ${connection.host}\`` };
  }
  if (error instanceof HostKeyError) {
    return {
      kind: 'host-key',
      cause: `${cause} (${addressOf(connection)})`,
      cure: 'if the machine was reinstalled, put its new key into hostKey; else someone is in between, or the address belongs to another machine',
    };
  }
  if (error instanceof CredentialsError) {
    return {
      kind: 'credentials',
      cause: `the private key can't be used: ${cause}`,
      cure: 'give the whole file and, when it is encrypted, its passphrase; `ssh-keygen -p -f <file>` brings other formats into the one of OpenSSH',
    };
  }
  if (error instanceof LoginError) {
    return {
      kind: 'login',
      cause,
      cure: `see that \`ssh ${user}@${connection.host}\` works with the same key: it belongs into ~${user}/.ssh/authorized_keys there`,
    };
  }
  return unreachable(connection, error, tries);
}

function unreachable(connection: Connection, error: unknown, tries: number): Explanation {
  const address = addressOf(connection);
  const times = tries === 1 ? '1 try' : `${tries} tries`;
  const { code } = error as { code?: unknown };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      kind: 'unreachable',
      cause: `the name ${connection.host} is not known`,
      cure: "correct the machine's host, or give its address",
    };
  }
  if (code === 'ECONNREFUSED' || isConnectFailure(error)) {
    return {
      kind: 'unreachable',
      cause: `${address} refuses connections (${times})`,
      cure: 'start sshd there, or correct the host and port of the machine',
    };
  }
  if (
    error instanceof TimeLimitError ||
    ['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH'].includes(String(code))
  ) {
    const seconds = connection.perDialTimeout ?? DEFAULT_PER_DIAL_TIMEOUT;
    return {
      kind: 'unreachable',
      cause: `${address} doesn't answer (${times} of ${seconds} s)`,
      cure: `see that the machine is up and that no firewall blocks TCP port ${connection.port ?? DEFAULT_PORT} on the way`,
    };
  }
  if (isTransient(error)) {
    return {
      kind: 'unreachable',
      cause: `${address} ends the connection before the login (${times})`,
      cure: 'see what sshd says there, `journalctl -u ssh`, and that nothing else listens on that port',
    };
  }
  return { kind: 'unreachable', cause: `${messageOf(error)} (${address})` };
}
