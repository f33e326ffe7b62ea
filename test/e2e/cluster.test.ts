/**
 * The swarm as a whole on three lab machines: its settings, its secrets, its locks, and what would end it. Each test goes
 * on from where the one before has left the swarm.
 */
import { execFile } from 'node:child_process';
import { Environment, succeed } from '../support/environment';
import { existingEnvironment, LabMachines } from '../support/existing';

const MINUTE = 60_000;
const MANAGERS = [1, 2, 3];
/** Finds secrets of a swarm in the arguments of processes, for some seconds; written so that it doesn't find itself. */
const FIND_SECRETS =
  "for i in $(seq 15); do grep -laE '[S]WMTKN|[S]WMKEY' /proc/[0-9]*/cmdline 2>/dev/null; sleep 0.2; done; true";

interface SwarmFacts {
  Spec: {
    Orchestration: { TaskHistoryRetentionLimit: number };
    Raft: { SnapshotInterval: number };
    Dispatcher: { HeartbeatPeriod: number };
    CAConfig: { NodeCertExpiry: number };
    EncryptionConfig: { AutoLockManagers: boolean };
  };
  ID: string;
  DefaultAddrPool: string[];
  SubnetSize: number;
}

describe('the swarm of an environment', () => {
  const machines = new LabMachines('cluster', '10.80.0', '22');
  let environment: Environment;
  let cluster: object = {
    ...{ autolock: true, taskHistoryLimit: 3, heartbeatPeriodSeconds: 6, certificateExpiryHours: 720 },
    ...{ snapshotInterval: 5000, defaultAddressPools: ['10.30.0.0/16'], subnetSize: 26 },
  };

  const config = (managers = MANAGERS): object =>
    existingEnvironment(
      managers.map((number) => machines.node(number, 'manager')),
      { cluster },
    );
  const change = (settings: object): void => {
    cluster = { ...cluster, ...settings };
    environment.configure(config());
  };
  const one = async (number: number, command: string): Promise<string> =>
    (await machines.run(number, command)).join('\n');
  const facts = async (): Promise<SwarmFacts> =>
    JSON.parse(await one(1, "docker info --format '{{json .Swarm.Cluster}}'")) as SwarmFacts;
  const secrets = async (): Promise<string[]> =>
    Promise.all(
      ['join-token -q worker', 'join-token -q manager', 'unlock-key -q'].map((what) => one(1, `docker swarm ${what}`)),
    );
  const states = async (): Promise<string[]> =>
    Promise.all(MANAGERS.map((number) => one(number, "docker info --format '{{.Swarm.LocalNodeState}}'")));
  const members = async (): Promise<string[]> => {
    await one(1, 'timeout 30 sh -c "while docker node ls | grep -q Unknown; do sleep 0.5; done"');
    const format = '{{.Hostname}} {{.Status}} {{.Availability}} {{if .ManagerStatus}}manager{{end}}';
    return (await machines.run(1, `docker node ls --format '${format}'`)).sort();
  };
  const ALL = MANAGERS.map((number) => `node${number} Ready Active manager`);
  const changed = (operations: string[]): string[] =>
    operations.filter((operation) => !operation.startsWith('refresh ')).sort();

  /** Looks for secrets among the arguments of all processes, here and on the machines, until the work is done. */
  const watchProcesses = async <T>(work: Promise<T>): Promise<string[]> => {
    let done = false;
    const found: string[] = [];
    const here = (): Promise<string[]> =>
      new Promise((resolve) => {
        execFile('sh', ['-c', FIND_SECRETS], (_error, stdout) => {
          resolve(stdout.split('\n').filter(Boolean));
        });
      });
    const watch = async (look: () => Promise<string[]>): Promise<void> => {
      while (!done) found.push(...(await look()));
    };
    const watches = [here, ...MANAGERS.map((number) => () => machines.run(number, FIND_SECRETS))].map(watch);
    await work.finally(() => {
      done = true;
    });
    await Promise.all(watches);
    return found;
  };

  beforeAll(async () => {
    await machines.start();
    await machines.boot(...MANAGERS);
    environment = await Environment.create('e2e-cluster', config());
  }, 4 * MINUTE);

  afterAll(async () => {
    await machines.end();
    environment.forget();
  }, MINUTE);

  it(
    'is formed with its settings, and shows its secrets nowhere',
    async () => {
      const up = environment.up();
      expect(await watchProcesses(up)).toEqual([]);
      const outcome = succeed(await up);
      expect(await members()).toEqual(ALL);
      expect(await facts()).toMatchObject({
        Spec: {
          Orchestration: { TaskHistoryRetentionLimit: 3 },
          Raft: { SnapshotInterval: 5000 },
          Dispatcher: { HeartbeatPeriod: 6e9 },
          CAConfig: { NodeCertExpiry: 720 * 3600e9 },
          EncryptionConfig: { AutoLockManagers: true },
        },
        DefaultAddrPool: ['10.30.0.0/16'],
        SubnetSize: 26,
      });
      const [worker = '', manager = '', key = ''] = await secrets();
      expect([worker, manager, key].map((secret) => secret.slice(0, 6))).toEqual(['SWMTKN', 'SWMTKN', 'SWMKEY']);
      for (const secret of [worker, manager, key]) {
        expect(environment.stateFiles()).not.toContain(secret);
        expect(outcome.text).not.toContain(secret);
      }
    },
    10 * MINUTE,
  );

  it(
    'takes other settings in place, with new join tokens and a new unlock key where that is asked for',
    async () => {
      const before = await secrets();
      change({ certificateExpiryHours: 8760, taskHistoryLimit: 0, rotateJoinTokens: '2026-11', rotateUnlockKey: '1' });
      const preview = succeed(await environment.preview());
      expect(preview.operations).toEqual(['update Cluster e2e-cluster']);
      const up = environment.up({ verbosity: 9 });
      expect(await watchProcesses(up)).toEqual([]);
      const outcome = succeed(await up);
      expect(outcome.operations).toEqual(['update Cluster e2e-cluster']);
      expect(outcome.text).toMatch(/rotateJoinTokens/);
      const { Spec: spec } = await facts();
      expect(spec.CAConfig.NodeCertExpiry).toBe(8760 * 3600e9);
      expect(spec.Orchestration.TaskHistoryRetentionLimit).toBe(0);
      const after = await secrets();
      after.forEach((secret, index) => {
        expect(secret).not.toBe(before[index]);
      });
      for (const secret of [...before, ...after]) expect(environment.stateFiles()).not.toContain(secret);
      for (const token of [...before, ...after].slice(0, 2)) expect(outcome.text).not.toContain(token);
      expect(outcome.text).not.toContain('SWMTKN');
    },
    4 * MINUTE,
  );

  it(
    'is unlocked by pulumi up --refresh after all its managers were restarted at once',
    async () => {
      await Promise.all(MANAGERS.map((number) => one(number, 'systemctl restart docker')));
      expect(await states()).toEqual(['locked', 'locked', 'locked']);
      const preview = succeed(await environment.preview({ refresh: true }));
      expect(changed(preview.operations)).toEqual(['update Cluster e2e-cluster']);
      expect(preview.text).toMatch(/locked/);
      const outcome = succeed(await environment.up({ refresh: true }));
      expect(changed(outcome.operations)).toEqual(['update Cluster e2e-cluster']);
      expect(await states()).toEqual(['active', 'active', 'active']);
      expect(await members()).toEqual(ALL);
      expect(changed(succeed(await environment.preview({ refresh: true })).operations)).toEqual([]);
    },
    6 * MINUTE,
  );

  it(
    'keeps its managers when removing them would lose quorum, and says the arithmetic',
    async () => {
      await one(3, 'systemctl stop docker docker.socket');
      await one(1, `timeout 30 sh -c 'until docker node ls | grep -q Unreachable; do sleep 0.5; done'`);
      environment.configure(config([3]));
      const outcome = await environment.up();
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toMatch(
        /node[12]: changing the managers of e2e-cluster failed: removing node[12] would lose quorum: 2 managers, 1 reachable after this step, 2 needed\n\s+cure: bring node3 back first, or .*SWARM_ALLOW_QUORUM_LOSS=e2e-cluster/,
      );
      expect(await machines.run(1, "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'")).toHaveLength(3);
      expect(await one(1, "docker node ls --format '{{.Availability}}' | sort -u")).toBe('Active');
    },
    4 * MINUTE,
  );

  it(
    'is given back the one manager that was stopped',
    async () => {
      await one(3, 'systemctl start docker');
      expect(await states()).toEqual(['active', 'active', 'locked']);
      environment.configure(config());
      succeed(await environment.up({ refresh: true }));
      expect(await members()).toEqual(ALL);
    },
    4 * MINUTE,
  );

  it(
    'is not rebuilt for another subnet size unless that is allowed',
    async () => {
      const { ID: id } = await facts();
      change({ subnetSize: 27 });
      const refused = await environment.preview();
      expect(refused.succeeded).toBe(false);
      expect(refused.text).toMatch(
        /e2e-cluster: changing subnetSize of the swarm failed: that rebuilds it: every node leaves .*\n\s+cure: .*`protect: false` under `cluster`/,
      );
      expect(refused.text).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);

      change({ protect: false });
      const preview = succeed(await environment.preview());
      expect(preview.text).toMatch(/warning: another subnetSize rebuilds the swarm: every node leaves/);
      expect(preview.operations).toEqual(expect.arrayContaining(['replace Cluster e2e-cluster', 'replace Node node1']));
      succeed(await environment.up());
      const found = await facts();
      expect(found.SubnetSize).toBe(27);
      expect(found.ID).not.toBe(id);
      expect(await members()).toEqual(ALL);
    },
    6 * MINUTE,
  );

  it(
    'ends with its environment',
    async () => {
      succeed(await environment.destroy());
      expect(await states()).toEqual(['inactive', 'inactive', 'inactive']);
    },
    MINUTE,
  );
});
