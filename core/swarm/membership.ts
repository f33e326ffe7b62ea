import type { ApiInfo, ApiNode } from '../docker/types';
import { canonicalAddress } from './addresses';
import { userLabels } from './labels';
import {
  nameTaken,
  noQuorum,
  notInSwarm,
  refuseEnd,
  refusePromotion,
  refuseStep,
  refuseUnreachable,
} from './membership-refusals';
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

/** Why no step may be taken. `overridden`: the steps to take where the user accepts the loss of quorum. */
export interface Refusal {
  allowed: false;
  cause: string;
  cure: string;
  overridden?: MembershipStep[];
}

/** The steps of a change, or why none may be taken. */
export type MembershipPlan = { allowed: true; steps: MembershipStep[] } | Refusal;

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
  const changesRole = node.Spec.Role !== wanted.role;
  const steps: MembershipStep[] = [
    ...(sameLabels(userLabels(node.Spec.Labels), wanted.labels)
      ? []
      : [{ kind: 'setLabels' as const, labels: wanted.labels }]),
    ...(changesRole ? roleSteps(node, wanted.role) : []),
    ...(node.Spec.Availability === wanted.availability
      ? []
      : [{ kind: 'setAvailability' as const, nodeId, availability: wanted.availability }]),
  ];
  const quorum = hasQuorum(managersOf(observed));
  if (!quorum.allowed && steps.length > 0) return noQuorum(quorum.reason);
  if (!changesRole) return { allowed: true, steps };
  const kind = wanted.role === 'manager' ? 'promote' : 'demote';
  if (kind === 'promote' && !isReady(node)) return refusePromotion(node);
  const verdict = afterStep(managersOf(observed), { kind, id: nodeId });
  return verdict.allowed ? { allowed: true, steps } : refuseStep(node, kind, verdict.reason, steps);
}

/**
 * Names of the nodes that are to be managers and are none yet, in the order they were given. Who steps down waits for
 * them, so that the group never gets smaller than it has to.
 */
export function missingManagers(
  observed: readonly ApiNode[],
  wanted: readonly Pick<WantedNode, 'name' | 'address'>[],
): string[] {
  const managers = observed.filter(isManager);
  return wanted
    .filter((node) => !managers.some((manager) => isNamed(manager, node) || isAt(manager, node)))
    .map(({ name }) => name);
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
  const down = node.Status.State === 'down';
  if (!down && !options.reachable && options.force !== true) return refuseUnreachable(node);
  const quorum = hasQuorum(managersOf(observed));
  if (!quorum.allowed) return noQuorum(quorum.reason);
  const steps = [
    ...(down ? [] : drainSteps(node)),
    ...(isManager(node) ? roleSteps(node, 'worker') : []),
    ...goingSteps(nodeId, down, options.reachable),
  ];
  if (!isManager(node)) return { allowed: true, steps };
  const verdict = afterStep(managersOf(observed), { kind: 'demote', id: nodeId });
  return verdict.allowed ? { allowed: true, steps } : refuseStep(node, 'demote', verdict.reason, steps);
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

function isNamed(node: ApiNode, wanted: Pick<WantedNode, 'name'>): boolean {
  return hostnameOf(node).toLowerCase() === wanted.name.toLowerCase();
}

function isAt(node: ApiNode, wanted: Pick<WantedNode, 'address'>): boolean {
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

/** How a worker's membership ends: by its own word where it can be told, else once the managers call it Down. */
function goingSteps(nodeId: string, down: boolean, reachable: boolean): MembershipStep[] {
  const left: MembershipStep[] = reachable ? [{ kind: 'leave', force: down }] : [];
  const seen: MembershipStep[] = reachable && !down ? [{ kind: 'waitDown', nodeId }] : [];
  return [...left, ...seen, { kind: 'removeEntry', nodeId, force: !reachable && !down }];
}

/** The swarm ends with its last manager. Nodes that are Down already are forgotten with it. */
function planEnd(node: ApiNode, rest: readonly ApiNode[], reachable: boolean): MembershipPlan {
  const left = rest.filter(({ Status }) => Status.State !== 'down').map(nameOf);
  if (left.length > 0) return refuseEnd(node, left);
  if (reachable) return { allowed: true, steps: [{ kind: 'endSwarm' }] };
  return {
    allowed: false,
    cause: `${nameOf(node)} does not answer and is the last manager`,
    cure: 'bring the machine back',
  };
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
