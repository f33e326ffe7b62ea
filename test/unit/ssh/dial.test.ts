import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { type Connection, ConnectionPool } from '../../../core/ssh/connection';
import { fingerprint, parseHostKey } from '../../../core/ssh/host-key';
import { generateKey, SshServer } from './server';

function fingerprintOf(publicKey: string): string {
  const key = parseHostKey(publicKey);
  if (!key) throw new Error('not a key');
  return fingerprint(key.blob);
}

describe('connecting to a machine', () => {
  let server: SshServer;
  let pool: ConnectionPool;

  beforeEach(async () => {
    server = await new SshServer().start();
    pool = new ConnectionPool();
  });

  afterEach(async () => {
    await pool.close();
    await server.stop();
  });

  const connect = async (change: Partial<Connection> = {}): Promise<string> => {
    const machine = await pool.get('node2', { ...server.connection, ...change });
    return machine.run('greeting', 'echo hello');
  };

  it('logs in with a private key to a machine whose host key is the pinned one', async () => {
    expect(await connect()).toBe('hello\n');
  });

  it('takes the pinned key as ssh-keyscan prints it, and trusts no one less for a comment', async () => {
    const hostKey = `127.0.0.1 ${server.hostKeys[0]?.public ?? ''} root@node2\n`;
    expect(await connect({ hostKey })).toBe('hello\n');
  });

  it('opens an encrypted private key with its passphrase', async () => {
    await server.stop();
    const clientKey = generateKey('ed25519', 'open sesame');
    server = await new SshServer({ clientKey }).start();
    expect(await connect({ privateKeyPassword: 'open sesame' })).toBe('hello\n');
    await expect(connect({ privateKeyPassword: 'wrong secret' })).rejects.toMatchObject({ kind: 'credentials' });
    await expect(connect()).rejects.toThrow(
      /^node2: connecting over SSH failed: the private key can't be used: .*passphrase/,
    );
    await expect(connect({ privateKeyPassword: 'wrong secret' })).rejects.not.toThrow(/wrong secret/);
  });

  it('logs in with a password', async () => {
    await server.stop();
    server = await new SshServer({ password: 'pa55' }).start();
    expect(await connect({ privateKey: undefined, password: 'pa55' })).toBe('hello\n');
  });

  it('shows both fingerprints when the host key is another, and does not try again', async () => {
    const other = generateKey().public;
    const attempt = connect({ hostKey: other });
    await expect(attempt).rejects.toMatchObject({ kind: 'host-key' });
    const shown = fingerprintOf(server.hostKeys[0]?.public ?? '');
    await expect(attempt).rejects.toThrow(`its host key is ${shown}, expected was ${fingerprintOf(other)}`);
    await expect(attempt).rejects.toThrow('\n  cure: if the machine was reinstalled, put its new key into hostKey;');
    expect(server.connections).toBe(1);
  });

  it.each([0, 1])('asks a machine with several host keys for the pinned one (%i)', async (pinned) => {
    await server.stop();
    const hostKeys = [generateKey('ed25519'), generateKey('ecdsa')];
    server = await new SshServer({ hostKeys }).start();
    expect(await connect({ hostKey: hostKeys[pinned]?.public })).toBe('hello\n');
  });

  it('tells the fingerprint of a machine that has no key of the pinned type', async () => {
    const attempt = connect({ hostKey: generateKey('ecdsa').public });
    await expect(attempt).rejects.toThrow(fingerprintOf(server.hostKeys[0]?.public ?? ''));
  });

  it('refuses a pinned key that is none', async () => {
    const attempt = connect({ hostKey: 'ssh-ed25519 nonsense' });
    await expect(attempt).rejects.toThrow('node2: connecting over SSH failed: hostKey is not a public key');
  });

  it('says which user was refused, what was tried and what the machine takes, and does not try again', async () => {
    const attempt = connect({ privateKey: generateKey().private, user: 'alice' });
    await expect(attempt).rejects.toMatchObject({ kind: 'login' });
    await expect(attempt).rejects.toThrow(
      'user alice was refused (tried: private key; the machine accepts: publickey)\n' +
        '  cure: see that `ssh alice@127.0.0.1` works with the same key: it belongs into ~alice/.ssh/authorized_keys there',
    );
    expect(server.connections).toBe(1);
  });

  it('says when there was nothing to log in with', async () => {
    await expect(connect({ privateKey: undefined })).rejects.toThrow('(no key, agent or password was given;');
  });

  it('says when the agent could not be asked', async () => {
    const attempt = connect({ privateKey: undefined, agentSocketPath: '/nowhere/agent' });
    await expect(attempt).rejects.toThrow('(tried: keys of the agent; no agent answers at /nowhere/agent)');
  });

  it('says when the private key is no key, and quotes nothing of it', async () => {
    const attempt = connect({ privateKey: '-----BEGIN secret-----' });
    await expect(attempt).rejects.toMatchObject({ kind: 'credentials' });
    await expect(attempt).rejects.not.toThrow('secret');
  });

  it('counts its tries while the port refuses, and tells each', async () => {
    const { connection } = server;
    await server.stop();
    const lines: string[] = [];
    const onRetry = (line: string): void => void lines.push(line);
    const attempt = pool.get('node2', { ...connection, dialErrorLimit: 3 }, { onRetry });
    await expect(attempt).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(attempt).rejects.toThrow(
      `127.0.0.1:${connection.port ?? 0} refuses connections (3 tries)\n  cure: start sshd`,
    );
    expect(lines.map((line) => /try \d/.exec(line)?.[0])).toEqual(['try 1', 'try 2']);
  });

  it('gets through when the machine comes up meanwhile', async () => {
    const { connection, hostKeys, clientKey } = server;
    await server.stop();
    const attempt = pool.get('node2', connection);
    await new Promise((resolve) => setTimeout(resolve, 500));
    server = await new SshServer({ port: connection.port, hostKeys, clientKey }).start();
    expect(await (await attempt).run('greeting', 'echo hello')).toBe('hello\n');
  });

  it('ends at once when it is cancelled between tries', async () => {
    const { connection } = server;
    await server.stop();
    const abort = new AbortController();
    const attempt = pool.get('node2', { ...connection, dialErrorLimit: -1 }, { signal: abort.signal });
    setTimeout(() => {
      abort.abort(new Error('cancelled'));
    }, 100);
    await expect(attempt).rejects.toMatchObject({
      kind: 'cancelled',
      message: 'node2: connecting over SSH failed: cancelled',
    });
  });

  it('says when the name is not known', async () => {
    await expect(connect({ host: 'no.such.host.invalid', dialErrorLimit: 1 })).rejects.toThrow(
      'node2: connecting over SSH failed: the name no.such.host.invalid is not known',
    );
  });

  describe('to something else than an SSH server', () => {
    let listener: Server;
    let connection: Partial<Connection>;

    const listen = async (greet: (socket: Socket) => void): Promise<void> => {
      listener = createServer(greet).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      connection = { port: (listener.address() as AddressInfo).port, dialErrorLimit: 2, perDialTimeout: 0.3 };
    };
    afterEach(() => {
      listener.close();
    });

    it('gives up when it says nothing', async () => {
      const sockets: Socket[] = [];
      await listen((socket) => sockets.push(socket));
      await expect(connect(connection)).rejects.toThrow(
        "doesn't answer (2 tries of 0.3 s)\n  cure: see that the machine is up",
      );
      for (const socket of sockets) socket.destroy();
      expect(sockets).toHaveLength(2);
    });

    it('gives up when it hangs up', async () => {
      await listen((socket) => socket.end());
      await expect(connect(connection)).rejects.toThrow('ends the connection before the login (2 tries)');
    });

    it('says so when it speaks another protocol', async () => {
      await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      await expect(connect(connection)).rejects.toThrow(/^node2: connecting over SSH failed: .*127\.0\.0\.1/);
    });
  });
});
