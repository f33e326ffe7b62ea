import { spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Clone } from './clone';

let clone: Clone;
beforeEach(() => {
  clone = new Clone();
});
afterEach(() => {
  clone.remove();
});

const withState = (command: string) =>
  clone.bash(`set -eu; source tools/lib.sh; source tools/state.sh; eval "$(tools/env)"; ${command}`);
const pulumiCalls = (): string => (existsSync(clone.calls) ? readFileSync(clone.calls, 'utf8') : '');
const read = (file: string): string => readFileSync(join(clone.root, file), 'utf8');

/** A process number that no process has: the highest that Linux allows is 4194304. */
const DEAD = 4194305;

describe('a lock on an environment', () => {
  const lock = (content: object): void => {
    clone.write('.state/.pulumi/locks/organization/swarm/dev/1.json', JSON.stringify({ username: 'me', ...content }));
  };

  test('is released when its pulumi is gone', () => {
    lock({ pid: DEAD, hostname: hostname() });
    const { status, stderr } = withState('recover dev');
    expect(status).toBe(0);
    expect(stderr).toContain(`process ${DEAD}`);
    expect(pulumiCalls()).toBe('cancel --yes --stack dev\n');
  });

  test('is released when its process number belongs to another program by now', () => {
    lock({ pid: process.pid, hostname: hostname() });
    expect(withState('recover dev').status).toBe(0);
    expect(pulumiCalls()).toContain('cancel');
  });

  test('stays while its pulumi is alive, and the error names the process', () => {
    symlinkSync('/bin/sleep', join(clone.base, 'pulumi'));
    const pulumi = spawn(join(clone.base, 'pulumi'), ['60']);
    try {
      lock({ pid: pulumi.pid, hostname: hostname() });
      const { status, stderr } = withState('recover dev');
      expect(status).toBe(1);
      expect(stderr).toContain(`another pulumi (process ${String(pulumi.pid)})`);
      expect(pulumiCalls()).toBe('');
    } finally {
      pulumi.kill();
    }
  });

  test('of another computer stays', () => {
    lock({ pid: DEAD, hostname: 'elsewhere' });
    expect(withState('recover dev').status).toBe(0);
    expect(pulumiCalls()).toBe('');
  });
});

describe('creates that were cut off', () => {
  const pending = (...types: string[]): void => {
    const operations = types.map((type) => ({ type: 'creating', resource: { type } }));
    clone.write(
      '.state/.pulumi/stacks/swarm/dev.json',
      JSON.stringify({ checkpoint: { latest: { pending_operations: operations } } }),
    );
  };

  test('are forgotten where creating again adopts what is there', () => {
    pending('swarm:index:Node', 'command:remote:Command');
    withState('recover dev');
    expect(pulumiCalls().split('\n').sort()).toEqual(['', 'stack export --stack dev', 'stack import --stack dev']);
  });

  test('are left for the person where something could be made twice', () => {
    pending('swarm:index:Node', 'aws:ec2/instance:Instance');
    withState('recover dev');
    expect(pulumiCalls()).toBe('');
  });
});

describe("an environment's file", () => {
  const file = '# three nodes\nconfig:\n  swarm:environment:\n    machines: { kind: existing }\n\n    nodes: []\n';
  const laidOutAnew = 'config: {}\nencryptionsalt: v1:new\n';

  beforeEach(() => {
    clone.program('pulumi', `printf '${laidOutAnew.replaceAll('\n', '\\n')}' >"Pulumi.$4.yaml"`);
  });

  test('keeps its layout when the environment is created, with the salt added', () => {
    clone.write('Pulumi.dev.yaml', file);
    withState('create_environment dev');
    expect(read('Pulumi.dev.yaml')).toBe(`${file}encryptionsalt: v1:new\n`);
  });

  test('loses the salt of a passphrase that is gone', () => {
    clone.write('Pulumi.dev.yaml', `${file}encryptionsalt: v1:old\n`);
    withState('create_environment dev');
    expect(read('Pulumi.dev.yaml')).toBe(`${file}encryptionsalt: v1:new\n`);
  });

  test('is as it was after the environment is gone, and so is the clone', () => {
    clone.write('Pulumi.dev.yaml', file);
    withState('create_environment dev; forget_salt dev; forget_state');
    expect(read('Pulumi.dev.yaml')).toBe(file);
    expect(existsSync(clone.state)).toBe(false);
  });

  test('with secrets keeps its salt, and the passphrase stays', () => {
    const secret = `${file}    password:\n      secure: v1:abc\nencryptionsalt: v1:own\n`;
    clone.write('Pulumi.dev.yaml', secret);
    withState('forget_salt dev; forget_state');
    expect(read('Pulumi.dev.yaml')).toBe(secret);
    expect(existsSync(join(clone.state, 'passphrase'))).toBe(true);
  });
});

test('the state stays while another environment is in it', () => {
  clone.write('.state/.pulumi/stacks/swarm/odroid.json', '{}');
  withState('forget_state');
  expect(existsSync(clone.state)).toBe(true);
});
