/** Looks at a change of the managers as a whole, before any of its steps is taken. */
import { StepError } from '../../core/errors';
import { planTransition } from '../../core/swarm/transition';
import { type Access } from '../access';
import { listNodes } from '../node/observe';
import { overrideHint, quorumLossAllowed } from '../override';
import { type Existing, type OperationContext } from '../protocol/resource';
import { type ClusterInputs, type ClusterOutputs } from './properties';

/**
 * Refuses a change of the managers that would lose quorum on its way. Where none is removed, nothing is asked: a new one
 * brings its own vote.
 * @throws StepError with the arithmetic; the nodes that are to leave in this run stay then
 */
export async function assertTransition(
  access: Access,
  { inputs: old, outputs: { clusterId } }: Existing<ClusterInputs, ClusterOutputs>,
  { name, managers }: ClusterInputs,
  context: OperationContext,
): Promise<void> {
  const removed = old.managers.filter(({ address }) => !managers.some((manager) => manager.address === address));
  if (removed.length === 0) return;
  const observed = await listNodes(access, { managers, clusterId }, context);
  const transition = planTransition(observed, managers, removed);
  if (transition.allowed) return;
  const { node, reason, missing } = transition;
  const cause = `removing ${node} would lose quorum: ${reason}`;
  if (quorumLossAllowed(context.urn)) {
    context.warn(`going on though this loses quorum, as you asked: ${cause}`);
    return;
  }
  const back = missing.length > 0 ? `bring ${missing.join(', ')} back first` : 'remove fewer managers at once';
  const parts = { machine: node, step: `changing the managers of ${name}`, cause };
  access.run.refuse(clusterId, cause);
  throw new StepError({ ...parts, cure: back + overrideHint(context.urn) });
}
