/**
 * What goes wrong on the way to a swarm, on existing machines: each fault names the machine, the step, the cause and
 * the cure, all other work is kept, and the next run goes on from there.
 */
import { execFileSync } from 'node:child_process';
import { Environment, type Outcome } from '../support/environment';
import { lab, labKeyFile, Shell, type LabMachine } from '../support/lab';

const LAB = { LAB: 'faults', LAB_SUBNET: '10.75.0' };
const MINUTE = 60_000;
/** The lab's disks are 4 GiB; what is left of it after this can't hold Docker. */
const FILL = 'fallocate -l "$(( $(df -Pm / | awk \'NR == 2 { print $4 }\') - 100 ))M" /filler';

describe('an environment of existing machines', () => {
  const shell = new Shell();
  let environment: Environment;
  let good: LabMachine, strange: LabMachine, full: LabMachine;

  const node = ({ name, address, forward, hostKey }: LabMachine, role = 'worker', more: object = {}): object => ({
    ...{ name, role, address, host: forward, hostKey },
    ...more,
  });
  const config = (nodes: object[]): object => ({
    machines: { kind: 'existing' },
    ssh: { privateKeyFile: labKeyFile },
    engine: { daemon: { 'insecure-registries': ['registry.lab:5000'] } },
    nodes,
  });
  const machine = async (index: number): Promise<LabMachine> => {
    const environment = { MACHINE: `node${index}`, MACHINE_ADDRESS: `10.75.0.1${index}` };
    const line = await lab(['machine', 'up'], { ...LAB, ...environment, MACHINE_FORWARD: `127.75.0.1${index}` });
    return JSON.parse(line) as LabMachine;
  };

  beforeAll(async () => {
    await lab(['down'], LAB);
    await lab(['network', 'up'], LAB);
    [good, strange, full] = await Promise.all([machine(1), machine(2), machine(3)]);
    await shell.run(full, FILL);
    environment = await Environment.create('e2e-faults', config([node(good, 'manager')]));
  }, 6 * MINUTE);

  afterAll(async () => {
    await shell.close();
    await lab(['down'], LAB);
    environment.forget();
  }, MINUTE);

  describe('with five machines of which four have something wrong', () => {
    let outcome: Outcome;

    beforeAll(async () => {
      const silent = { ...good, name: 'node4', address: '10.75.0.14', forward: '127.75.0.14' };
      const locked = { ...good, name: 'node5', address: '10.75.0.15' };
      environment.configure(
        config([
          node(good, 'manager'),
          node(strange, 'worker', { hostKey: good.hostKey }),
          node(full),
          node(silent),
          node(locked, 'worker', { user: 'nobody' }),
        ]),
      );
      outcome = await environment.up();
    }, 8 * MINUTE);

    it('fails', () => {
      expect(outcome.succeeded).toBe(false);
    });

    it.each([
      ['a wrong host key, with both fingerprints', /node2: .*failed: .*host key.*SHA256:.*SHA256:.*\n\s+cure: /],
      ['a full disk', /node3: preflight \(nothing was changed\) failed: no space on disk: \d+ MB free.*\n\s+cure: /],
      ['a machine that does not answer', /node4: connecting.* failed: .*127\.75\.0\.14:22.*\n\s+cure: /],
      ['a refused login, with the user', /node5: .* failed: .*nobody.*\n\s+cure: /],
    ])('names %s', (_fault, message) => {
      expect(outcome.text).toMatch(message);
    });

    it('shows no stack trace and no key', () => {
      expect(outcome.text).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
      expect(outcome.text).not.toContain('PRIVATE KEY');
    });

    it('leaves the machines with faults as they were', async () => {
      expect(await shell.run(full, 'command -v dockerd || echo none')).toContain('none');
      expect(await shell.run(strange, 'command -v dockerd || echo none')).toContain('none');
    });
  });

  it(
    'keeps what was done, and goes on from there once the faults are mended',
    async () => {
      await shell.run(full, 'rm /filler');
      environment.configure(config([node(good, 'manager'), node(strange), node(full)]));
      const outcome = await environment.up();
      expect(outcome.text).not.toMatch(/error:/);
      expect(outcome.succeeded).toBe(true);
      expect(outcome.operations).not.toContain('create Engine node1');
      expect(outcome.operations).toEqual(expect.arrayContaining(['create Node node2', 'create Node node3']));
      const list = await shell.run(good, "docker node ls --format '{{.Hostname}} {{.Status}}'");
      expect(list.trim().split('\n').sort()).toEqual(['node1 Ready', 'node2 Ready', 'node3 Ready']);
    },
    10 * MINUTE,
  );

  it(
    'refuses a machine that is a member of another swarm, and says which',
    async () => {
      const state = await environment.destroy();
      expect(state.text).not.toMatch(/error:/);
      await shell.run(strange, 'docker swarm init --advertise-addr 10.75.0.12');
      const id = (await shell.run(strange, "docker info --format '{{.Swarm.Cluster.ID}}'")).trim();
      environment.configure(config([node(good, 'manager'), node(strange)]));
      const outcome = await environment.up();
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toContain(`node2: joining the swarm failed: it is a member of another swarm (${id})`);
      expect(await shell.run(strange, "docker info --format '{{.Swarm.Cluster.ID}}'")).toContain(id);
    },
    10 * MINUTE,
  );

  it(
    'leaves existing machines as they are when it is destroyed: out of the swarm, Docker in place',
    async () => {
      const outcome = await environment.destroy();
      expect(outcome.succeeded).toBe(true);
      expect(await shell.run(good, "docker info --format '{{.Swarm.LocalNodeState}}'")).toContain('inactive');
    },
    6 * MINUTE,
  );
});

describe('a kernel that can’t carry a swarm', () => {
  const lacking = ['ip_vs', 'vxlan'].filter((name) => {
    const script = `[ -d /sys/module/${name} ] || modprobe -n -q ${name} || zcat /proc/config.gz 2>/dev/null | grep -qi "^CONFIG_${name}=y"`;
    try {
      execFileSync('sh', ['-c', script], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  const test = lacking.includes('ip_vs') ? it : it.skip;

  test('is refused before anything is changed (needs this computer’s own kernel to lack ip_vs)', async () => {
    const { collectFacts, preflight } = await import('../../provider/engine/facts');
    const local = {
      run: (_step: string, command: string, { stdin = '' }: { stdin?: string }) =>
        Promise.resolve(execFileSync('sh', ['-c', command], { input: stdin, encoding: 'utf8' })),
    };
    const facts = await collectFacts(local, ['docker.io'], new AbortController().signal, true);
    expect(
      preflight(facts, false)
        .map(({ cause }) => cause)
        .join(),
    ).toMatch(/lacks .*ip_vs \(the routing mesh/);
  });
});
