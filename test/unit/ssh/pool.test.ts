import { StepError } from '../../../core/errors';
import { ConnectionPool } from '../../../core/ssh/connection';
import { SshServer, until } from './server';

describe('the pool of connections', () => {
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

  it('makes one connection to a machine, however many ask for it', async () => {
    const early = await Promise.all([1, 2, 3].map(() => pool.get('node1', server.connection)));
    const late = await pool.get('node1', { ...server.connection });
    expect(new Set([...early, late]).size).toBe(1);
    expect(server.connections).toBe(1);
  });

  it('makes another when anything about the connection is different', async () => {
    await pool.get('node1', server.connection);
    await pool.get('node1', { ...server.connection, perDialTimeout: 3 });
    expect(server.connections).toBe(2);
  });

  it('makes a new one when the old one was lost, and tells what was cut off from what never began', async () => {
    const machine = await pool.get('node1', server.connection);
    const running = machine.run('installing Docker', 'sleep 60');
    await until(() => server.openSessions === 1);
    server.cut();
    await expect(running).rejects.toMatchObject({ kind: 'dropped' });
    await expect(running).rejects.toThrow(
      `node1: installing Docker failed: the connection to 127.0.0.1:${server.connection.port ?? 0} was lost\n  cure: see`,
    );
    await expect(machine.exec('true')).rejects.toMatchObject({ kind: 'unreachable' });
    const again = await pool.get('node1', server.connection);
    expect(await again.run('greeting', 'echo hello')).toBe('hello\n');
  });

  it('gives a good connection to who tries again at once', async () => {
    for (let round = 0; round < 20; round++) {
      const machine = await pool.get('node1', server.connection);
      server.cut();
      const outcome = await machine.exec('true').catch((error: unknown) => error);
      if (outcome instanceof StepError && outcome.kind === 'unreachable') {
        expect(await (await pool.get('node1', server.connection)).exec('true')).toMatchObject({ code: 0 });
      } else expect(outcome).toMatchObject({ kind: 'dropped' });
    }
  });

  it('notices a machine that hangs', async () => {
    const impatient = new ConnectionPool({ keepaliveSeconds: 0.1 });
    const machine = await impatient.get('node1', server.connection);
    const running = machine.run('installing Docker', 'sleep 60');
    await until(() => server.openSessions === 1);
    server.freeze();
    await expect(running).rejects.toMatchObject({ kind: 'dropped' });
    await impatient.close();
  });

  it('keeps an idle connection open', async () => {
    const alert = new ConnectionPool({ keepaliveSeconds: 0.05 });
    const machine = await alert.get('node1', server.connection);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await machine.run('greeting', 'echo hello')).toBe('hello\n');
    await alert.close();
  });

  it('goes on for the others when one of them is cancelled', async () => {
    const abort = new AbortController();
    const cancelled = pool.get('node1', server.connection, { signal: abort.signal });
    const other = pool.get('node1', server.connection);
    abort.abort(new Error('cancelled'));
    await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await (await other).run('greeting', 'echo hello')).toBe('hello\n');
    expect(server.connections).toBe(1);
  });

  it('starts anew for who asks after all others were cancelled', async () => {
    const abort = new AbortController();
    const cancelled = pool.get('node1', server.connection, { signal: abort.signal });
    abort.abort(new Error('cancelled'));
    await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
    const machine = await pool.get('node1', server.connection);
    expect(await machine.run('greeting', 'echo hello')).toBe('hello\n');
  });

  it('ends all connections and attempts when it is closed, and makes no more', async () => {
    const machine = await pool.get('node1', server.connection);
    const running = machine.exec('sleep 60');
    const refused = pool.get('node2', { ...server.connection, port: 1, dialErrorLimit: -1 });
    const [ended, givenUp] = [expect(running).rejects.toThrow(), expect(refused).rejects.toThrow('are being closed')];
    await pool.close();
    await Promise.all([ended, givenUp]);
    await expect(pool.get('node1', server.connection)).rejects.toThrow('have been closed');
  });

  describe('with a jump host', () => {
    let jumpHost: SshServer;
    beforeEach(async () => {
      jumpHost = await new SshServer().start();
    });
    afterEach(async () => {
      await jumpHost.stop();
    });

    it('reaches machines through one connection to it', async () => {
      const connection = { ...server.connection, proxy: jumpHost.connection };
      const machines = await Promise.all(['node1', 'node2'].map((name) => pool.get(name, connection)));
      for (const machine of machines) expect(await machine.run('greeting', 'echo hello')).toBe('hello\n');
      expect(jumpHost.connections).toBe(1);
      expect(jumpHost.forwards).toEqual(Array(2).fill(`127.0.0.1:${connection.port ?? 0}`));
      expect(server.connections).toBe(2);
    });

    it('goes through a new connection to it when the old one was lost', async () => {
      const connection = { ...server.connection, proxy: jumpHost.connection };
      await pool.get('node1', connection);
      jumpHost.cut();
      const machine = await pool.get('node2', connection);
      expect(await machine.run('greeting', 'echo hello')).toBe('hello\n');
      expect(jumpHost.connections).toBe(2);
    });

    it('still verifies the host key of the machine behind it', async () => {
      const attempt = pool.get('node1', {
        ...server.connection,
        hostKey: jumpHost.connection.hostKey,
        proxy: jumpHost.connection,
      });
      await expect(attempt).rejects.toMatchObject({ kind: 'host-key' });
    });

    it('says which of the two can not be reached', async () => {
      const { connection } = server;
      await server.stop();
      const behind = pool.get('node1', { ...connection, proxy: jumpHost.connection, dialErrorLimit: 2 });
      await expect(behind).rejects.toThrow(`127.0.0.1:${connection.port ?? 0} refuses connections (2 tries)`);
      const proxy = { ...jumpHost.connection, dialErrorLimit: 1 };
      await jumpHost.stop();
      await expect(pool.get('node1', { ...connection, proxy })).rejects.toThrow(
        'node1: connecting to its jump host 127.0.0.1 failed:',
      );
    });
  });
});
