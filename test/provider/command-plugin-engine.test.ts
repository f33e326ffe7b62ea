/** The project's own plugin `command` under the real Pulumi engine, used through the official npm package. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../support/plugin';
import { SshServer } from '../unit/ssh/server';

const PROJECT = `
name: command-test
runtime: nodejs
plugins:
  providers:
    - name: command
      path: ${projectRoot}/tools/command-plugin
`;

/** What is to be different in a run comes in the environment. */
const PROGRAM = `
const { local, remote } = require('@pulumi/command');
const here = new local.Command('here', {
  create: 'echo "made for $WHO"',
  update: 'echo "$PULUMI_COMMAND_STDOUT, then for $WHO"',
  delete: 'touch gone',
  environment: { WHO: process.env.WHO },
  triggers: [process.env.TRIGGER],
});
const there = new remote.Command('there', {
  connection: JSON.parse(process.env.CONNECTION),
  create: process.env.REMOTE,
  stdin: here.stdout,
});
exports.here = here.stdout;
exports.there = there.stdout;
`;

interface Ended {
  code: number | null;
  output: string;
}

describe("the project's own plugin command under the Pulumi engine", () => {
  let folder: string;
  let server: SshServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'Pulumi.yaml'), PROJECT);
    writeFileSync(join(folder, 'index.js'), PROGRAM);
    writeFileSync(join(folder, 'package.json'), '{ "main": "index.js" }');
    symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
    server = await new SshServer().start();
    expect(await pulumi('stack', 'init', 'test')).toMatchObject({ code: 0 });
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const program = { WHO: 'Ann', TRIGGER: '1', REMOTE: 'echo "heard: $(cat)"' };

  const pulumi = (...args: string[]): Promise<Ended> => {
    const options = ['--cwd', folder, '--non-interactive', '--color=never'];
    const child = spawn(join(projectRoot, 'tools/run'), ['pulumi', ...args, ...options], {
      env: {
        ...process.env,
        ...program,
        CONNECTION: JSON.stringify(server.connection),
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_HOME: join(folder, 'home'),
        PULUMI_CONFIG_PASSPHRASE: 'passphrase',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    return new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (code) => {
        resolve({ code, output });
      });
    });
  };
  const up = (): Promise<Ended> => pulumi('up', '--yes', '--skip-preview');
  const outputs = async (): Promise<unknown> => JSON.parse((await pulumi('stack', 'output', '--json')).output);

  it('creates both kinds of command', async () => {
    expect(await up()).toMatchObject({ code: 0 });
    expect(await outputs()).toEqual({ here: 'made for Ann', there: 'heard: made for Ann' });
  }, 60_000);

  it('has nothing to do the second time', async () => {
    expect(await pulumi('up', '--yes', '--skip-preview', '--expect-no-changes')).toMatchObject({ code: 0 });
  }, 60_000);

  it('has encrypted the private key in the state', () => {
    const state = readFileSync(join(folder, 'state/.pulumi/stacks/command-test/test.json'), 'utf8');
    expect(state).toContain('"type":"command:remote:Command"');
    expect(state).not.toContain('BEGIN OPENSSH PRIVATE KEY');
  });

  it('shows in a preview what an update would change, further down as well', async () => {
    program.WHO = 'Bob';
    const { output } = await pulumi('preview', '--diff');
    expect(output).toMatch(/~ WHO: "Ann" => "Bob"/);
    expect(output).toMatch(/~ stdin: "made for Ann" => \[unknown\]/);
    expect(output).toMatch(/~ 2 to update/);
  }, 60_000);

  it('updates', async () => {
    expect(await up()).toMatchObject({ code: 0 });
    expect(await outputs()).toEqual({
      here: 'made for Ann, then for Bob',
      there: 'heard: made for Ann, then for Bob',
    });
  }, 60_000);

  it('replaces when a trigger changes', async () => {
    program.TRIGGER = '2';
    expect((await up()).output).toMatch(/\+-\s*1 replaced/);
    expect(existsSync(join(folder, 'gone'))).toBe(true);
    expect(await outputs()).toMatchObject({ here: 'made for Bob' });
  }, 60_000);

  it('fails with what the command said, and without a stack trace', async () => {
    program.REMOTE = 'echo "no such disk" >&2; exit 3';
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain('exit status 3: running the command "create" on 127.0.0.1:');
    expect(output).toContain('no such disk');
    expect(output).not.toMatch(/^\s+at /m);
  }, 60_000);

  it('destroys', async () => {
    rmSync(join(folder, 'gone'));
    expect(await pulumi('destroy', '--yes', '--skip-preview')).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'gone'))).toBe(true);
  }, 60_000);
});
