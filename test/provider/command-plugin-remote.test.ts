/** Commands of the project's own plugin `command` on another machine: real process, real protocol, real SSH. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection } from '../../core/ssh/connection';
import { type PropertyMap } from '../../provider/protocol/values';
import { Plugin } from '../support/plugin';
import { generateKey, SshServer, until } from '../unit/ssh/server';

const REMOTE = 'command:remote:Command';

describe("the project's own plugin command on another machine", () => {
  let plugin: Plugin;
  let folder: string;
  let server: SshServer;

  beforeAll(async () => {
    plugin = await Plugin.start('tools/command-plugin/pulumi-resource-command');
  }, 30_000);
  afterAll(() => plugin.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'command-'));
    plugin.lines.length = 0;
    server = await new SshServer().start();
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const create = async (inputs: PropertyMap) => {
    const { id, value } = await plugin.create(REMOTE, inputs);
    return { id, inputs, outputs: value };
  };

  const connection = (change: Partial<Connection> = {}): PropertyMap =>
    ({ ...server.connection, ...change }) as unknown as PropertyMap;

  it('runs commands over one connection, with standard input and environment', async () => {
    const inputs = {
      connection: connection(),
      create: 'cat; echo "$A" >&2',
      stdin: 'in',
      environment: { A: 's3cret' },
    };
    const { outputs } = await create(inputs);
    expect(outputs).toEqual({ ...inputs, stdout: 'in', stderr: 's3cret' });
    await create(inputs);
    expect(server.connections).toBe(1);
    expect(server.commandLines.join('\n')).not.toContain('s3cret');
  });

  it('keeps the connection secret, even if the program does not', async () => {
    const { secretPaths } = await plugin.create(REMOTE, { connection: connection(), create: 'true' });
    expect([...secretPaths]).toEqual(['connection']);
  });

  it('shows lines, fails, updates and deletes as on this computer', async () => {
    const old = await create({
      connection: connection(),
      create: 'echo first',
      delete: `touch ${folder}/gone`,
    });
    await until(() => plugin.lines.some(({ message, ephemeral }) => message === 'first' && ephemeral));
    const news = { ...old.inputs, update: 'echo "$PULUMI_COMMAND_STDOUT again"' };
    expect(await plugin.update(REMOTE, old, news)).toMatchObject({ value: { stdout: 'first again' } });
    await plugin.delete(REMOTE, old);
    expect(existsSync(join(folder, 'gone'))).toBe(true);
    await expect(create({ connection: connection(), create: 'echo broken >&2; exit 4' })).rejects.toThrow(
      'exit status 4: running the command "create" on 127.0.0.1:\nbroken',
    );
  });

  it('connects anew to a machine that was restarted in between', async () => {
    await create({ connection: connection(), create: 'true' });
    server.cut();
    expect((await create({ connection: connection(), create: 'echo up' })).outputs).toMatchObject({
      stdout: 'up',
    });
  });

  it('refuses a machine with another host key than the given one', async () => {
    const other = generateKey().public;
    const attempt = create({ connection: connection({ hostKey: other }), create: 'true' });
    await expect(attempt).rejects.toThrow(/^127\.0\.0\.1: connecting over SSH failed: its host key is /);
    expect(server.commandLines).toEqual([]);
  });

  it('trusts any machine when no host key is given', async () => {
    const inputs = { connection: connection({ hostKey: undefined }), create: 'echo hello' };
    expect((await create(inputs)).outputs).toMatchObject({ stdout: 'hello' });
  });

  it('tries as often as it is told, and says so', async () => {
    const unreachable = connection({ dialErrorLimit: 2 });
    await server.stop();
    await expect(create({ connection: unreachable, create: 'true' })).rejects.toThrow('refuses connections (2 tries)');
    await until(() => plugin.lines.some(({ message }) => message.includes('try 1')));
  });
});
