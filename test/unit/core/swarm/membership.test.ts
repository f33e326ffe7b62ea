import { AVAILABILITY_LABEL } from '../../../../core/swarm/labels';
import {
  missingManagers,
  planJoin,
  planRemoval,
  planUpdate,
  type MembershipPlan,
  type WantedNode,
} from '../../../../core/swarm/membership';
import { aNode } from './builders';

const wanted = (traits: Partial<WantedNode> = {}): WantedNode => ({
  name: 'node4',
  address: '10.0.0.4',
  role: 'worker',
  availability: 'active',
  labels: {},
  ...traits,
});

const outside = { LocalNodeState: 'inactive' as const, NodeID: '' };
const three = [1, 2, 3].map((n) =>
  aNode({ name: `node${n}`, address: `10.0.0.${n}`, role: 'manager', leader: n === 1 }),
);
const worker = aNode({ name: 'node4', address: '10.0.0.4' });

/** Steps in few words, `setRole id-node1 worker`. */
function steps(plan: MembershipPlan): string[] {
  if (!plan.allowed) throw new Error(plan.cause);
  return plan.steps.map((step) =>
    Object.values(step)
      .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
      .join(' '),
  );
}

describe('joining', () => {
  it('goes drained, then labels, then availability, so that no task lands before the labels are there', () => {
    expect(steps(planJoin(three, wanted({ labels: { zone: 'a' } }), outside))).toEqual([
      'join worker drain',
      'setLabels {"zone":"a"}',
      'setAvailability active',
    ]);
  });

  it('stops after the join for a node that is to be drained and has no labels', () => {
    expect(steps(planJoin(three, wanted({ availability: 'drain' }), outside))).toEqual(['join worker drain']);
  });

  it('goes on with what is left when the machine is a node already', () => {
    const half = aNode({ name: 'node4', address: '10.0.0.4', availability: 'drain' });
    const plan = planJoin([...three, half], wanted({ labels: { zone: 'a' } }), {
      LocalNodeState: 'active',
      NodeID: half.ID,
    });
    expect(steps(plan)).toEqual(['setLabels {"zone":"a"}', 'setAvailability id-node4 active']);
  });

  it('removes what an earlier life of the machine left behind, by id: the same name or the same address', () => {
    const byName = aNode({ id: 'old1', name: 'NODE4', address: '10.0.0.9', state: 'down' });
    const byAddress = aNode({ id: 'old2', name: 'node9', address: '10.0.0.4', state: 'down' });
    expect(steps(planJoin([...three, byName, byAddress], wanted(), outside)).slice(0, 2)).toEqual([
      'removeEntry old1 false',
      'removeEntry old2 false',
    ]);
  });

  it('demotes a left-over manager before removing it', () => {
    const stale = aNode({ id: 'old', name: 'node3', address: '10.0.0.3', role: 'manager', state: 'down' });
    const plan = planJoin([...three.slice(0, 2), stale], wanted({ name: 'node3', address: '10.0.0.3' }), outside);
    expect(steps(plan).slice(0, 2)).toEqual(['setRole old worker', 'removeEntry old false']);
  });

  it('demotes several left-over managers one after another, each judged by what is left', () => {
    const stale = ['old1', 'old2'].map((id) =>
      aNode({ id, name: 'node4', address: '10.0.0.4', role: 'manager', state: 'down' }),
    );
    expect(steps(planJoin([...three, ...stale], wanted(), outside)).slice(0, 4)).toEqual([
      'setRole old1 worker',
      'removeEntry old1 false',
      'setRole old2 worker',
      'removeEntry old2 false',
    ]);
  });

  it('waits for a left-over entry that the managers still take for Ready to go Down', () => {
    expect(steps(planJoin([...three, worker], wanted(), outside)).slice(0, 2)).toEqual([
      'waitDown id-node4',
      'removeEntry id-node4 false',
    ]);
  });

  it('is refused while another living machine has the host name', () => {
    const twin = aNode({ name: 'node4', address: '10.0.0.9' });
    expect(planJoin([...three, twin], wanted(), outside)).toMatchObject({
      allowed: false,
      cause: 'another machine with the host name node4 is Ready in the swarm (node id-node4 at 10.0.0.9)',
    });
  });

  it('leaves first what is left of a membership whose entry was removed', () => {
    expect(steps(planJoin(three, wanted(), { LocalNodeState: 'active', NodeID: 'forgotten' }))[0]).toBe('leave true');
  });

  it('is refused without quorum', () => {
    const lost = [three[0], aNode({ name: 'node2', role: 'manager', state: 'down' })].flatMap((node) => node ?? []);
    expect(planJoin(lost, wanted(), outside)).toMatchObject({
      allowed: false,
      cause: 'the swarm has no quorum: 2 managers, 1 reachable now, 2 needed',
    });
  });
});

describe('updating', () => {
  it('does nothing to a node that is as it should be', () => {
    expect(steps(planUpdate([...three, worker], worker.ID, wanted()))).toEqual([]);
  });

  it('changes labels, role and availability in place', () => {
    const plan = planUpdate(
      [...three, worker],
      worker.ID,
      wanted({ labels: { a: '1' }, role: 'manager', availability: 'drain' }),
    );
    expect(steps(plan)).toEqual(['setLabels {"a":"1"}', 'setRole id-node4 manager', 'setAvailability id-node4 drain']);
  });

  it('takes labels away that are no longer wanted', () => {
    const labelled = aNode({ name: 'node4', address: '10.0.0.4', labels: { zone: 'a' } });
    expect(steps(planUpdate([...three, labelled], labelled.ID, wanted()))).toEqual(['setLabels {}']);
  });

  it('waits for a leader after the leader was demoted', () => {
    const plan = planUpdate(three, 'id-node1', wanted({ name: 'node1', address: '10.0.0.1' }));
    expect(steps(plan)).toEqual(['setRole id-node1 worker', 'waitLeader']);
  });

  it('refuses a demotion that would lose quorum, with the arithmetic', () => {
    const oneDead = [...three.slice(0, 2), aNode({ name: 'node3', role: 'manager', state: 'down' })];
    expect(planUpdate(oneDead, 'id-node1', wanted({ name: 'node1' }))).toEqual({
      allowed: false,
      cause: 'cannot demote node1: 2 managers, 1 reachable after this step, 2 needed',
      cure: 'bring the unreachable managers back first',
      overridden: [{ kind: 'setRole', nodeId: 'id-node1', role: 'worker' }, { kind: 'waitLeader' }],
    });
  });

  it('does not count what the provider itself keeps among the labels', () => {
    const marked = aNode({ name: 'node4', address: '10.0.0.4', labels: { [AVAILABILITY_LABEL]: 'active' } });
    expect(steps(planUpdate([...three, marked], marked.ID, wanted()))).toEqual([]);
  });

  it('refuses to promote a node that is Down', () => {
    const dead = aNode({ name: 'node4', state: 'down' });
    expect(planUpdate([...three, dead], dead.ID, wanted({ role: 'manager' }))).toMatchObject({ allowed: false });
  });
});

describe('who steps down', () => {
  const wish = (n: number) => ({ name: `node${n}`, address: `10.0.0.${n}` });

  it('waits for those that are to be managers and are none yet', () => {
    expect(missingManagers([...three, worker], [wish(1), wish(4), wish(5)])).toEqual(['node4', 'node5']);
  });

  it('does not wait for a manager that is only out of reach: the quorum rule judges that', () => {
    const dead = aNode({ name: 'node3', address: '10.0.0.3', role: 'manager', state: 'down' });
    expect(missingManagers([...three.slice(0, 2), dead], [wish(1), wish(3)])).toEqual([]);
  });
});

describe('removing', () => {
  const gone = ['waitEmpty id-node4', 'leave false', 'waitDown id-node4', 'removeEntry id-node4 false'];

  it('drains, waits until empty, leaves, waits until Down, removes', () => {
    const plan = planRemoval([...three, worker], worker.ID, { reachable: true });
    expect(steps(plan)).toEqual(['setAvailability id-node4 drain', ...gone]);
  });

  it('demotes a manager before it leaves', () => {
    expect(steps(planRemoval(three, 'id-node2', { reachable: true }))).toEqual([
      'setAvailability id-node2 drain',
      'waitEmpty id-node2',
      'setRole id-node2 worker',
      'leave false',
      'waitDown id-node2',
      'removeEntry id-node2 false',
    ]);
  });

  it('goes on where it was interrupted: a node that is drained is not drained again', () => {
    const drained = aNode({ name: 'node4', availability: 'drain' });
    expect(steps(planRemoval([...three, drained], drained.ID, { reachable: true }))).toEqual(gone);
  });

  it('only cleans up the machine when the entry is gone already', () => {
    expect(steps(planRemoval(three, worker.ID, { reachable: true }))).toEqual(['leave true']);
    expect(steps(planRemoval(three, worker.ID, { reachable: false }))).toEqual([]);
  });

  it('removes a machine that is gone once it is Down', () => {
    const dead = aNode({ name: 'node4', state: 'down' });
    expect(steps(planRemoval([...three, dead], dead.ID, { reachable: false }))).toEqual(['removeEntry id-node4 false']);
  });

  it('demotes a manager that is gone, and removes it', () => {
    const dead = aNode({ name: 'node3', role: 'manager', state: 'down' });
    const plan = planRemoval([...three.slice(0, 2), dead], dead.ID, { reachable: false });
    expect(steps(plan)).toEqual(['setRole id-node3 worker', 'removeEntry id-node3 false']);
  });

  it('does not force out a node that is Ready though its machine does not answer, unless asked to', () => {
    const plan = planRemoval([...three, worker], worker.ID, { reachable: false });
    expect(plan).toMatchObject({
      allowed: false,
      cause: 'node4 does not answer but is Ready in the swarm: it cannot be told to leave',
    });
    expect(steps(planRemoval([...three, worker], worker.ID, { reachable: false, force: true })).at(-1)).toBe(
      'removeEntry id-node4 true',
    );
  });

  it('ends the swarm with its last manager, and with nobody left behind', () => {
    const last = aNode({ name: 'node1', role: 'manager', leader: true });
    expect(steps(planRemoval([last], last.ID, { reachable: true }))).toEqual(['endSwarm']);
    expect(planRemoval([last, worker], last.ID, { reachable: true })).toMatchObject({
      allowed: false,
      cause: 'node1 is the last manager, and node4 would be left without one',
    });
    const dead = aNode({ name: 'node4', state: 'down' });
    expect(steps(planRemoval([last, dead], last.ID, { reachable: true }))).toEqual(['endSwarm']);
  });
});
