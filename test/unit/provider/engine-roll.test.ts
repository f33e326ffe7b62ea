/** What is done to the swarm around a change of an engine, on a swarm that exists only in this test. */
import type { EngineApi } from '../../../core/docker/engine-api';
import type { ApiInfo, ApiNode, ApiTask, NodeSpec } from '../../../core/docker/types';
import { AVAILABILITY_LABEL } from '../../../core/swarm/labels';
import type { Access, LiveManager } from '../../../provider/access';
import { EngineRoll, type EngineChange } from '../../../provider/engine/roll';
import { withDefaultLimits, type Limits } from '../../../provider/limits';
import { Turns } from '../../../provider/turns';
import { aNode, aService, aTask, type NodeTraits } from '../core/swarm/builders';

const web = aService({ name: 'web', mode: { Replicated: { Replicas: 2 } } });

/** A swarm as its managers show it. What was drained moves at once, to a node that takes tasks. */
class FakeSwarm {
  readonly nodes: ApiNode[];
  tasks: ApiTask[];
  readonly steps: string[] = [];
  readonly warnings: string[] = [];
  autolock = false;
  state: ApiInfo['Swarm']['LocalNodeState'] = 'active';
  private readonly roll: EngineRoll;

  constructor(nodes: NodeTraits[], ...placed: string[]) {
    this.nodes = nodes.map(aNode);
    this.tasks = placed.map((node, index) => aTask(web, { node, slot: index + 1 }));
    const onManager = <T>(_managers: unknown, _context: unknown, work: (manager: LiveManager) => Promise<T>) =>
      work(this.manager());
    const access = { onManager, liveManager: () => Promise.resolve(this.manager()), reach: this.reach.bind(this) };
    this.roll = new EngineRoll(access as unknown as Access, new Turns());
  }

  /** Changes the engine of a machine; the steps say when. */
  async change(name: string, more: Partial<EngineChange> = {}, limits: Partial<Limits> = {}): Promise<void> {
    // The settling time before the first turn passes at once; the waits, whose limits are short here, take real time.
    jest.useFakeTimers();
    const done = this.roll.change(
      {
        machine: { name, connection: { host: name } },
        managers: [{ name, address: '10.0.0.1', connection: { host: name } }],
        limits: withDefaultLimits(limits),
        isRunning: true,
        prepare: () => Promise.resolve(void this.steps.push('prepare')),
        change: () => Promise.resolve(void this.steps.push('change')),
        ...more,
      },
      this.context,
    );
    const outcome = Promise.allSettled([done]);
    await jest.advanceTimersByTimeAsync(5000);
    jest.useRealTimers();
    const [settled] = await outcome;
    if (settled.status === 'rejected') throw settled.reason;
  }

  specOf(name: string): NodeSpec {
    return this.find(`id-${name}`).Spec;
  }

  private readonly context = {
    urn: 'urn',
    signal: new AbortController().signal,
    status: () => undefined,
    info: () => undefined,
    warn: (line: string) => void this.warnings.push(line),
  };

  private find(id: string): ApiNode {
    const node = this.nodes.find(({ ID }) => ID === id);
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }

  private manager(): LiveManager {
    const Spec = { EncryptionConfig: { AutoLockManagers: this.autolock } };
    return { name: 'manager', api: this.api(''), swarm: { Spec } } as unknown as LiveManager;
  }

  private reach({ name }: { name: string }): Promise<unknown> {
    return Promise.resolve({ name, api: this.api(`id-${name}`) });
  }

  private api(own: string): EngineApi {
    const api: Partial<EngineApi> = {
      info: () => Promise.resolve({ Swarm: { NodeID: own, LocalNodeState: this.state } } as ApiInfo),
      nodes: () => Promise.resolve([...this.nodes]),
      node: (id) => Promise.resolve(this.find(id)),
      services: () => Promise.resolve([web]),
      tasks: () => Promise.resolve([...this.tasks]),
      nodeUpdate: (id, _version, spec) => {
        this.update(this.find(id), spec);
        return Promise.resolve();
      },
      swarmUnlockKey: () => Promise.resolve('the key'),
      swarmUnlock: (key) => {
        this.steps.push(`unlock with ${key}`);
        this.state = 'active';
        return Promise.resolve();
      },
    };
    return api as EngineApi;
  }

  private update(node: ApiNode, spec: NodeSpec): void {
    this.steps.push(`${node.Description.Hostname} ${spec.Availability}`);
    node.Spec = spec;
    const other = this.nodes.find(({ Spec }) => Spec.Availability === 'active');
    this.tasks = this.tasks.map((task) => {
      const home = this.nodes.find(({ ID }) => ID === task.NodeID);
      if (task.NodeID !== undefined && home?.Spec.Availability !== 'drain') return task;
      if (other) return { ...task, NodeID: other.ID, Status: { ...task.Status, State: 'running' } };
      return { ...task, NodeID: undefined, Status: { ...task.Status, State: 'pending', Err: 'no suitable node' } };
    });
  }
}

const manager = (name: string, more: Partial<NodeTraits> = {}): NodeTraits => ({ name, role: 'manager', ...more });
const worker = (name: string, more: Partial<NodeTraits> = {}): NodeTraits => ({ name, ...more });

afterEach(() => {
  jest.useRealTimers();
});

describe('a change of an engine', () => {
  it('is prepared, then made on a drained node, which gets its availability back', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2', { availability: 'pause' })], 'node1', 'node2');
    await swarm.change('node2');
    expect(swarm.steps).toEqual(['prepare', 'node2 drain', 'change', 'node2 pause']);
    expect(swarm.specOf('node2').Labels).toEqual({});
  });

  it('is simply made where the engine is in no swarm', async () => {
    const swarm = new FakeSwarm([manager('node1')]);
    swarm.state = 'inactive';
    await swarm.change('node2');
    expect(swarm.steps).toEqual(['prepare', 'change']);
  });

  it('is not begun when it would cost quorum', async () => {
    const down = manager('node3', { state: 'down' });
    const swarm = new FakeSwarm([manager('node1'), manager('node2'), down]);
    await expect(swarm.change('node2')).rejects.toThrow(
      'node2: stopping its engine for a change failed: that would lose quorum: ' +
        '3 managers, 1 reachable after this step, 2 needed',
    );
    expect(swarm.steps).toEqual(['prepare']);
  });

  it('disturbs nothing when it can’t be prepared', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')]);
    const prepare = (): Promise<void> => Promise.reject(new Error('no space'));
    await expect(swarm.change('node2', { prepare })).rejects.toThrow('no space');
    expect(swarm.steps).toEqual([]);
  });

  it('leaves a node on which it fails drained and marked, and the next run gives it back', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')], 'node1', 'node2');
    const change = (): Promise<void> => Promise.reject(new Error('no space'));
    await expect(swarm.change('node2', { change })).rejects.toThrow('no space');
    expect(swarm.specOf('node2')).toMatchObject({
      Availability: 'drain',
      Labels: { [AVAILABILITY_LABEL]: 'active' },
    });
    const next = new FakeSwarm([]);
    next.nodes.push(...swarm.nodes);
    await next.change('node2');
    expect(next.specOf('node2')).toMatchObject({ Availability: 'active', Labels: {} });
  });

  it('of the only manager, on the only node, says so and waits for no task to find another', async () => {
    const swarm = new FakeSwarm([manager('node1')], 'node1', 'node1');
    await swarm.change('node1');
    expect(swarm.warnings).toEqual([expect.stringMatching(/^node1 is the only manager: until its engine is back/)]);
    expect(swarm.steps).toEqual(['prepare', 'node1 drain', 'change', 'node1 active']);
  });

  it('says which services pause, as all their replicas are there', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')], 'node2', 'node2');
    await swarm.change('node2');
    expect(swarm.warnings).toEqual([expect.stringContaining('all replicas of web run there')]);
  });

  it('unlocks a manager that comes back locked', async () => {
    const swarm = new FakeSwarm([manager('node1'), manager('node2'), manager('node3')]);
    swarm.autolock = true;
    const change = (): Promise<void> => Promise.resolve(void (swarm.state = 'locked'));
    await swarm.change('node2', { change });
    expect(swarm.steps).toEqual(['prepare', 'node2 drain', 'unlock with the key', 'node2 active']);
  });

  it('starts an engine that is down without draining its node', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')], 'node1', 'node1');
    await swarm.change('node2', { isRunning: false });
    expect(swarm.steps).toEqual(['prepare', 'change']);
  });

  it('has failed when a service doesn’t get its replicas back, and names it', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')], 'node1', 'node2');
    const change = (): Promise<void> => Promise.resolve(void swarm.tasks.pop());
    await expect(swarm.change('node2', { change }, { readySeconds: 1 })).rejects.toThrow(
      /node2: waiting for services to be as before the change failed: .*web 1\/2 running/,
    );
  });

  it('does not mind a service that was short of replicas before', async () => {
    const swarm = new FakeSwarm([manager('node1'), worker('node2')], 'node1');
    await swarm.change('node2');
    expect(swarm.steps).toContain('node2 active');
  });
});
