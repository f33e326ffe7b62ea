/** The lab on its own: one machine, from nothing to nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lab, labKeyFile, Shell, type LabMachine } from '../support/lab';
import { labMounts, labProcesses } from '../support/lab-traces';
import { projectRoot } from '../support/plugin';

const LAB = { LAB: 'labtest', LAB_SUBNET: '10.74.0' };
const M1 = { ...LAB, MACHINE: 'm1', MACHINE_ADDRESS: '10.74.0.11', MACHINE_FORWARD: '127.74.0.11' };
const NAMESPACE = 'lab-labtest';
const FOLDER = path.join(path.dirname(labKeyFile), 'labs', 'labtest');
const MINUTE = 60_000;
/** What the lab promises for a machine that boots alone. */
const BOOT_SECONDS = 30;

const up = async (settings = {}): Promise<LabMachine> =>
  JSON.parse(await lab(['machine', 'up'], { ...M1, ...settings })) as LabMachine;
const error = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it succeeded',
    (reason: unknown) => String(reason),
  );
const secondsSince = (begin: number): number => (Date.now() - begin) / 1000;

/** Over a connection of its own, which only the machine's host key opens. */
async function inMachine(machine: LabMachine, command: string): Promise<string> {
  const shell = new Shell();
  try {
    return await shell.run(machine, command);
  } finally {
    await shell.close();
  }
}

const running = (): string[] => labProcesses(FOLDER);
const kernels = (): string[] => running().filter((process) => process.startsWith('machines/m1/kernel '));

/** What comes of a connection to a machine's SSH server within two seconds. */
async function greeting(machine: LabMachine): Promise<string> {
  const socket = connect(22, machine.forward);
  try {
    const [line] = (await once(socket, 'data', { signal: AbortSignal.timeout(2000) })) as [Buffer];
    return line.toString();
  } catch {
    if (socket.errored) return String(socket.errored);
    return socket.readableEnded ? 'closed' : 'silence';
  } finally {
    socket.destroy();
  }
}

/** Kills `machine up`, and all it runs in the foreground, as soon as it tells that it got to this step. */
async function killUpAt(progress: string): Promise<void> {
  const env = { ...process.env, ...M1 };
  const child = spawn('lab/lab', ['machine', 'up'], { cwd: projectRoot, env, detached: true });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    const before = told;
    told += chunk.toString();
    if (child.pid === undefined || before.includes(progress) || !told.includes(progress)) return;
    process.kill(-child.pid, 'SIGKILL'); // the process group
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect({ told, signal }).toEqual({ told: expect.stringContaining(progress) as string, signal: 'SIGKILL' });
}

jest.setTimeout(4 * MINUTE);

beforeAll(async () => {
  await lab(['prepare'], {});
  await lab(['down'], LAB);
}, 10 * MINUTE);

afterAll(async () => {
  await lab(['down'], LAB);
});

describe('lab prepare', () => {
  it('finds nothing to do the second time, in less than a second', async () => {
    const begin = Date.now();
    await lab(['prepare'], {});
    expect(secondsSince(begin)).toBeLessThan(1);
  });
});

describe('lab machine up', () => {
  it.each([
    ['MACHINE_PORTS', '22,80'],
    ['LAB', 'Foo'],
    ['MACHINE_MEMORY', '100'],
  ])('refuses %s=%s with one cure, before it makes anything', async (name, value) => {
    const message = await error(up({ [name]: value }));
    expect(message).toContain(value);
    expect(message.match(/^ {2}cure: .+$/gm)).toEqual([expect.stringContaining(name)]);
    expect(existsSync(FOLDER)).toBe(false);
  });

  it('goes on from wherever it was killed', async () => {
    for (const step of ['network 10.74.0.0/24', 'registry registry.lab', 'booting']) await killUpAt(step);
    expect((await inMachine(await up(), 'hostname')).trim()).toBe('m1');
    await lab(['down'], LAB);
  });
});

describe('a machine of the lab', () => {
  let machine: LabMachine;
  let bootSeconds: number;

  beforeAll(async () => {
    const begin = Date.now();
    machine = await up({ MACHINE_PORTS: '22 80' });
    bootSeconds = secondsSince(begin);
  });

  it(`answers SSH within ${BOOT_SECONDS} s, from nothing`, () => {
    expect(bootSeconds).toBeLessThan(BOOT_SECONDS);
  });

  it('lets in with the host key that was printed, and with no other', async () => {
    expect((await inMachine(machine, 'hostname')).trim()).toBe('m1');
    const anotherKey = readFileSync(`${labKeyFile}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    expect(await error(inMachine({ ...machine, hostKey: anotherKey }, 'hostname'))).toMatch(/host key/);
  });

  it('stays as it is when brought up again', async () => {
    const before = running();
    expect(kernels()).toHaveLength(1);
    expect(await up()).toEqual(machine);
    expect(running()).toEqual(before);
  });

  it('gets other forwards while it runs', async () => {
    const before = kernels();
    expect(await lab(['status'], LAB)).toMatch(/m1 .*forwarded ports 22 80 *$/m);
    await up({ MACHINE_PORTS: '22 9000' });
    expect(await lab(['status'], LAB)).toMatch(/m1 .*forwarded ports 22 9000 *$/m);
    expect(kernels()).toEqual(before);
  });

  it('gets no port that is taken; who has it is named', async () => {
    const taker = createServer().listen(8099, machine.forward);
    await once(taker, 'listening');
    try {
      const message = await error(up({ MACHINE_PORTS: '22 8099' }));
      expect(message).toMatch(new RegExp(`127\\.74\\.0\\.11:8099: the port is taken: .*pid=${process.pid}\\b`));
      expect(message.match(/^ {2}cure: .+$/gm)).toHaveLength(1);
    } finally {
      taker.close();
    }
    expect(await up({ MACHINE_PORTS: '22' })).toEqual(machine);
  });

  it('has no route out', async () => {
    const routes = execFileSync('ip', ['netns', 'exec', NAMESPACE, 'ip', 'route'], { encoding: 'utf8' });
    expect(routes.trim()).toMatch(/^10\.74\.0\.0\/24 .*$/);
    // 192.0.2.1 is of TEST-NET-1, which nobody has.
    const attempt = 'timeout 2 bash -c "exec 3<>/dev/tcp/192.0.2.1/80" 2>&1 || true';
    expect(await inMachine(machine, attempt)).toMatch(/unreachable/i);
  });

  it('can install two versions of Docker without a network, and takes the older unless told otherwise', async () => {
    const versions = await inMachine(machine, "apt-cache madison docker.io | awk '{ print $3 }'");
    const [newer = '', older = '', ...others] = versions.trim().split('\n'); // apt's order
    expect(others).toEqual([]);
    expect(older).toMatch(/^26\./);
    const planned = async (...packages: string[]): Promise<string> =>
      inMachine(
        machine,
        `apt-get install -s --no-install-recommends ${packages.join(' ')} |
          sed -n 's/^Inst \\(docker[^ ]*\\) (\\([^ ]*\\) .*/\\1=\\2/p' | sort`,
      );
    expect(await planned('docker.io', 'docker-cli')).toBe(`docker-cli=${older}\ndocker.io=${older}\n`);
    const asked = [`docker-cli=${newer}`, `docker.io=${newer}`];
    expect(await planned(...asked)).toBe(`${asked.join('\n')}\n`);
  });

  it('says nothing while it is cut off the network, and goes on once that is mended', async () => {
    const before = kernels();
    expect(await greeting(machine)).toMatch(/^SSH-/);
    const ticks = inMachine(machine, 'for tick in 1 2 3 4; do sleep 1; echo $tick; done | tail -n 1');
    await lab(['machine', 'cut'], M1);
    await lab(['machine', 'cut'], M1);
    const whileCut = [await greeting(machine), await lab(['status'], LAB)];
    await lab(['machine', 'mend'], M1);
    await lab(['machine', 'mend'], M1);
    expect(whileCut).toEqual(['silence', expect.stringMatching(/up and cut off the network, m1 /)]);
    expect(await greeting(machine)).toMatch(/^SSH-/);
    expect(await ticks).toBe('4\n');
    expect(kernels()).toEqual(before);
    expect(await lab(['status'], LAB)).toMatch(/machine +up, m1 /);
  });

  it('keeps a clock that was set wrong', async () => {
    const ahead = async (): Promise<number> => Number(await inMachine(machine, 'date +%s')) - Date.now() / 1000;
    await inMachine(machine, "date -s '+2 minutes'");
    await pause(2000);
    expect(await ahead()).toBeGreaterThan(115);
    expect(await ahead()).toBeLessThan(125);
  });

  it('comes back when it reboots by itself, as the same process, with the right clock', async () => {
    const bootId = (): Promise<string> => inMachine(machine, 'cat /proc/sys/kernel/random/boot_id');
    const [before, processes] = [await bootId(), running()];
    // It may be down before it has said so.
    await error(inMachine(machine, 'systemctl reboot'));
    const begin = Date.now();
    while ((await bootId().catch(() => before)) === before) {
      expect(secondsSince(begin)).toBeLessThan(BOOT_SECONDS);
      await pause(200);
    }
    expect(running()).toEqual(processes);
    expect(Math.abs(Number(await inMachine(machine, 'date +%s')) - Date.now() / 1000)).toBeLessThan(5);
  });

  it('keeps its host key and disk when its power is cut', async () => {
    await inMachine(machine, 'echo written before >/kept && sync');
    const before = kernels();
    await lab(['machine', 'off'], M1);
    expect(kernels()).toEqual([]);
    expect(await up()).toEqual(machine);
    expect(await inMachine(machine, 'cat /kept')).toBe('written before\n');
    expect(kernels()).not.toEqual(before);
  });
});

describe('lab down', () => {
  it('leaves nothing, and has nothing against a lab that is down', async () => {
    expect(running()).not.toEqual([]);
    for (const time of ['first', 'second']) {
      await lab(['down'], LAB);
      expect({
        time,
        namespaces: /^lab-labtest\b.*/m.exec(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })),
        processes: running(),
        mounts: labMounts(LAB.LAB),
        folder: existsSync(FOLDER),
      }).toEqual({ time, namespaces: null, processes: [], mounts: [], folder: false });
    }
  });
});
