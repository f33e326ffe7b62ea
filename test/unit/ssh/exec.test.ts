import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionPool, type SshConnection } from '../../../core/ssh/connection';
import { SshServer, until } from './server';

describe('a command on a machine', () => {
  let server: SshServer;
  let pool: ConnectionPool;
  let machine: SshConnection;

  beforeAll(async () => {
    server = await new SshServer().start();
    pool = new ConnectionPool();
    machine = await pool.get('node1', server.connection);
  });

  afterAll(async () => {
    await pool.close();
    await server.stop();
  });

  it('gives its outputs and exit code', async () => {
    expect(await machine.exec('echo out; echo err >&2; exit 3')).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('names the signal that ended it', async () => {
    expect(await machine.exec('kill -KILL $$')).toMatchObject({ code: 137, signal: 'SIGKILL' });
  });

  it('reads its standard input', async () => {
    expect(await machine.exec('wc -c', { stdin: 'x'.repeat(3_000_000) })).toMatchObject({ stdout: '3000000\n' });
  });

  it('has an empty standard input by default', async () => {
    expect(await machine.exec('cat; echo end')).toMatchObject({ stdout: 'end\n' });
  });

  it('may end without reading its standard input', async () => {
    expect(await machine.exec('true', { stdin: 'x'.repeat(3_000_000) })).toMatchObject({ code: 0 });
  });

  it.each(['', 'input\n'])('has environment variables of any content, beside the input %j', async (stdin) => {
    const env = { TOKEN: `s3cret 'quoted' "$HOME" \`id\` \\`, LINES_: 'one\n\ntwo\n', EMPTY: '', _l: 'x' };
    const command = `printf '%s|%s|%s|%s|' "$TOKEN" "$LINES_" "$EMPTY" "$_l"; cat`;
    const { stdout } = await machine.exec(command, { env, stdin });
    expect(stdout).toBe(`${env.TOKEN}|${env.LINES_}||x|${stdin}`);
    expect(server.commandLines.join('\n')).not.toContain('s3cret');
  });

  it('refuses a name that no shell takes, without quoting the value', async () => {
    const attempt = machine.exec('true', { env: { 'A B': 's3cret' } });
    await expect(attempt).rejects.toThrow(
      `node1: running a command failed: "A B" can't be the name of an environment variable`,
    );
  });

  it('is heard line by line while it runs', async () => {
    const heard: string[] = [];
    const onStdout = (line: string): void => void heard.push(`out ${line}`);
    const onStderr = (line: string): void => void heard.push(`err ${line}`);
    const running = machine.exec('printf "a\\r\\nb"; sleep 0.2; echo c >&2; sleep 0.2; echo d', { onStdout, onStderr });
    await running;
    expect(heard).toEqual(['out a', 'err c', 'out bd']);
  });

  it('may print without end: the last part is kept', async () => {
    const { stdout } = await machine.exec('seq 1 300000', { outputLimit: 10 });
    expect(stdout).toBe('99\n300000\n');
    expect((await machine.exec('seq 1 300000')).stdout).toHaveLength(1024 * 1024);
  });

  it('that must succeed and does gives its output', async () => {
    expect(await machine.run('asking for the time', 'echo noon')).toBe('noon\n');
  });

  it('that must succeed and does not fails with machine, step, last words and exit code', async () => {
    const attempt = machine.run('installing Docker', 'seq 1 9 >&2; echo "no space left on device" >&2; exit 100');
    await expect(attempt).rejects.toThrow(
      new Error('node1: installing Docker failed: 8; 9; no space left on device (exit code 100)'),
    );
  });

  it('ends with the wait when the signal is aborted, and its session is closed', async () => {
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort(new Error('cancelled'));
    }, 200);
    const started = Date.now();
    const attempt = machine.run('waiting', 'sleep 60', { signal: abort.signal });
    await expect(attempt).rejects.toMatchObject({ kind: 'cancelled', message: 'node1: waiting failed: cancelled' });
    expect(Date.now() - started).toBeLessThan(2000);
    expect(await machine.exec('echo still here')).toMatchObject({ stdout: 'still here\n' });
    await until(() => server.openSessions === 0);
  });

  it('does not start when the signal is aborted already', async () => {
    const before = server.commandLines.length;
    await expect(machine.exec('true', { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow(
      'cancelled',
    );
    expect(server.commandLines).toHaveLength(before);
  });

  it('is given up after its time limit', async () => {
    const attempt = machine.run('waiting', 'sleep 60', { timeoutSeconds: 0.2 });
    await expect(attempt).rejects.toMatchObject({ kind: 'time-limit' });
    await expect(attempt).rejects.toThrow('node1: waiting failed: no end within 0.2 s');
  });

  it('waits for its turn when many run, and uses one connection', async () => {
    const runs = Array.from({ length: 24 }, (_, index) => machine.exec(`sleep 0.1; echo ${index}`));
    const outputs = (await Promise.all(runs)).map((result) => result.stdout.trim());
    expect(outputs).toEqual(runs.map((_, index) => String(index)));
    expect(server.mostSessions).toBe(8);
    expect(server.connections).toBe(1);
  });

  it('waits for its turn where sshd allows fewer sessions, and says so where it allows none', async () => {
    const strict = await new SshServer({ maxSessions: 2 }).start();
    const connection = await pool.get('node2', strict.connection);
    const runs = await Promise.all(Array.from({ length: 7 }, () => connection.exec('sleep 0.1; echo done')));
    expect(runs.map(({ stdout }) => stdout)).toEqual(Array(7).fill('done\n'));
    expect(strict.mostSessions).toBe(2);
    await strict.stop();
    const closed = await new SshServer({ maxSessions: 0 }).start();
    const attempt = (await pool.get('node3', closed.connection)).run('greeting', 'echo hello');
    await expect(attempt).rejects.toThrow(
      'node3: greeting failed: the machine allows no session (MaxSessions)\n  cure: ',
    );
    await closed.stop();
  });

  it('gives its place to the next one when it is aborted in the queue or while it runs', async () => {
    const abort = new AbortController();
    const runs = Array.from({ length: 20 }, () => machine.exec('sleep 60', { signal: abort.signal }));
    setTimeout(() => {
      abort.abort(new Error('cancelled'));
    }, 200);
    const results = await Promise.allSettled(runs);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    const after = await Promise.all(Array.from({ length: 16 }, () => machine.exec('echo in')));
    expect(after).toHaveLength(16);
  });

  describe('that writes a file', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'write-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it('makes folders, content and permissions', async () => {
      const path = join(folder, "o'ne/two/daemon.json");
      await machine.writeFile(path, Buffer.from([0, 1, 2, 255]), 0o640);
      expect(readFileSync(path)).toEqual(Buffer.from([0, 1, 2, 255]));
      expect(statSync(path).mode & 0o777).toBe(0o640);
    });

    it('replaces the old one and leaves nothing else', async () => {
      const path = join(folder, 'daemon.json');
      await machine.writeFile(path, 'old', 0o600);
      await machine.writeFile(path, 'new', 0o600);
      expect(readFileSync(path, 'utf8')).toBe('new');
      expect(readdirSync(folder)).toEqual(['daemon.json']);
    });

    it('says why it could not', async () => {
      await machine.writeFile(join(folder, 'file'), '', 0o600);
      const attempt = machine.writeFile(join(folder, 'file/below'), 'x', 0o600);
      await expect(attempt).rejects.toThrow(/^node1: writing .*below failed: .*(Not a directory|exists)/);
    });
  });
});
