/**
 * Docker's version and daemon.json of a running swarm are changed, one node at a time, on five lab machines, while a
 * client asks a service with three replicas. Each test goes on from where the one before has left the swarm.
 */
import { AVAILABILITY_LABEL } from '../../core/swarm/labels';
import { devInLab } from '../support/e2e-config';
import { Environment, type Outcome } from '../support/environment';
import { lab, Shell, type LabMachine } from '../support/lab';
import { Load } from '../support/load';

const LAB = { LAB: 'roll', LAB_SUBNET: '10.81.0' };
const MINUTE = 60_000;
const OLD = '26.1.5';
const NEW = '28.5.2';
const NAMES = ['node1', 'node2', 'node3', 'node4', 'node5'];

const base = devInLab('roll', '10.81.0');
const settings = (version: string, daemon: object = {}): object => ({
  ...base,
  machines: { ...base.machines, memory: 640 },
  engine: { ...(base.engine as object), version, daemon: { ...(base.engine as { daemon: object }).daemon, ...daemon } },
});

describe('the engines of a running swarm', () => {
  const shell = new Shell();
  let environment: Environment;
  let machines: LabMachine[];

  const machine = (name: string): LabMachine => {
    const found = machines.find((other) => other.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const on = async (name: string, command: string): Promise<string> => (await shell.run(machine(name), command)).trim();
  const onEach = async (command: string, names = NAMES): Promise<string[]> =>
    Promise.all(names.map((name) => on(name, command)));
  const versions = (names = NAMES): Promise<string[]> =>
    onEach("docker version --format '{{.Server.Version}}' | cut -d+ -f1", names);
  const dockerds = (): Promise<string[]> => onEach('pidof dockerd');
  const availabilities = async (): Promise<string[]> =>
    (await on('node1', "docker node ls --format '{{.Hostname}} {{.Availability}}'")).split('\n').sort();
  const allActive = NAMES.map((name) => `${name} Active`);
  const succeed = (outcome: Outcome): Outcome => {
    if (!outcome.succeeded) throw new Error(outcome.text);
    return outcome;
  };

  beforeAll(async () => {
    await lab(['down'], LAB);
    environment = await Environment.create('e2e-roll', settings(OLD));
    succeed(await environment.up());
    machines = await Promise.all(NAMES.map(lookUp));
  }, 10 * MINUTE);

  afterAll(async () => {
    await shell.close();
    await lab(['down'], LAB);
    environment.forget();
  }, MINUTE);

  it(
    'are left alone when dockerd refuses the new daemon.json',
    async () => {
      const before = await dockerds();
      environment.configure(settings(OLD, { 'no-such-key': true }));
      const outcome = await environment.up();
      environment.configure(settings(OLD));
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toMatch(
        /node\d: checking daemon\.json \(nothing was changed\) failed: dockerd refuses it: .*no-such-key\n\s+cure: /,
      );
      expect(await availabilities()).toEqual(allActive);
      expect(await dockerds()).toEqual(before);
    },
    4 * MINUTE,
  );

  it(
    'are put right where somebody has edited daemon.json or stopped Docker, which a refresh sees',
    async () => {
      const before = await on('node5', 'pidof dockerd');
      await on('node5', `sed -i '1s/{/{"max-concurrent-downloads": 7,/' /etc/docker/daemon.json`);
      await on('node4', 'systemctl stop docker.socket docker');
      const seen = succeed(await environment.preview({ refresh: true }));
      expect(seen.operations).toEqual(expect.arrayContaining(['update Engine node4', 'update Engine node5']));
      expect(seen.text).toMatch(/Engine node4 update \[diff: ~answers\]/);
      expect(seen.text).toMatch(/Engine node5 update \[diff: [~-]daemonFile\]/);
      const outcome = succeed(await environment.up({ refresh: true }));
      expect(outcome.done.filter((line) => line.includes('update Engine')).sort()).toEqual([
        'update Engine node4',
        'update Engine node5',
      ]);
      expect(await on('node4', 'systemctl is-active docker')).toBe('active');
      expect(await on('node5', 'grep -c max-concurrent /etc/docker/daemon.json || true')).toBe('0');
      expect(await on('node5', 'pidof dockerd')).toBe(before);
    },
    6 * MINUTE,
  );

  describe('brought to another version', () => {
    let load: Load;
    let first: Outcome;

    beforeAll(async () => {
      load = new Load(
        NAMES.map((_name, index) => `http://127.81.0.${11 + index}/`),
        75,
      );
      // dpkg can't replace the program: something is mounted over it.
      await on('node5', 'mount --bind /usr/sbin/dockerd /usr/sbin/dockerd');
      environment.configure(settings(NEW));
      first = await environment.up();
    }, 10 * MINUTE);

    afterAll(() => load.stop());

    it(
      'stop at the first failure, with the rest untouched',
      async () => {
        expect(first.succeeded).toBe(false);
        expect(first.text).toMatch(/node5: installing Docker failed: .*dockerd.*\n\s+cure: /);
        for (const name of ['node1', 'node2', 'node3']) {
          expect(first.text).toMatch(
            new RegExp(`${name}: changing its engine failed: not begun: the roll stopped at node5\\n\\s+cure: `),
          );
        }
        expect(await versions(['node1', 'node2', 'node3'])).toEqual([OLD, OLD, OLD]);
        expect(await availabilities()).toEqual([...allActive.slice(0, 4), 'node5 Drain']);
      },
      MINUTE,
    );

    it(
      'go on from there in the next run, managers after workers and the leader last',
      async () => {
        await on('node5', 'umount /usr/sbin/dockerd');
        const leader = await on(
          'node1',
          "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | sed -n 's/ Leader//p'",
        );
        const second = succeed(await environment.up());
        const order = second.done.filter((line) => line.includes('Engine')).map((line) => line.split(' ').pop());
        const managers = order.slice(order.length - 3);
        expect(order.slice(0, 1)).toEqual(['node5']);
        expect([...managers].sort()).toEqual(['node1', 'node2', 'node3']);
        expect(managers.pop()).toBe(leader);
      },
      10 * MINUTE,
    );

    it(
      'all have it then, and every node has its availability back',
      async () => {
        expect(await versions()).toEqual(NAMES.map(() => NEW));
        expect(await availabilities()).toEqual(allActive);
        const labels = await on('node1', "docker node inspect $(docker node ls -q) --format '{{json .Spec.Labels}}'");
        expect(labels).not.toContain(AVAILABILITY_LABEL);
      },
      MINUTE,
    );

    it(
      'kept a service with three replicas answering all the time',
      async () => {
        const { requests, failed, detours, errors } = await load.stop();
        process.stderr.write(
          `  requests during the roll: ${requests}, failed: ${failed}, asked another node: ${detours}\n`,
        );
        expect(errors).toEqual([]);
        expect(failed).toBe(0);
        expect(requests).toBeGreaterThan(500);
      },
      MINUTE,
    );
  });

  it(
    'change no more when run again',
    async () => {
      const outcome = succeed(await environment.up());
      expect(outcome.operations).toEqual([]);
    },
    MINUTE,
  );
});

/** `lab machine up` of a machine that is up changes nothing and prints its host key. */
async function lookUp(name: string, index: number): Promise<LabMachine> {
  const host = `81.0.${11 + index}`;
  const settings = { MACHINE: name, MACHINE_ADDRESS: `10.${host}`, MACHINE_FORWARD: `127.${host}` };
  return JSON.parse(await lab(['machine', 'up'], { ...LAB, ...settings, MACHINE_PORTS: '22 80 8080' })) as LabMachine;
}
