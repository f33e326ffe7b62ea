/** How to reach a machine over SSH. Pass it to a {@link ConnectionPool} to get an {@link SshConnection}. */
export interface Connection {
  host: string;
  /** Default 22. */
  port?: number;
  /** Default `root`. */
  user?: string;
  /** In OpenSSH or PEM (PKCS #1, SEC 1) format. */
  privateKey?: string;
  /** Passphrase of the private key. */
  privateKeyPassword?: string;
  /** Unix socket of an SSH agent that holds the key. */
  agentSocketPath?: string;
  password?: string;
  /**
   * The machine's public host key as in known_hosts, `ssh-ed25519 AAAA…`. The connection is refused when the machine
   * shows another one. Without it the machine is trusted unseen, which only @pulumi/command's resources allow.
   */
  hostKey?: string;
  /** Jump host, through which the machine is reached. It has no jump host of its own. */
  proxy?: Connection;
  /** Run everything through `sudo -n` when the user isn't root. Default false. */
  sudo?: boolean;
  /** How many times to try while the machine doesn't answer; -1 for ever. Default 10, which takes about 11 s when the port refuses. */
  dialErrorLimit?: number;
  /** Longest wait of one try, in seconds; 0 for no limit. Default 15. */
  perDialTimeout?: number;
}

export const DEFAULT_PORT = 22;
export const DEFAULT_USER = 'root';
/** Default of @pulumi/command's remote.Command. */
export const DEFAULT_DIAL_ERROR_LIMIT = 10;
/** Default of @pulumi/command's remote.Command, in seconds. */
export const DEFAULT_PER_DIAL_TIMEOUT = 15;

/** `host:port`, for messages. */
export function addressOf({ host, port = DEFAULT_PORT }: Connection): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export { ConnectionPool } from './pool';
export { type ExecResult } from './channel';
export { SshConnection, type ExecOptions } from './session';
