/** Why a membership plan (membership.ts) has no steps, and what helps. */
import type { ApiNode } from '../docker/types';
import type { MembershipStep, Refusal, WantedNode } from './membership';
import { addressOf, nameOf } from './nodes';

export function notInSwarm(nodeId: string): Refusal {
  const cause = `node ${nodeId} is not in the swarm`;
  return { allowed: false, cause, cure: 'run a refresh (pulumi refresh), so that it joins again' };
}

export function nameTaken(living: ApiNode, wanted: WantedNode): Refusal {
  const where = addressOf(living);
  const cause = `another machine with the host name ${wanted.name} is Ready in the swarm (node ${living.ID} at ${where})`;
  return { allowed: false, cause, cure: 'give one of the two another host name, or take the other out of the swarm' };
}

/** @param steps those to take where the user accepts the loss of quorum */
export function refuseStep(node: ApiNode, step: string, reason: string, steps?: MembershipStep[]): Refusal {
  return {
    allowed: false,
    cause: `cannot ${step} ${nameOf(node)}: ${reason}`,
    cure: 'bring the unreachable managers back first',
    overridden: steps,
  };
}

export function refusePromotion(node: ApiNode): Refusal {
  const cause = `cannot promote ${nameOf(node)}: it is ${node.Status.State}, and a manager that does not answer costs quorum`;
  return { allowed: false, cause, cure: 'bring the machine back first' };
}

export function noQuorum(reason: string): Refusal {
  return {
    allowed: false,
    cause: `the swarm has no quorum: ${reason}`,
    cure: 'bring managers back, or recover from a survivor: docker swarm init --force-new-cluster',
  };
}

export function refuseUnreachable(node: ApiNode): Refusal {
  return {
    allowed: false,
    cause: `${nameOf(node)} does not answer but is Ready in the swarm: it cannot be told to leave`,
    cure: 'mend its SSH access, or switch the machine off and run again once it is Down',
  };
}

export function refuseEnd(node: ApiNode, left: string[]): Refusal {
  const cause = `${nameOf(node)} is the last manager, and ${left.join(', ')} would be left without one`;
  return { allowed: false, cause, cure: 'remove the other nodes first, or promote one of them' };
}
