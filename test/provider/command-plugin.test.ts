/** The project's own plugin `command`: real process, real protocol, real commands here and over SSH. */
import { mkdtempSync, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InvokeRequest,
  type InvokeResponse,
  GetSchemaRequest,
  type GetSchemaResponse,
} from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { UNKNOWN, type PropertyMap } from '../../provider/protocol/values';
import { Plugin } from '../support/plugin';
import { SshServer, until } from '../unit/ssh/server';

const LOCAL = 'command:local:Command';
const REMOTE = 'command:remote:Command';

describe("the project's own plugin command", () => {
  let plugin: Plugin;
  let folder: string;

  beforeAll(async () => {
    plugin = await Plugin.start('tools/command-plugin/pulumi-resource-command');
  }, 30_000);
  afterAll(() => plugin.stop());
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'command-')));
    plugin.lines.length = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const create = async (token: string, inputs: PropertyMap) => {
    const { id, value } = await plugin.create(token, inputs);
    return { id, inputs, outputs: value };
  };

  describe('on this computer', () => {
    it('runs create, with standard input, environment and folder, and keeps what it prints', async () => {
      const inputs = { create: 'cat; echo "$A" >&2; pwd', stdin: 'in\n', environment: { A: 'x y' }, dir: folder };
      const { id, outputs } = await create(LOCAL, inputs);
      expect(outputs).toEqual({ ...inputs, stdout: `in\n${folder}`, stderr: 'x y' });
      expect(id).toMatch(/^test[0-9a-f]{16}$/);
    });

    it('runs it with another interpreter', async () => {
      const { outputs } = await create(LOCAL, { create: 'console.log(6 * 7)', interpreter: ['node', '-e'] });
      expect(outputs).toMatchObject({ stdout: '42', stderr: '' });
    });

    it('does nothing without a command', async () => {
      expect((await create(LOCAL, {})).outputs).toEqual({ stdout: '', stderr: '' });
    });

    it('shows each line while the command runs, as its logging says', async () => {
      const status = (message: string) => ({ message, ephemeral: true });
      await create(LOCAL, { create: 'echo one; echo two >&2' });
      await until(() => plugin.lines.length === 2);
      expect(plugin.lines).toEqual(expect.arrayContaining([status('one'), status('two')]));
      await create(LOCAL, { create: 'echo three; echo four >&2', logging: 'none' });
      await create(LOCAL, { create: 'echo five; echo six >&2', logging: 'stderr' });
      await until(() => plugin.lines.length === 3);
      expect(plugin.lines[2]).toEqual(status('six'));
    });

    it('fails with the end of what the command printed and its exit status, but not with the command itself', async () => {
      const failing = create(LOCAL, { create: 'seq 1 30; echo "no such disk" >&2; exit 3 # s3cret' });
      await expect(failing).rejects.toThrow(/^exit status 3: running the command "create" on this computer:\n/);
      await expect(failing).rejects.toThrow(/\nno such disk$|\n30$/);
      await expect(failing).rejects.not.toThrow(/s3cret|\n1\n/);
      await expect(create(LOCAL, { create: 'kill -TERM $$' })).rejects.toThrow(/^signal: SIGTERM: /);
      await expect(create(LOCAL, { create: 'true', dir: '/nowhere' })).rejects.toThrow(
        'dir: there is no folder /nowhere',
      );
    });

    it('runs update when an input has changed, with the output of the run before at hand', async () => {
      const old = await create(LOCAL, { create: 'echo first; echo warning >&2' });
      const update = 'echo "$PULUMI_COMMAND_STDOUT+$PULUMI_COMMAND_STDERR"';
      expect(await plugin.update(LOCAL, old, { ...old.inputs, update })).toMatchObject({
        value: { stdout: 'first+warning' },
      });
      const without = { ...old.inputs, update, addPreviousOutputInEnv: false };
      expect(await plugin.update(LOCAL, old, without)).toMatchObject({ value: { stdout: '+' } });
    });

    it('runs create when an input has changed and there is no update', async () => {
      const old = await create(LOCAL, { create: 'echo "$A"', environment: { A: '1' } });
      const { value } = await plugin.update(LOCAL, old, { ...old.inputs, environment: { A: '2' } });
      expect(value).toMatchObject({ stdout: '2', environment: { A: '2' } });
    });

    it('runs delete, if there is one, with the output of the run before at hand', async () => {
      const file = join(folder, 'deleted');
      const old = await create(LOCAL, { create: 'echo made', delete: `echo "$PULUMI_COMMAND_STDOUT" > ${file}` });
      await plugin.delete(LOCAL, old);
      expect(readFileSync(file, 'utf8')).toBe('made\n');
      await plugin.delete(LOCAL, await create(LOCAL, { create: 'true' }));
    });
  });

  describe('in a preview', () => {
    it('runs nothing, and knows nothing of the output of a new command', async () => {
      const inputs = { create: `touch ${folder}/made` };
      const { value } = await plugin.create(LOCAL, inputs, { preview: true });
      expect(value).toEqual({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
      expect(existsSync(join(folder, 'made'))).toBe(false);
    });

    it('knows nothing of the output of a command whose inputs change', async () => {
      const old = await create(LOCAL, { create: 'echo 1' });
      const { value } = await plugin.update(LOCAL, old, { create: 'echo 2' }, { preview: true });
      expect(value).toEqual({ create: 'echo 2', stdout: UNKNOWN, stderr: UNKNOWN });
    });

    it('sees no change where there is none', async () => {
      const old = await create(LOCAL, { create: 'echo 1', environment: { A: '1' }, triggers: [1, { a: [2] }] });
      const same = { triggers: [1, { a: [2] }], create: 'echo 1', environment: { A: '1' } };
      expect(await plugin.diff(LOCAL, old, same)).toMatchObject({ changes: {} });
    });

    it('replaces for changed triggers and updates for everything else, what is not known yet included', async () => {
      const old = await create(LOCAL, { create: 'echo 1', delete: 'true', stdin: '', triggers: [1] });
      const changed = { create: 'echo 1', stdin: UNKNOWN, environment: {}, triggers: [2] } as const;
      const { changes } = await plugin.diff(LOCAL, old, { ...changed, triggers: [2] });
      expect(changes).toEqual({ delete: 'DELETE', stdin: 'UPDATE', environment: 'ADD', triggers: 'UPDATE_REPLACE' });
    });

    it('refuses by name what only the official plugin does', async () => {
      const { failures } = await plugin.check(LOCAL, { create: 'true', assetPaths: ['*'], logging: 'loud' });
      expect(failures).toEqual([
        expect.stringMatching(/^assetPaths: not offered by .*official one has it: pulumi plugin install/),
        'logging: must be one of stdout, stderr, stdoutAndStderr, none',
      ]);
      await expect(plugin.check('command:remote:CopyToRemote', {})).rejects.toThrow(
        /^command:remote:CopyToRemote: not offered by /,
      );
      const run = new InvokeRequest().setTok('command:local:run');
      const invoked = plugin.call<InvokeResponse>(plugin.client.invoke.bind(plugin.client), run);
      await expect(invoked).rejects.toThrow(/^command:local:run: not offered by /);
    });

    it('refuses a connection that can not be one', async () => {
      const check = async (connection: PropertyMap): Promise<string[]> =>
        (await plugin.check(REMOTE, { create: 'true', connection })).failures;
      expect(await check({ host: 'h', hostkey: 'x', hostKey: 'nonsense' })).toEqual([
        'connection.hostkey: there is no such property',
        expect.stringMatching(/^connection\.hostKey: not a public key/),
      ]);
      expect(await check({ host: 'h', proxy: { port: 22 } })).toEqual(['connection.proxy.host: missing']);
      expect(await check({ host: UNKNOWN, hostKey: UNKNOWN })).toEqual([]);
      expect((await plugin.check(REMOTE, { create: 'true' })).failures).toEqual([
        'connection: missing: how to reach the machine',
      ]);
    });
  });

  it('has a schema with the properties of the two resources', async () => {
    const request = new GetSchemaRequest();
    const getSchema = plugin.client.getSchema.bind(plugin.client);
    const response = await plugin.call<GetSchemaResponse>(getSchema, request);
    const { resources } = JSON.parse(response.getSchema()) as { resources: Record<string, PropertyMap> };
    expect(Object.keys(resources)).toEqual([LOCAL, REMOTE]);
    expect(resources[REMOTE]).toMatchObject({ requiredInputs: ['connection'] });
  });

  it('ends what it has started when the run is cancelled, and the command can clean up', async () => {
    const doomed = await Plugin.start('tools/command-plugin/pulumi-resource-command');
    const server = await new SshServer().start();
    const trap = `trap 'echo cleaned > ${folder}/cleaned; exit 1' TERM; touch ${folder}/started; sleep 60 & wait`;
    const running = [
      doomed.create(LOCAL, { create: trap }),
      doomed.create(REMOTE, { connection: server.connection as unknown as PropertyMap, create: 'sleep 60' }),
    ];
    const refused = running.map((one) => expect(one).rejects.toThrow('cancelled'));
    await until(() => existsSync(join(folder, 'started')) && server.openSessions === 1);
    await doomed.call<Empty>(doomed.client.cancel.bind(doomed.client), new Empty());
    await Promise.all(refused);
    expect(readFileSync(join(folder, 'cleaned'), 'utf8')).toBe('cleaned\n');
    await doomed.stop();
    await server.stop();
  });
});
