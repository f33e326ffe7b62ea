import fc from 'fast-check';
import type { ApiNode } from '../../../../core/docker/types';
import {
  managersOf,
  planJoin,
  planRemoval,
  planUpdate,
  type MembershipPlan,
  type WantedNode,
} from '../../../../core/swarm/membership';
import { hasQuorum } from '../../../../core/swarm/quorum';
import { aNode } from './builders';

/** A swarm that takes steps as a real one does, and fails where a real one would come to harm. */
class SimulatedSwarm {
  ended = false;
  private readonly left = new Set<string>();

  constructor(
    public nodes: ApiNode[],
    private readonly machine: { id: string; reachable: boolean },
  ) {}

  take(plan: MembershipPlan, wanted?: WantedNode): void {
    if (!plan.allowed) return;
    for (const step of plan.steps) {
      const id = 'nodeId' in step ? (step.nodeId ?? this.machine.id) : this.machine.id;
      if (step.kind === 'join') this.join(step.role, wanted);
      else if (step.kind === 'leave') this.leave(step.force);
      else if (step.kind === 'endSwarm') this.end();
      else if (step.kind === 'setRole') this.change(id, (node) => aNode({ ...traitsOf(node), role: step.role }));
      else if (step.kind === 'setAvailability') {
        this.change(id, (node) => ({ ...node, Spec: { ...node.Spec, Availability: step.availability } }));
      } else if (step.kind === 'setLabels') {
        this.change(this.machine.id, (node) => ({ ...node, Spec: { ...node.Spec, Labels: step.labels } }));
      } else if (step.kind === 'waitDown') this.change(id, (node) => aNode({ ...traitsOf(node), state: 'down' }));
      else if (step.kind === 'removeEntry') this.remove(id, step.force);
      if (!this.ended) expect(hasQuorum(managersOf(this.nodes))).toMatchObject({ allowed: true });
    }
  }

  private join(role: WantedNode['role'], wanted: WantedNode | undefined): void {
    expect(this.machine.reachable).toBe(true);
    const traits = { name: wanted?.name ?? '', address: wanted?.address ?? '', id: this.machine.id };
    this.nodes = [...this.nodes, aNode({ ...traits, role, availability: 'drain' })];
  }

  private leave(force: boolean): void {
    expect(this.machine.reachable).toBe(true);
    const own = this.nodes.find(({ ID }) => ID === this.machine.id);
    if (!force) expect(own?.ManagerStatus).toBeUndefined();
    this.left.add(this.machine.id);
  }

  private end(): void {
    const others = this.nodes.filter(({ ID }) => ID !== this.machine.id);
    expect(others.filter(({ Status, ManagerStatus }) => Status.State === 'ready' || ManagerStatus)).toEqual([]);
    this.ended = true;
  }

  private remove(id: string, force: boolean): void {
    const node = this.nodes.find(({ ID }) => ID === id);
    expect(node?.ManagerStatus).toBeUndefined();
    expect(node?.Status.State === 'down' || (force && node?.Spec.Availability === 'drain')).toBe(true);
    this.nodes = this.nodes.filter(({ ID }) => ID !== id);
  }

  private change(id: string, change: (node: ApiNode) => ApiNode): void {
    expect(this.nodes.map(({ ID }) => ID)).toContain(id);
    this.nodes = this.nodes.map((node) => (node.ID === id ? change(node) : node));
  }
}

function traitsOf(node: ApiNode) {
  return {
    id: node.ID,
    name: node.Description.Hostname,
    address: node.Status.Addr,
    role: node.Spec.Role,
    state: node.Status.State,
    availability: node.Spec.Availability,
    labels: node.Spec.Labels ?? {},
    leader: node.ManagerStatus?.Leader ?? false,
    ...(node.ManagerStatus ? { reachable: node.ManagerStatus.Reachability === 'reachable' } : {}),
  };
}

const role = fc.constantFrom('manager' as const, 'worker' as const);
const availability = fc.constantFrom('active' as const, 'pause' as const, 'drain' as const);
const labels = fc.dictionary(fc.constantFrom('zone', 'disk'), fc.constantFrom('a', 'b'));
const member = fc.record({ role, availability, labels, state: fc.constantFrom('ready' as const, 'down' as const) });

/** Any swarm of up to eight nodes whose first is a manager; some are dead, so some have no quorum. */
const swarm = fc.array(member, { minLength: 1, maxLength: 8 }).map((members) =>
  members.map((traits, index) => {
    const first = index === 0 ? { role: 'manager' as const, state: 'ready' as const, leader: true } : {};
    return aNode({ name: `node${index}`, address: `10.0.0.${index}`, ...traits, ...first });
  }),
);
const wanted = fc.record({ index: fc.nat(9), role, availability, labels }).map(({ index, ...rest }) => ({
  name: `node${index}`,
  address: `10.0.0.${index}`,
  ...rest,
}));

describe('whatever the swarm and the wish, a plan', () => {
  it('for a removal never loses quorum and removes nothing that is neither drained nor Down', () => {
    fc.assert(
      fc.property(swarm, fc.nat(7), fc.boolean(), fc.boolean(), (nodes, index, reachable, force) => {
        const node = nodes[index % nodes.length];
        if (!node) return;
        const plan = planRemoval(nodes, node.ID, { reachable, force });
        const simulated = new SimulatedSwarm(nodes, { id: node.ID, reachable });
        simulated.take(plan);
        if (plan.allowed && !simulated.ended) expect(simulated.nodes.map(({ ID }) => ID)).not.toContain(node.ID);
      }),
      { numRuns: 500 },
    );
  });

  it('for a join never loses quorum, leaves one entry per name and address, and gives the node what it should have', () => {
    fc.assert(
      fc.property(swarm, wanted, (nodes, wish) => {
        const simulated = new SimulatedSwarm(nodes, { id: 'new', reachable: true });
        const plan = planJoin(nodes, wish, { LocalNodeState: 'inactive', NodeID: '' });
        simulated.take(plan, wish);
        if (!plan.allowed) return;
        const named = simulated.nodes.filter(({ Description }) => Description.Hostname === wish.name);
        expect(named).toHaveLength(1);
        expect(named[0]?.Spec).toMatchObject({ Role: wish.role, Availability: wish.availability, Labels: wish.labels });
      }),
      { numRuns: 500 },
    );
  });

  it('for an update never loses quorum, and a second plan has nothing left to do', () => {
    fc.assert(
      fc.property(swarm, wanted, fc.nat(7), (nodes, wish, index) => {
        const node = nodes[index % nodes.length];
        if (!node) return;
        const simulated = new SimulatedSwarm(nodes, { id: node.ID, reachable: true });
        const plan = planUpdate(nodes, node.ID, wish);
        simulated.take(plan);
        if (plan.allowed) expect(planUpdate(simulated.nodes, node.ID, wish)).toEqual({ allowed: true, steps: [] });
      }),
      { numRuns: 500 },
    );
  });

  it('for taking down a healthy swarm node by node, workers first, always comes to its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(4), (managers, workers) => {
        let nodes = [
          ...Array.from({ length: workers }, (_, index) => aNode({ name: `w${index}` })),
          ...Array.from({ length: managers }, (_, index) => aNode({ name: `m${index}`, role: 'manager' })),
        ];
        let ended = false;
        for (const { ID } of [...nodes]) {
          const simulated = new SimulatedSwarm(nodes, { id: ID, reachable: true });
          simulated.take(planRemoval(nodes, ID, { reachable: true }));
          ({ nodes, ended } = simulated);
        }
        expect(ended).toBe(true);
      }),
    );
  });
});
