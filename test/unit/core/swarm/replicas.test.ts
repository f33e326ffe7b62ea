import fc from 'fast-check';
import type { ApiService, ApiTask } from '../../../../core/docker/types';
import {
  judgeDrained,
  judgeRestored,
  servicesAtStrength,
  servicesOnlyOn,
  type SwarmLook,
} from '../../../../core/swarm/replicas';
import { aNode, aService, aTask } from './builders';

const NO_NODE = 'no suitable node (2 nodes not available for new tasks)';
const web = aService({ name: 'web', mode: { Replicated: { Replicas: 2 } } });
const nodes = ['node1', 'node2', 'node3'].map((name) => aNode({ name }));
const drained = nodes.map((node) =>
  node.ID === 'id-node1' ? { ...node, Spec: { ...node.Spec, Availability: 'drain' as const } } : node,
);
const look = (tasks: ApiTask[], services: ApiService[] = [web], among = nodes): SwarmLook => ({
  services,
  tasks,
  nodes: among,
});
const running = (service: ApiService, ...names: string[]): ApiTask[] =>
  names.map((node, index) => aTask(service, { node, slot: index + 1 }));

describe('the services at strength', () => {
  it('are those with all their replicas', () => {
    const api = aService({ name: 'api', mode: { Replicated: { Replicas: 3 } } });
    const seen = look([...running(web, 'node1', 'node2'), ...running(api, 'node1')], [web, api]);
    expect(servicesAtStrength(seen)).toEqual(new Set([web.ID]));
  });

  it('are no jobs, and none that are meant to have no replicas', () => {
    const job = aService({ name: 'job', mode: { ReplicatedJob: { TotalCompletions: 1 } } });
    const off = aService({ name: 'off', mode: { Replicated: { Replicas: 0 } } });
    expect(servicesAtStrength(look([aTask(job, { state: 'complete' })], [job, off])).size).toBe(0);
  });
});

describe('a drained node', () => {
  const atStrength = new Set([web.ID]);

  it('is not done while a task of it has not ended', () => {
    const ending = aTask(web, { node: 'node1', slot: 1, wanted: 'shutdown' });
    const seen = look([ending, ...running(web, 'node2', 'node3')], [web], drained);
    expect(judgeDrained(seen, 'id-node1', atStrength)).toEqual({ done: false, missing: '1 still there' });
  });

  it('is not done until what ran there runs elsewhere', () => {
    const starting = aTask(web, { node: 'node3', slot: 2, state: 'starting' });
    const seen = look([...running(web, 'node2'), starting], [web], drained);
    expect(judgeDrained(seen, 'id-node1', atStrength)).toEqual({
      done: false,
      missing: 'web 1/2 running, 1 starting on node3',
    });
    const moved = look(running(web, 'node2', 'node3'), [web], drained);
    expect(judgeDrained(moved, 'id-node1', atStrength)).toEqual({ done: true });
  });

  it('does not wait for what no other node may take', () => {
    const homeless = aTask(web, { slot: 2, state: 'pending', error: NO_NODE });
    const seen = look([...running(web, 'node2'), homeless], [web], drained);
    expect(judgeDrained(seen, 'id-node1', atStrength)).toEqual({ done: true });
  });

  it('does not wait for what was short of replicas before', () => {
    const seen = look(running(web, 'node2'), [web], drained);
    expect(judgeDrained(seen, 'id-node1', new Set())).toEqual({ done: true });
  });

  it('that is not Ready is not asked about tasks it can’t tell of', () => {
    const among = drained.map((node) => (node.ID === 'id-node1' ? aNode({ name: 'node1', state: 'down' }) : node));
    const orphan = aTask(web, { node: 'node1', slot: 1, wanted: 'shutdown' });
    const seen = look([orphan, ...running(web, 'node2', 'node3')], [web], among);
    expect(judgeDrained(seen, 'id-node1', atStrength)).toEqual({ done: true });
  });

  it('needs one task less of a global service', () => {
    const everywhere = aService({ name: 'all', mode: { Global: {} } });
    const tasks = ['node2', 'node3'].map((node) => aTask(everywhere, { node }));
    expect(judgeDrained(look(tasks, [everywhere], drained), 'id-node1', new Set([everywhere.ID]))).toEqual({
      done: true,
    });
    const back = judgeRestored(look(tasks, [everywhere]), new Set([everywhere.ID]));
    expect(back).toEqual({ done: false, missing: 'all 2/3 running' });
  });
});

describe('a node given back', () => {
  it('is done only when services have found their places again', () => {
    const homeless = aTask(web, { slot: 2, state: 'pending', error: NO_NODE });
    const verdict = judgeRestored(look([...running(web, 'node2'), homeless]), new Set([web.ID]));
    expect(verdict).toMatchObject({ done: false });
    expect(judgeRestored(look(running(web, 'node2', 'node1')), new Set([web.ID]))).toEqual({ done: true });
  });
});

describe('services that would pause', () => {
  it('are those whose replicas are all on the node, though they have more than one', () => {
    const single = aService({ name: 'single', mode: { Replicated: { Replicas: 1 } } });
    const spread = aService({ name: 'spread', mode: { Replicated: { Replicas: 2 } } });
    const tasks = [
      ...running(web, 'node1', 'node1'),
      ...running(single, 'node1'),
      ...running(spread, 'node1', 'node2'),
    ];
    expect(servicesOnlyOn(look(tasks, [web, single, spread]), 'id-node1')).toEqual(['web']);
  });
});

describe('any swarm', () => {
  const anyTask = fc.record({
    node: fc.option(fc.constantFrom('node1', 'node2', 'node3'), { nil: undefined }),
    state: fc.constantFrom('pending', 'preparing', 'starting', 'running', 'shutdown', 'failed', 'complete'),
    wanted: fc.constantFrom('running', 'shutdown'),
    slot: fc.integer({ min: 1, max: 3 }),
    error: fc.option(fc.constant(NO_NODE), { nil: undefined }),
  });

  it('lets no engine be stopped that still runs a task, or whose replaced tasks are only starting', () => {
    fc.assert(
      fc.property(fc.array(anyTask, { maxLength: 6 }), (traits) => {
        const tasks = traits.map((trait) => aTask(web, trait));
        const seen = look(tasks, [web], drained);
        if (!judgeDrained(seen, 'id-node1', new Set([web.ID])).done) return;
        expect(tasks.filter(({ NodeID, Status }) => NodeID === 'id-node1' && Status.State === 'running')).toEqual([]);
        const good = tasks.filter(
          ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
        );
        const homeless = tasks.filter(({ NodeID, Status }) => !NodeID && Status.State === 'pending' && Status.Err);
        expect(good.length + homeless.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('has after the change at least the strength it had before', () => {
    fc.assert(
      fc.property(fc.array(anyTask, { maxLength: 6 }), fc.array(anyTask, { maxLength: 6 }), (before, after) => {
        const strong = servicesAtStrength(look(before.map((trait) => aTask(web, trait))));
        const seen = look(after.map((trait) => aTask(web, trait)));
        if (judgeRestored(seen, strong).done)
          expect([...strong].every((id) => servicesAtStrength(seen).has(id))).toBe(true);
      }),
    );
  });
});
