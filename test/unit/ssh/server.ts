/** A real SSH server in the test process: it listens on loopback and runs commands with the computer's own shell. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { type AuthContext, type Connection as Client, Server, type ServerChannel, type Session, utils } from 'ssh2';
import { type Connection } from '../../../core/ssh/connection';

export interface KeyPair {
  private: string;
  public: string;
}

export function generateKey(type: 'ed25519' | 'ecdsa' = 'ed25519', passphrase?: string): KeyPair {
  const encryption = passphrase === undefined ? undefined : { passphrase, cipher: 'aes256-ctr', rounds: 4 };
  const pair =
    type === 'ed25519'
      ? utils.generateKeyPairSync('ed25519', encryption)
      : utils.generateKeyPairSync('ecdsa', { bits: 256, ...encryption });
  // One in two hundred of the ed25519 keys that ssh2 makes is malformed.
  return utils.parseKey(pair.private, passphrase) instanceof Error ? generateKey(type, passphrase) : pair;
}

export interface ServerOptions {
  /** Default 0: any free one. */
  port?: number;
  hostKeys?: KeyPair[];
  /** The key that may log in. */
  clientKey?: KeyPair;
  /** Accepted instead of the key. */
  password?: string;
  /** Sessions allowed at once on one connection, as sshd's MaxSessions. Default 10. */
  maxSessions?: number;
  /** Whether Unix sockets and TCP connections are forwarded. Default true. */
  forwarding?: boolean;
  /** Folder with programs that commands find before those of the computer. */
  programs?: string;
}

/** One server, and what it has seen. */
export class SshServer {
  /** TCP connections so far. */
  connections = 0;
  /** The most sessions that were open at once on one connection. */
  mostSessions = 0;
  /** Command lines as the clients sent them. */
  readonly commandLines: string[] = [];
  /** Sessions that are open now. */
  openSessions = 0;
  /** host:port of TCP forwards. */
  readonly forwards: string[] = [];
  readonly hostKeys: KeyPair[];
  readonly clientKey: KeyPair;
  private readonly sockets = new Set<Socket>();
  private readonly listener = createServer((socket) => {
    this.accept(socket);
  });
  private readonly protocol: Server;

  constructor(private readonly options: ServerOptions = {}) {
    this.hostKeys = options.hostKeys ?? [generateKey()];
    this.clientKey = options.clientKey ?? generateKey();
    this.protocol = new Server({ hostKeys: this.hostKeys.map((key) => key.private) }, (client) => {
      this.serve(client);
    });
  }

  async start(): Promise<this> {
    this.listener.listen(this.options.port ?? 0, '127.0.0.1');
    await once(this.listener, 'listening');
    return this;
  }

  /** How to log in to it. */
  get connection(): Connection {
    return {
      host: '127.0.0.1',
      port: (this.listener.address() as AddressInfo).port,
      user: 'tester',
      privateKey: this.clientKey.private,
      hostKey: this.hostKeys[0]?.public,
    };
  }

  /** Breaks every connection off, as a machine does that loses its power. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Takes nothing in any more and answers nothing, as a machine does that hangs. */
  freeze(): void {
    for (const socket of this.sockets) socket.pause();
  }

  async stop(): Promise<void> {
    this.cut();
    if (!this.listener.listening) return;
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket.setNoDelay());
    socket.once('close', () => this.sockets.delete(socket));
    this.protocol.injectSocket(socket);
  }

  private serve(client: Client): void {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      this.authenticate(context);
    });
    const open = new Set<Session>();
    const closed = (session: Session): void => {
      if (open.delete(session)) this.openSessions--;
    };
    client.on('session', (accept, reject) => {
      if (open.size >= (this.options.maxSessions ?? 10)) {
        reject();
        return;
      }
      const session = accept();
      open.add(session);
      this.openSessions++;
      this.mostSessions = Math.max(this.mostSessions, open.size);
      session.on('close', () => {
        closed(session);
      });
      this.serveSession(session);
    });
    client.on('close', () => {
      open.forEach(closed);
    });
    if (this.options.forwarding ?? true) this.serveForwards(client);
  }

  private authenticate(context: AuthContext): void {
    if (this.options.password !== undefined) {
      if (context.method === 'password' && context.password === this.options.password) context.accept();
      else context.reject(['password']);
      return;
    }
    const allowed = utils.parseKey(this.clientKey.public);
    if (allowed instanceof Error) throw allowed;
    const matches = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH());
    if (matches && (!context.signature || verifies(allowed.verify(context.blob ?? '', context.signature)))) {
      context.accept();
    } else context.reject(['publickey']);
  }

  private serveSession(session: Session): void {
    session.on('exec', (accept, _reject, { command }) => {
      this.commandLines.push(command);
      const channel = accept();
      const { PATH = '' } = process.env;
      const path = this.options.programs === undefined ? PATH : `${this.options.programs}:${PATH}`;
      const env = { ...process.env, SHELL: '/bin/sh', PATH: path };
      const child = spawn('/bin/sh', ['-c', command], { env, detached: true });
      channel.on('error', () => undefined).pipe(child.stdin.on('error', () => undefined));
      channel.once('close', () => {
        killGroup(child.pid);
      });
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.once('close', (code, signal) => {
        endSession(channel, code, signal);
      });
    });
  }

  private serveForwards(client: Client): void {
    const join = (accept: () => Duplex, reject: () => void, to: Socket): void => {
      to.once('error', reject).once('connect', () => {
        const channel = accept();
        to.on('error', () => channel.destroy());
        channel.on('error', () => to.destroy()).on('close', () => to.destroy());
        channel.pipe(to).pipe(channel);
      });
    };
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      this.forwards.push(`${destIP}:${destPort}`);
      join(accept, reject, connect(destPort, destIP));
    });
    client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
      join(accept, reject, connect(socketPath));
    });
  }
}

/** The shell and all it has started. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid);
  } catch {
    // Ended already.
  }
}

/** ssh2 says true, false or an error. */
function verifies(result: unknown): boolean {
  return result === true;
}

function endSession(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  if (signal) channel.exit(signal.replace('SIG', ''));
  else channel.exit(code ?? 0);
  channel.end();
}

/** Waits until something has come about, ten seconds at most. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it has not come about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
