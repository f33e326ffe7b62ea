/** What the swarm says of its nodes. */
import { StepError } from '../../core/errors';
import { type ApiNode } from '../../core/docker/types';
import { type Access, type SwarmTarget } from '../access';
import { type OperationContext } from '../protocol/resource';
import { outputsOf } from './decide';
import { findNode } from './members';
import { type NodeInputs, type NodeOutputs } from './properties';

/** All entries, as any manager that works has them. */
export async function listNodes(access: Access, swarm: SwarmTarget, context: OperationContext): Promise<ApiNode[]> {
  return access.onManager(swarm, context, ({ api }) => api.nodes({}, { signal: context.signal }));
}

/** One entry, as any manager that works has it; undefined when there is none. */
export async function entryOf(
  access: Access,
  nodeId: string,
  swarm: SwarmTarget,
  context: OperationContext,
): Promise<ApiNode | undefined> {
  return access.onManager(swarm, context, ({ api }) => findNode(api, nodeId, context));
}

/** A node as it is after a change. @throws StepError when somebody has removed it meanwhile */
export async function observe(
  access: Access,
  nodeId: string,
  inputs: NodeInputs,
  context: OperationContext,
): Promise<NodeOutputs> {
  const node = await entryOf(access, nodeId, inputs, context);
  if (node) return outputsOf(node, inputs);
  throw new StepError({
    machine: inputs.name,
    step: 'looking at the node after the change',
    cause: `node ${nodeId} is not in the swarm any more`,
    cure: 'run it again; the node joins anew',
  });
}

/** One change of the group of managers at a time. */
export function inTurn<T>(
  access: Access,
  { clusterId }: NodeInputs,
  { signal }: OperationContext,
  work: () => Promise<T>,
): Promise<T> {
  return access.mutexes.get(`managers of ${clusterId}`).run(signal, work);
}
