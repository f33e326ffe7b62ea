/** The lab on its own: one machine, from nothing to nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { lab, labKeyFile, Shell, type LabMachine } from '../support/lab';
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

/** What of this lab runs, such as `machines/m1/kernel`, each with the number of its session: another once restarted. */
function running(): string[] {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((number) => {
      try {
        const environment = readFileSync(`/proc/${number}/environ`, 'utf8').split('\0');
        const mark = environment.find((entry) => entry.startsWith(`LAB_PROCESS=${FOLDER}/`));
        const session = readFileSync(`/proc/${number}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[3];
        return mark === undefined ? [] : [`${mark.replace(`LAB_PROCESS=${FOLDER}/`, '')} ${session}`];
      } catch {
        return []; // it has ended since
      }
    });
  return [...new Set(found)].sort();
}

const kernels = (): string[] => running().filter((process) => process.startsWith('machines/m1/kernel '));

/** Mounts of this lab, and the one of `ip netns` once no namespace needs it. */
function mounts(): string[] {
  const places = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return places.filter(
    (place) => place.includes('labtest') || (place === '/run/netns' && readdirSync(place).length === 0),
  );
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

jest.setTimeout(2 * MINUTE);

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

  it('can install Docker’s packages without a network', async () => {
    const plan = await inMachine(machine, 'apt-get install -y --no-install-recommends -s docker.io docker-cli');
    expect(plan).toMatch(/^Inst docker\.io /m);
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
        mounts: mounts(),
        folder: existsSync(FOLDER),
      }).toEqual({ time, namespaces: null, processes: [], mounts: [], folder: false });
    }
  });
});
