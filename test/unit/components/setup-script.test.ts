/** The script that prepares a machine's operating system, run for real: as root, in namespaces and an /etc of its own. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setupScript } from '../../../components/hosts/setup-script';

let folder: string;
let etc: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'setup-'));
  etc = path.join(folder, 'etc');
  for (const name of ['modules-load.d', 'sysctl.d']) fs.mkdirSync(path.join(etc, name), { recursive: true });
  fs.writeFileSync(path.join(etc, 'hosts'), '127.0.0.1 localhost\n10.0.0.9 printer\n');
  // Loads what it is asked for by writing it down; knows all modules but ip_vs_rr.
  install(
    'modprobe',
    `case "$*" in --dry-run*ip_vs_rr) exit 1 ;; --dry-run*) exit 0 ;; esac; echo "$*" >>${folder}/loaded`,
  );
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function install(name: string, script: string): void {
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function run(machine: string): { status: number | null; stdout: string; stderr: string } {
  const inside = `mount --bind ${etc} /etc && hostname before && bash --norc -s && hostname >${folder}/hostname`;
  return spawnSync('unshare', ['--mount', '--uts', '--net', 'bash', '--norc', '-c', inside], {
    input: setupScript(machine),
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    encoding: 'utf8',
  });
}

const read = (name: string): string => fs.readFileSync(path.join(etc, name), 'utf8');

it('prepares a machine without a word', () => {
  expect(run('node1')).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

it('gives the machine its name, now and after a restart, and keeps the other entries of /etc/hosts', () => {
  run('node1');
  expect(fs.readFileSync(path.join(folder, 'hostname'), 'utf8')).toBe('node1\n');
  expect(read('hostname')).toBe('node1\n');
  expect(read('hosts')).toBe(
    '127.0.0.1 localhost\n10.0.0.9 printer\n127.0.1.1 node1 # this machine, see /etc/hostname\n',
  );
});

it('leaves one entry when the machine gets another name', () => {
  run('node1');
  run('node2');
  expect(read('hosts').match(/127\.0\.1\.1 .*/g)).toEqual(['127.0.1.1 node2 # this machine, see /etc/hostname']);
});

it('loads the modules that the kernel has, now and at every boot', () => {
  run('node1');
  const modules = ['overlay', 'bridge', 'br_netfilter', 'ip_vs', 'vxlan'];
  expect(fs.readFileSync(path.join(folder, 'loaded'), 'utf8').trim().split('\n')).toEqual(modules);
  expect(read('modules-load.d/swarm.conf').trim().split('\n').slice(1)).toEqual(modules);
});

it('turns forwarding on, now and at every boot', () => {
  run('node1');
  expect(read('sysctl.d/90-swarm.conf')).toContain('net.ipv4.ip_forward=1\n');
});

it('touches no file when run again', () => {
  run('node1');
  const files = ['hostname', 'hosts', 'modules-load.d/swarm.conf', 'sysctl.d/90-swarm.conf'];
  const inodes = () => files.map((name) => fs.statSync(path.join(etc, name)).ino);
  const before = inodes();
  expect(run('node1').status).toBe(0);
  expect(inodes()).toEqual(before);
});

it('stops at the first failure and says which machine, which step, and the cause', () => {
  install(
    'modprobe',
    'case "$*" in --dry-run*) ;; *) echo "modprobe: ERROR: could not insert: Exec format error" >&2; exit 1 ;; esac',
  );
  const { status, stderr } = run('node1');
  expect(status).not.toBe(0);
  expect(stderr).toBe(
    'modprobe: ERROR: could not insert: Exec format error\n' +
      'node1: load kernel modules: failed with exit status 1 at: modprobe "$module"\n' +
      '  cure: see the lines above for the cause; then run it again\n',
  );
  expect(fs.existsSync(path.join(etc, 'sysctl.d/90-swarm.conf'))).toBe(false);
});

it('takes a name literally', () => {
  run(`it's $(reboot)`);
  expect(read('hostname')).toBe(`it's $(reboot)\n`);
});
