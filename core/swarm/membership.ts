import type { ApiInfo, ApiNode } from '../docker/types';
import { canonicalAddress } from './addresses';
import { addressOf, hostnameOf, isReady, nameOf } from './nodes';
import { afterStep, hasQuorum, type ManagerMember, type ManagerStep } from './quorum';

/** A node as the environment wants it. `address`: its advertise address. */
export interface WantedNode {
  name: string;
  address: string;
  role: 'manager' | 'worker';
  availability: 'active' | 'pause' | 'drain';
  labels: Record<string, string>;
}

/**
 * One step of a membership plan; steps are taken in order, and a plan is made anew after an interruption.
 * `leave` runs on the machine itself, `endSwarm` too (there is nobody left to ask); all others go to any manager.
 */
export type MembershipStep =
  | { kind: 'join'; role: 'manager' | 'worker'; availability: 'drain' }
  | { kind: 'leave'; force: boolean }
  | { kind: 'endSwarm' }
  | { kind: 'setLabels'; labels: Record<string, string> }
  | { kind: 'setRole'; nodeId: string; role: 'manager' | 'worker' }
  | { kind: 'setAvailability'; nodeId?: string; availability: WantedNode['availability'] }
  | { kind: 'waitEmpty'; nodeId: string }
  | { kind: 'waitLeader' }
  | { kind: 'waitDown'; nodeId: string }
  | { kind: 'removeEntry'; nodeId: string; force: boolean };

/** The steps of a change, or why none may be taken. */
export type MembershipPlan =
  { allowed: true; steps: MembershipStep[] } | { allowed: false; cause: string; cure: string };

/** What the machine itself says: the Swarm section of its engine's /info. */
export type LocalSwarm = Pick<ApiInfo['Swarm'], 'LocalNodeState' | 'NodeID'>;

/**
 * The steps that make a machine a node. It joins drained, gets its labels, then its availability, so that no task lands
 * before the labels are there. Entries that an earlier life of the machine left behind are removed first, by id.
 *
 * A machine that thinks it is in a swarm and has no entry was removed from this one, and leaves first: the caller has
 * made sure that it is in no other swarm.
 */
export function planJoin(observed: readonly ApiNode[], wanted: WantedNode, local: LocalSwarm): MembershipPlan {
  const quorum = hasQuorum(managersOf(observed));
  if (!quorum.allowed) return noQuorum(quorum.reason);
  const inSwarm = local.LocalNodeState !== 'inactive' && local.LocalNodeState !== '';
  const own = observed.find((node) => inSwarm && node.ID === local.NodeID);
  if (own) return planUpdate(observed, own.ID, wanted);
  const living = observed.find((node) => isNamed(node, wanted) && !isAt(node, wanted) && node.Status.State === 'ready');
  if (living) return nameTaken(living, wanted);
  const stale = observed.filter((node) => isNamed(node, wanted) || isAt(node, wanted));
  const clearing = planClearing(observed, stale);
  if (!clearing.allowed) return clearing;
  const left: MembershipStep[] = inSwarm ? [{ kind: 'leave', force: true }] : [];
  const joined: MembershipStep[] = [
    { kind: 'join', role: wanted.role, availability: 'drain' },
    ...(Object.keys(wanted.labels).length > 0 ? [{ kind: 'setLabels' as const, labels: wanted.labels }] : []),
    ...(wanted.availability === 'drain'
      ? []
      : [{ kind: 'setAvailability' as const, availability: wanted.availability }]),
  ];
  return { allowed: true, steps: [...left, ...clearing.steps, ...joined] };
}

/** The steps that bring labels, role and availability of a node to what is wanted; none when it is so already. */
export function planUpdate(observed: readonly ApiNode[], nodeId: string, wanted: WantedNode): MembershipPlan {
  const node = observed.find(({ ID }) => ID === nodeId);
  if (!node) return notInSwarm(nodeId);
  const steps: MembershipStep[] = [];
  if (!sameLabels(node.Spec.Labels ?? {}, wanted.labels)) steps.push({ kind: 'setLabels', labels: wanted.labels });
  if (node.Spec.Role !== wanted.role) {
    const kind = wanted.role === 'manager' ? 'promote' : 'demote';
    if (kind === 'promote' && !isReady(node)) return refusePromotion(node);
    const verdict = afterStep(managersOf(observed), { kind, id: nodeId });
    if (!verdict.allowed) return refuseStep(node, kind, verdict.reason);
    steps.push(...roleSteps(node, wanted.role));
  }
  if (node.Spec.Availability !== wanted.availability) {
    steps.push({ kind: 'setAvailability', nodeId, availability: wanted.availability });
  }
  const quorum = hasQuorum(managersOf(observed));
  return quorum.allowed || steps.length === 0 ? { allowed: true, steps } : noQuorum(quorum.reason);
}

/**
 * The steps that take a node out of the swarm: drain, wait until empty, demote, leave, wait until Down, remove.
 *
 * @param options.reachable whether the machine itself can be told to leave.
 * @param options.force the user asked to remove a node that is Ready though its machine does not answer.
 */
export function planRemoval(
  observed: readonly ApiNode[],
  nodeId: string,
  options: { reachable: boolean; force?: boolean },
): MembershipPlan {
  const node = observed.find(({ ID }) => ID === nodeId);
  if (!node) return { allowed: true, steps: options.reachable ? [{ kind: 'leave', force: true }] : [] };
  const rest = observed.filter(({ ID }) => ID !== nodeId);
  if (isManager(node) && !rest.some(isManager)) return planEnd(node, rest, options.reachable);
  const demotion = planDemotion(observed, node);
  if (!demotion.allowed) return demotion;
  if (node.Status.State === 'down') {
    const left: MembershipStep[] = options.reachable ? [{ kind: 'leave', force: true }] : [];
    return { allowed: true, steps: [...demotion.steps, ...left, { kind: 'removeEntry', nodeId, force: false }] };
  }
  if (!options.reachable && options.force !== true) return refuseUnreachable(node);
  const emptied = [...drainSteps(node), ...demotion.steps];
  if (!options.reachable) return { allowed: true, steps: [...emptied, { kind: 'removeEntry', nodeId, force: true }] };
  const gone: MembershipStep[] = [
    { kind: 'leave', force: false },
    { kind: 'waitDown', nodeId },
    { kind: 'removeEntry', nodeId, force: false },
  ];
  return { allowed: true, steps: [...emptied, ...gone] };
}

/** The manager group as quorum rules see it. */
export function managersOf(observed: readonly ApiNode[]): ManagerMember[] {
  return observed
    .filter(isManager)
    .map((node) => ({ id: node.ID, reachable: node.ManagerStatus?.Reachability === 'reachable' }));
}

function isManager(node: ApiNode): boolean {
  return node.ManagerStatus !== undefined;
}

function isNamed(node: ApiNode, wanted: WantedNode): boolean {
  return hostnameOf(node).toLowerCase() === wanted.name.toLowerCase();
}

function isAt(node: ApiNode, wanted: WantedNode): boolean {
  return addressOf(node) === canonicalAddress(wanted.address);
}

/** Steps that remove left-over entries: demoted first where they count for Raft, and never before they are Down. */
function planClearing(observed: readonly ApiNode[], stale: readonly ApiNode[]): MembershipPlan {
  const steps: MembershipStep[] = [];
  let members = managersOf(observed);
  for (const node of stale) {
    if (isManager(node)) {
      const step: ManagerStep = { kind: 'demote', id: node.ID };
      const gone = members.map((member) => (member.id === node.ID ? { ...member, reachable: false } : member));
      const verdict = afterStep(gone, step);
      if (!verdict.allowed) return refuseStep(node, 'demote', verdict.reason);
      members = gone.filter(({ id }) => id !== node.ID);
      steps.push(...roleSteps(node, 'worker'));
    }
    if (node.Status.State !== 'down') steps.push({ kind: 'waitDown', nodeId: node.ID });
    steps.push({ kind: 'removeEntry', nodeId: node.ID, force: false });
  }
  return { allowed: true, steps };
}

function planDemotion(observed: readonly ApiNode[], node: ApiNode): MembershipPlan {
  if (!isManager(node)) {
    const quorum = hasQuorum(managersOf(observed));
    return quorum.allowed ? { allowed: true, steps: [] } : noQuorum(quorum.reason);
  }
  const verdict = afterStep(managersOf(observed), { kind: 'demote', id: node.ID });
  return verdict.allowed
    ? { allowed: true, steps: roleSteps(node, 'worker') }
    : refuseStep(node, 'demote', verdict.reason);
}

/** The swarm ends with its last manager. Nodes that are Down already are forgotten with it. */
function planEnd(node: ApiNode, rest: readonly ApiNode[], reachable: boolean): MembershipPlan {
  const left = rest.filter(({ Status }) => Status.State !== 'down').map(nameOf);
  if (left.length > 0) {
    const cause = `${nameOf(node)} is the last manager, and ${left.join(', ')} would be left without one`;
    return { allowed: false, cause, cure: 'remove the other nodes first, or promote one of them' };
  }
  if (!reachable)
    return {
      allowed: false,
      cause: `${nameOf(node)} does not answer and is the last manager`,
      cure: 'bring the machine back',
    };
  return { allowed: true, steps: [{ kind: 'endSwarm' }] };
}

function drainSteps(node: ApiNode): MembershipStep[] {
  const nodeId = node.ID;
  const drain: MembershipStep = { kind: 'setAvailability', nodeId, availability: 'drain' };
  return [...(node.Spec.Availability === 'drain' ? [] : [drain]), { kind: 'waitEmpty', nodeId }];
}

/** A change of role. After the leader is demoted the swarm may have no leader for a while (moby issue 34384). */
function roleSteps(node: ApiNode, role: 'manager' | 'worker'): MembershipStep[] {
  const change: MembershipStep = { kind: 'setRole', nodeId: node.ID, role };
  return node.ManagerStatus?.Leader === true && role === 'worker' ? [change, { kind: 'waitLeader' }] : [change];
}

function sameLabels(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

function notInSwarm(nodeId: string): MembershipPlan {
  const cause = `node ${nodeId} is not in the swarm`;
  return { allowed: false, cause, cure: 'run a refresh (pulumi refresh), so that it joins again' };
}

function nameTaken(living: ApiNode, wanted: WantedNode): MembershipPlan {
  const where = addressOf(living);
  const cause = `another machine with the host name ${wanted.name} is Ready in the swarm (node ${living.ID} at ${where})`;
  return { allowed: false, cause, cure: 'give one of the two another host name, or take the other out of the swarm' };
}

function refuseStep(node: ApiNode, step: string, reason: string): MembershipPlan {
  return {
    allowed: false,
    cause: `cannot ${step} ${nameOf(node)}: ${reason}`,
    cure: 'bring the unreachable managers back first',
  };
}

function refusePromotion(node: ApiNode): MembershipPlan {
  const cause = `cannot promote ${nameOf(node)}: it is ${node.Status.State}, and a manager that does not answer costs quorum`;
  return { allowed: false, cause, cure: 'bring the machine back first' };
}

function noQuorum(reason: string): MembershipPlan {
  return {
    allowed: false,
    cause: `the swarm has no quorum: ${reason}`,
    cure: 'bring managers back, or recover from a survivor: docker swarm init --force-new-cluster',
  };
}

function refuseUnreachable(node: ApiNode): MembershipPlan {
  return {
    allowed: false,
    cause: `${nameOf(node)} does not answer but is Ready in the swarm: it cannot be told to leave`,
    cure: 'mend its SSH access, or switch the machine off and run again once it is Down',
  };
}
