import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Clone } from './clone';

let clone: Clone;
beforeEach(() => {
  clone = new Clone();
});
afterEach(() => {
  clone.remove();
});

/** The value that a shell has after eval "$(tools/env)"; `unset` when it has none. */
function valueOf(name: string, environment: Record<string, string> = {}): string {
  const { stdout, stderr } = clone.bash(`eval "$(tools/env)" && printf %s "\${${name}-unset}"`, environment);
  expect(stderr).toBe('');
  return stdout;
}

test('nothing but settings is printed', () => {
  const { stdout } = clone.bash('tools/env');
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^export [A-Z_]+='/);
});

test('state is kept in the clone, whatever characters its path has', () => {
  expect(valueOf('PULUMI_BACKEND_URL')).toBe(`file://${clone.root}/.state`);
});

test('the language host finds what runs the program, whatever characters its path has', () => {
  // Source of the line: pulumi-language-nodejs, locateModule.
  const line = `console.log(require.resolve('${valueOf('PULUMI_LANGUAGE_NODEJS_RUN_PATH')}'));`;
  const { stdout } = spawnSync(process.execPath, ['-e', line], { encoding: 'utf8' });
  expect(stdout.trimEnd()).toBe(join(clone.root, 'tools/run-program.js'));
});

test('the passphrase is for its owner only, and stays once it is made', () => {
  const file = valueOf('PULUMI_CONFIG_PASSPHRASE_FILE');
  expect(file).toBe(join(clone.state, 'passphrase'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(clone.state).mode & 0o777).toBe(0o700);
  const passphrase = readFileSync(file, 'utf8');
  expect(passphrase.trim().length).toBeGreaterThan(40);
  clone.bash('tools/env');
  expect(readFileSync(file, 'utf8')).toBe(passphrase);
});

test('applying the settings twice changes nothing', () => {
  const once = clone.bash('eval "$(tools/env)"; echo "$PATH $PULUMI_HOME $PULUMI_BACKEND_URL"').stdout;
  const twice = clone.bash('eval "$(tools/env)"; eval "$(tools/env)"; echo "$PATH $PULUMI_HOME $PULUMI_BACKEND_URL"');
  expect(twice.stdout).toBe(once);
});

test("a person's own passphrase is used, an empty one too", () => {
  expect(valueOf('PULUMI_CONFIG_PASSPHRASE_FILE', { PULUMI_CONFIG_PASSPHRASE: '' })).toBe('unset');
});

test("with a person's own backend neither a passphrase nor another Pulumi folder is forced on them", () => {
  const own = { PULUMI_BACKEND_URL: 's3://bucket' };
  expect(valueOf('PULUMI_BACKEND_URL', own)).toBe('s3://bucket');
  expect(valueOf('PULUMI_CONFIG_PASSPHRASE_FILE', own)).toBe('unset');
  expect(valueOf('PULUMI_HOME', own)).toBe(join(clone.base, '.pulumi'));
  expect(existsSync(clone.state)).toBe(false);
});

test('a backend named in Pulumi.yaml is left to Pulumi', () => {
  clone.write('Pulumi.yaml', 'name: swarm\nbackend:\n  url: s3://bucket\n');
  expect(valueOf('PULUMI_BACKEND_URL')).toBe('unset');
});

describe('the plugin command', () => {
  const own = (): string => join(clone.root, 'tools/command-plugin/pulumi-resource-command');
  const installed = (pulumiFolder: string): string =>
    join(pulumiFolder, 'plugins', `resource-command-v${pluginVersion()}`, 'pulumi-resource-command');
  const path = (environment = {}): string[] => valueOf('PATH', environment).split(':');

  test("is the project's own where there is no official one, and Pulumi looks for none", () => {
    expect(valueOf('PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION')).toBe('true');
    expect(readlinkSync(installed(valueOf('PULUMI_HOME')))).toBe(own());
    expect(path()).not.toContain(dirname(own()));
  });

  test("of the project's own is put in no Pulumi folder but the project's", () => {
    const folder = join(clone.base, 'my pulumi');
    expect(path({ PULUMI_HOME: folder })).toContain(dirname(own()));
    expect(existsSync(folder)).toBe(false);
  });

  test('is the official one when that is on PATH, even after settings that had the own one', () => {
    clone.program('pulumi-resource-command', 'true');
    expect(path({ PATH: `${clone.programs}:/usr/bin:/bin:${dirname(own())}` })).not.toContain(dirname(own()));
    expect(valueOf('PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION')).toBe('unset');
  });

  test.each(['.pulumi', 'cache/pulumi'])('is the official one when that is installed in %s', (folder) => {
    const official = installed(join(clone.base, folder));
    clone.bash(`mkdir -p '${dirname(official)}' && install -m 755 /bin/true '${official}'`);
    expect(path().includes(dirname(official))).toBe(folder === '.pulumi');
    expect(valueOf('PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION')).toBe('unset');
  });
});

function pluginVersion(): string {
  const { dependencies } = JSON.parse(readFileSync(join(clone.root, 'package.json'), 'utf8')) as Package;
  return dependencies['@pulumi/command'] ?? '';
}

interface Package {
  dependencies: Record<string, string>;
}
