import type { ApiNode } from '../docker/types';
import { addressOf, nameOf } from './nodes';
import { canonicalAddress } from './addresses';
import { managersOf } from './membership';
import { afterStep, apply, type ManagerMember, type ManagerStep } from './quorum';

/** A manager as the environment declares it. `address`: its advertise address, by which its entry is known. */
export interface DeclaredManager {
  name: string;
  address: string;
}

/** The steps of a change of the managers, in the order that is easiest on quorum, or the one that no order could save. */
export type Transition =
  | { allowed: true; steps: ManagerStep[] }
  | {
      allowed: false;
      /** Name of the node whose step would lose quorum. */
      node: string;
      /** The arithmetic. */
      reason: string;
      /** Names of the managers that stay and don't answer: with them back, it could be done. */
      missing: string[];
    };

/**
 * Whether the managers can be changed as a whole without losing quorum on the way.
 *
 * New managers come first, one at a time: each brings its own vote. Then managers that don't answer are demoted, which
 * costs no vote, and the living ones last. No other order gets further.
 *
 * @param wanted every manager there is to be
 * @param removed managers that the environment has declared until now and doesn't any more; what it never declared stays
 */
export function planTransition(
  observed: readonly ApiNode[],
  wanted: readonly DeclaredManager[],
  removed: readonly DeclaredManager[],
): Transition {
  const group = observed.filter((node) => node.ManagerStatus !== undefined);
  const joins = wanted
    .filter((manager) => !group.some((node) => isEntryOf(node, manager)))
    .map(({ name }): ManagerStep => ({ kind: 'promote', id: name }));
  const leaving = managersOf(group.filter((node) => removed.some((manager) => isEntryOf(node, manager))));
  const demotions = [...leaving.filter(({ reachable }) => !reachable), ...leaving.filter(({ reachable }) => reachable)];
  const steps = [...joins, ...demotions.map(({ id }): ManagerStep => ({ kind: 'demote', id }))];

  let members: readonly ManagerMember[] = managersOf(group);
  for (const step of steps) {
    const { allowed, reason } = afterStep(members, step);
    if (!allowed) return refuse(step, reason, group, leaving);
    members = apply(members, step);
  }
  return { allowed: true, steps };
}

function isEntryOf(node: ApiNode, { address }: DeclaredManager): boolean {
  return addressOf(node) === canonicalAddress(address);
}

function refuse(
  { id }: ManagerStep,
  reason: string,
  group: readonly ApiNode[],
  leaving: readonly ManagerMember[],
): Transition {
  const staying = group.filter(({ ID }) => !leaving.some((member) => member.id === ID));
  const silent = managersOf(staying).filter(({ reachable }) => !reachable);
  const missing = staying.filter(({ ID }) => silent.some((member) => member.id === ID)).map(nameOf);
  const node = group.find(({ ID }) => ID === id);
  return { allowed: false, node: node ? nameOf(node) : id, reason, missing };
}
