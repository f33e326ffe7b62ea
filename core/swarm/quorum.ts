/** How many managers must be reachable for a group of `managers` to decide anything (Raft: a majority). */
export function quorumOf(managers: number): number {
  return Math.floor(managers / 2) + 1;
}

/** How many managers a group of `managers` can lose and still decide. */
export function tolerates(managers: number): number {
  return managers === 0 ? 0 : managers - quorumOf(managers);
}

/** A manager as the group sees it. `reachable`: it takes part in Raft now. */
export interface ManagerMember {
  id: string;
  reachable: boolean;
}

/**
 * What is about to happen to one member of the manager group.
 * `stop`: it goes away for a while and stays a member (engine restart, reboot). `demote`: it leaves the group for good.
 * `promote`: a node that is not in the group yet joins it and answers.
 */
export interface ManagerStep {
  kind: 'stop' | 'demote' | 'promote';
  id: string;
}

/** Whether a step may be taken, with the arithmetic that says so. */
export interface QuorumVerdict {
  allowed: boolean;
  reason: string;
}

/**
 * Whether the manager group can still decide after `step`.
 *
 * A change of the group is itself a decision, so `demote` and `promote` also need a quorum before the step. Demoting an
 * unreachable manager can be allowed where demoting a reachable one is not: it makes the group smaller and loses no vote.
 */
export function afterStep(members: readonly ManagerMember[], step: ManagerStep): QuorumVerdict {
  const before = count(members);
  if (step.kind !== 'stop' && !before.quorum) {
    return { allowed: false, reason: `${describe(before, 'now')}: no change of managers can be decided` };
  }
  const after = count(apply(members, step));
  if (step.kind === 'demote' && after.managers === 0) {
    return { allowed: false, reason: 'the last manager cannot be demoted: the swarm would have none' };
  }
  return { allowed: after.quorum, reason: describe(after, 'after this step') };
}

/** Whether the group can decide as it is. */
export function hasQuorum(members: readonly ManagerMember[]): QuorumVerdict {
  const now = count(members);
  return { allowed: now.quorum, reason: describe(now, 'now') };
}

/** The group after `step`. */
export function apply(members: readonly ManagerMember[], step: ManagerStep): ManagerMember[] {
  switch (step.kind) {
    case 'stop':
      return members.map((member) => (member.id === step.id ? { ...member, reachable: false } : member));
    case 'demote':
      return members.filter((member) => member.id !== step.id);
    case 'promote':
      return [...members.filter((member) => member.id !== step.id), { id: step.id, reachable: true }];
  }
}

interface GroupCount {
  managers: number;
  reachable: number;
  quorum: boolean;
}

function count(members: readonly ManagerMember[]): GroupCount {
  const reachable = members.filter((member) => member.reachable).length;
  return { managers: members.length, reachable, quorum: members.length > 0 && reachable >= quorumOf(members.length) };
}

function describe(group: GroupCount, when: string): string {
  const noun = group.managers === 1 ? 'manager' : 'managers';
  return `${group.managers} ${noun}, ${group.reachable} reachable ${when}, ${quorumOf(group.managers)} needed`;
}
