/**
 * A swarm of twenty nodes through its life, with the real Pulumi engine on simulated machines, which judge every step
 * as it is asked for. Each test goes on from where the one before has left the swarm.
 */
import { Environment, type Outcome } from '../support/environment';
import { KeyFile, simulatedEnvironment, type SimulatedNode } from '../support/simulation/environment';
import { Lan } from '../support/simulation/lan';
import { Simulation } from '../support/simulation/simulation';

const SECOND = 1000;
const REPLICAS = 40;

describe('a swarm of seven managers and thirteen workers', () => {
  const simulation = new Simulation();
  const lan = new Lan(simulation);
  const key = new KeyFile(lan.clientKey.private);
  const nodes = new Map<string, SimulatedNode>();
  let environment: Environment;

  const up = async (): Promise<Outcome> => {
    environment.configure(simulatedEnvironment(lan.machines, key.path, nodes));
    const outcome = await environment.up();
    if (!outcome.succeeded) throw new Error(outcome.text);
    return outcome;
  };
  const stepsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = simulation.record.steps.length;
    await work();
    return simulation.record.steps.slice(before);
  };
  const managers = (): string[] => simulation.swarm.managers.map(({ hostname }) => hostname).sort();
  const members = (): string[] => simulation.swarm.members.map(({ hostname }) => hostname);

  beforeAll(async () => {
    for (const [index, { name }] of simulation.addMachines(21).entries()) {
      nodes.set(name, { role: index < 7 ? 'manager' : 'worker', labels: { zone: 'a' } });
    }
    nodes.delete('n21');
    await lan.connect();
    environment = await Environment.create('e2e-many-nodes', simulatedEnvironment(lan.machines, key.path, nodes));
  }, 60 * SECOND);

  afterAll(async () => {
    await lan.close();
    environment.forget();
    key.remove();
  }, 60 * SECOND);

  afterEach(() => {
    expect(simulation.record.violations).toEqual([]);
  });

  it(
    'is formed, one manager at a time, every node with its labels before its first task',
    async () => {
      await up();
      expect(managers()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']);
      expect(members()).toHaveLength(20);
      expect(simulation.record.of('init')).toHaveLength(1);
      const steps = simulation.record.steps.filter((step) => /\bn20\b/.test(step));
      expect(steps).toEqual(['join n20 as worker', 'label n20', 'set n20 to active']);
    },
    60 * SECOND,
  );

  it(
    'is not touched when nothing has changed',
    async () => {
      expect(await stepsOf(up)).toEqual([]);
    },
    30 * SECOND,
  );

  it(
    'gets another label on every node, and nothing else',
    async () => {
      for (const node of nodes.values()) node.labels = { zone: 'b' };
      const steps = await stepsOf(up);
      expect(steps.sort()).toEqual([...nodes.keys()].map((name) => `label ${name}`).sort());
    },
    30 * SECOND,
  );

  it(
    'loses several nodes at once, the leader among them, none with a task on it',
    async () => {
      const mode = { Replicated: { Replicas: REPLICAS } };
      simulation.swarm.workload.deploy({ Name: 'web', TaskTemplate: {}, Mode: mode }, 1);
      const leader = simulation.swarm.leader?.hostname ?? '';
      const successor = managers().find((name) => name !== leader) ?? '';
      const gone = [leader, successor, 'n18', 'n19', 'n20'];
      for (const name of gone) nodes.delete(name);
      const steps = await stepsOf(up);
      expect(steps).toEqual(expect.arrayContaining(gone.map((name) => `remove ${name}`)));
      expect(managers()).toHaveLength(5);
      expect(members()).toHaveLength(15);
      for (const name of gone) expect(simulation.machine(name).membership).toBeUndefined();
      const { workload } = simulation.swarm;
      expect(workload.list().filter(({ Status }) => Status.State === 'running')).toHaveLength(REPLICAS);
    },
    60 * SECOND,
  );

  it(
    'swaps the leader for a worker, which is promoted before the leader steps down',
    async () => {
      const leader = simulation.swarm.leader?.hostname ?? '';
      nodes.set(leader, { role: 'worker', labels: { zone: 'b' } });
      nodes.set('n8', { role: 'manager', labels: { zone: 'b' } });
      expect(await stepsOf(up)).toEqual(['promote n8', `demote ${leader}`]);
      expect(managers()).toHaveLength(5);
      expect(managers()).toContain('n8');
    },
    30 * SECOND,
  );

  it(
    'goes on with another manager when the leader dies in the middle of a join',
    async () => {
      nodes.set('n21', { role: 'worker', labels: { zone: 'b' } });
      const leader = simulation.swarm.leader?.machine;
      const dies = (): void => {
        leader?.setPower('off');
      };
      simulation.faults.add({ machine: 'n21', request: 'POST /swarm/join', when: 'after', happens: dies });
      await up();
      expect(members()).toContain('n21');
      expect(simulation.swarm.leader?.machine).not.toBe(leader);
      leader?.setPower('on');
    },
    60 * SECOND,
  );
});
