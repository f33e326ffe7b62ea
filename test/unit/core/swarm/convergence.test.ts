import fc from 'fast-check';
import type { ApiService, ApiTask } from '../../../../core/docker/types';
import { judgeConvergence } from '../../../../core/swarm/convergence';
import { aNode, aService, aTask } from './builders';

const nodes = [
  aNode({ name: 'node1', role: 'manager', address: '10.0.0.1' }),
  aNode({ name: 'node2', address: '10.0.0.2' }),
  aNode({ name: 'node3', address: '10.0.0.3', labels: { zone: 'b' } }),
];

function judge(service: ApiService, tasks: ApiTask[], among = nodes) {
  const { services, converged, failed } = judgeConvergence([service], tasks, among);
  const [only] = services;
  if (!only) throw new Error('no service');
  return { ...only, all: { converged, failed } };
}

const running = (service: ApiService, ...onNodes: string[]): ApiTask[] =>
  onNodes.map((node, index) => aTask(service, { slot: index + 1, node }));

describe('a replicated service', () => {
  const web = aService();

  it('has converged when all its tasks run', () => {
    const verdict = judge(web, running(web, 'node1', 'node2', 'node2'));
    expect(verdict).toMatchObject({
      name: 'home_web',
      desired: 3,
      running: 3,
      states: {},
      nodes: ['node1', 'node2'],
      line: 'home_web 3/3 running',
      errors: [],
      converged: true,
      failed: false,
    });
    expect(verdict.all).toEqual({ converged: true, failed: false });
  });

  it('says where the missing tasks are', () => {
    const tasks = [...running(web, 'node1', 'node2'), aTask(web, { slot: 3, node: 'node3', state: 'starting' })];
    expect(judge(web, tasks)).toMatchObject({
      line: 'home_web 2/3 running, 1 starting on node3',
      states: { starting: 1 },
      converged: false,
    });
  });

  it('says why a task finds no node', () => {
    const error = 'no suitable node (scheduling constraints not satisfied on 3 nodes)';
    const tasks = [...running(web, 'node1', 'node2'), aTask(web, { slot: 3, state: 'pending', error })];
    expect(judge(web, tasks)).toMatchObject({
      line: `home_web 2/3 running, 1 pending (${error})`,
      errors: [error],
      failed: false,
    });
  });

  it('does not count tasks on a node that is Down, though swarm lists them as running', () => {
    const withDead = [...nodes.slice(0, 2), aNode({ name: 'node3', state: 'down' })];
    const moved = running(web, 'node1', 'node2', 'node2');
    const lost = aTask(web, { slot: 3, node: 'node3' });
    expect(judge(web, [...moved, lost], withDead)).toMatchObject({ line: 'home_web 3/3 running', converged: true });
    expect(judge(web, [...moved.slice(0, 2), lost], withDead)).toMatchObject({ running: 2, converged: false });
  });

  it('does not count what is being shut down, nor other services', () => {
    const ending = aTask(web, { slot: 4, node: 'node1', wanted: 'shutdown' });
    const other = running(aService({ name: 'home_db' }), 'node1');
    expect(judge(web, [...running(web, 'node1', 'node2', 'node3'), ending, ...other])).toMatchObject({
      running: 3,
      converged: true,
    });
  });

  it('has not converged while more tasks run than wanted', () => {
    expect(judge(web, running(web, 'node1', 'node1', 'node1', 'node1')).converged).toBe(false);
  });

  it('with no replicas has converged at once', () => {
    expect(judge(aService({ mode: { Replicated: { Replicas: 0 } } }), [])).toMatchObject({
      line: 'home_web 0/0 running',
      converged: true,
    });
  });
});

describe('an update', () => {
  const web = aService({ image: 'web:2', update: { State: 'updating' } });

  it('has not converged while tasks of the old version are meant to run', () => {
    const tasks = [...running(web, 'node1', 'node2'), aTask(web, { slot: 3, node: 'node3', image: 'web:1' })];
    expect(judge(web, tasks)).toMatchObject({
      line: 'home_web 2/3 running, 1 of the old version, updating',
      running: 2,
      converged: false,
    });
  });

  it('has not converged before swarm calls it completed: it may still roll back', () => {
    const tasks = running(web, 'node1', 'node2', 'node3');
    expect(judge(web, tasks).converged).toBe(false);
    expect(judge({ ...web, UpdateStatus: { State: 'completed' } }, tasks).converged).toBe(true);
  });

  it('that changes only where tasks may run leaves fitting tasks alone', () => {
    const constrained = aService({ constraints: ['node.role == worker'] });
    const tasks = running(aService(), 'node2', 'node2', 'node3');
    expect(judge(constrained, tasks).converged).toBe(true);
  });

  it('has failed when swarm paused it or rolled it back, with swarm’s reason', () => {
    const paused = judge(
      { ...web, UpdateStatus: { State: 'paused', Message: 'update paused due to failure of task x' } },
      [],
    );
    expect(paused).toMatchObject({ failed: true, errors: ['update paused due to failure of task x'] });
    const back = judge(
      { ...web, UpdateStatus: { State: 'rollback_completed', Message: 'rollback completed' } },
      running(web, 'node1', 'node2', 'node3'),
    );
    expect(back).toMatchObject({ failed: true, converged: false, errors: ['rolled back: rollback completed'] });
  });

  it('of ports has not converged before swarm has given them', () => {
    const ports = [{ Protocol: 'tcp' as const, TargetPort: 80, PublishedPort: 8080 }];
    const published = aService({ ports });
    const tasks = running(published, 'node1', 'node2', 'node3');
    expect(judge({ ...published, Endpoint: { Ports: [] } }, tasks).converged).toBe(false);
    for (const other of [{ TargetPort: 81 }, { Protocol: 'udp' as const }, { PublishedPort: 8081 }]) {
      const given = ports.map((port) => ({ ...port, ...other }));
      expect(judge({ ...published, Endpoint: { Ports: given } }, tasks).converged).toBe(false);
    }
    expect(judge(published, tasks).converged).toBe(true);
  });
});

describe('a global service', () => {
  const agent = (constraints: string[] = []): ApiService =>
    aService({ name: 'home_agent', mode: { Global: {} }, constraints });
  const on = (service: ApiService, ...names: string[]): ApiTask[] => names.map((node) => aTask(service, { node }));

  it('runs on every node that is Ready and active', () => {
    const mixed = [
      ...nodes,
      aNode({ name: 'node4', availability: 'drain' }),
      aNode({ name: 'node5', state: 'down' }),
      aNode({ name: 'node6', availability: 'pause' }),
    ];
    expect(judge(agent(), on(agent(), 'node1', 'node2', 'node3'), mixed)).toMatchObject({
      desired: 3,
      converged: true,
    });
  });

  it('runs only where its constraints allow', () => {
    const managers = agent(['node.role == manager']);
    expect(judge(managers, on(managers, 'node1'))).toMatchObject({ line: 'home_agent 1/1 running', converged: true });
    const zoned = agent(['node.labels.zone != b']);
    expect(judge(zoned, on(zoned, 'node1'))).toMatchObject({ desired: 2, converged: false });
  });
});

describe('a job', () => {
  it('has converged when it has completed as often as wanted', () => {
    const job = aService({ name: 'home_job', mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } } });
    const done = aTask(job, { slot: 1, node: 'node1', state: 'complete', wanted: 'complete' });
    const busy = aTask(job, { slot: 2, node: 'node2', state: 'running', wanted: 'complete' });
    expect(judge(job, [done, busy])).toMatchObject({
      line: 'home_job 1/2 complete, 1 running on node2',
      converged: false,
      failed: false,
    });
    const both = [done, { ...busy, Status: { ...busy.Status, State: 'complete' } }];
    expect(judge(job, both)).toMatchObject({ line: 'home_job 2/2 complete', converged: true, failed: false });
  });

  it('does not count completions of an earlier run', () => {
    const job = {
      ...aService({ mode: { ReplicatedJob: { TotalCompletions: 1 } } }),
      JobStatus: { JobIteration: { Index: 7 } },
    };
    const of = (Index: number) => ({
      ...aTask(job, { slot: 1, node: 'node1', state: 'complete', wanted: 'complete' }),
      JobIteration: { Index },
    });
    expect(judge(job, [of(6)]).converged).toBe(false);
    expect(judge(job, [of(6), of(7)]).converged).toBe(true);
  });
});

describe('whatever the tasks', () => {
  const web = aService();
  const task = fc.record({
    slot: fc.integer({ min: 1, max: 4 }),
    node: fc.constantFrom('node1', 'node2', 'node3', 'gone'),
    state: fc.constantFrom(
      'new',
      'pending',
      'preparing',
      'starting',
      'running',
      'failed',
      'rejected',
      'complete',
      'shutdown',
      'orphaned',
    ),
    wanted: fc.constantFrom('running', 'shutdown', 'remove', 'ready'),
    image: fc.constantFrom('web:1', 'web:0'),
  });

  it('a service has converged only with exactly the wanted tasks, all running on Ready nodes', () => {
    fc.assert(
      fc.property(fc.array(task, { maxLength: 8 }), fc.boolean(), (traits, dead) => {
        const among = dead ? [...nodes.slice(0, 2), aNode({ name: 'node3', state: 'down' })] : nodes;
        const verdict = judge(
          web,
          traits.map((one) => aTask(web, one)),
          among,
        );
        const ready = (name: string) =>
          among.some(({ Description, Status }) => Description.Hostname === name && Status.State === 'ready');
        const good = traits.filter(
          (one) =>
            one.wanted !== 'shutdown' &&
            one.wanted !== 'remove' &&
            one.state === 'running' &&
            one.image === 'web:1' &&
            ready(one.node),
        );
        if (verdict.converged) expect(good).toHaveLength(3);
        expect(verdict.running).toBe(good.length);
      }),
    );
  });
});
