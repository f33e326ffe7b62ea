/** A node gets other labels, another role or availability, or comes back after its machine was down or made anew. */
import { StepError } from '../../core/errors';
import { missingManagers, planUpdate } from '../../core/swarm/membership';
import { isReady } from '../../core/swarm/nodes';
import { type Access, type OnManager } from '../access';
import { withDefaultLimits } from '../limits';
import { type Existing, type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { allowed, isLost, wantedNode } from './decide';
import { executeSteps } from './execute';
import { joinSwarm } from './join';
import { waitNodeState } from './members';
import { entryOf, inTurn, listNodes } from './observe';
import { type NodeInputs, type NodeOutputs } from './properties';

/** Brings a node to what is wanted. @returns its id, a new one when its machine had to join anew */
export async function changeMember(
  access: Access,
  old: Existing<NodeInputs, NodeOutputs>,
  inputs: NodeInputs,
  context: OperationContext,
): Promise<string> {
  const { nodeId } = old.outputs;
  const formerly = Object.keys(old.inputs.labels ?? {});
  if (!(await isStillMember(access, old, inputs, context))) return joinSwarm(access, inputs, context, formerly);
  if (old.outputs.role === 'manager' && inputs.role === 'worker') await waitForManagers(access, inputs, context);
  const change = async (): Promise<void> => {
    const observed = await listNodes(access, inputs, context);
    const entry = observed.find(({ ID }) => ID === nodeId);
    const plan = planUpdate(observed, nodeId, wantedNode(inputs, entry, formerly));
    const steps = allowed(plan, inputs.name, 'changing the node', context);
    await executeSteps(access, steps, { ...inputs, nodeId }, context);
  };
  await (inputs.role === old.outputs.role ? change() : inTurn(access, inputs, context, change));
  return nodeId;
}

/**
 * Whether the machine is the node that it was. It is asked only where there is a reason to doubt it: it was not Ready
 * when last seen, its host key is another one, or its entry is gone. One that is the same is waited for.
 */
async function isStillMember(
  access: Access,
  old: Existing<NodeInputs, NodeOutputs>,
  inputs: NodeInputs,
  context: OperationContext,
): Promise<boolean> {
  const { nodeId } = old.outputs;
  const sameKey = old.inputs.connection.hostKey === inputs.connection.hostKey;
  const entry = await entryOf(access, nodeId, inputs, context);
  if (entry && sameKey && (!isLost(old.outputs) || isReady(entry))) return true;
  const machine = await access.reach(inputs, context);
  const local = (await machine.api.info({ signal: context.signal })).Swarm;
  if (!entry || local.NodeID !== nodeId) return false;
  context.status('waiting for it to be Ready again');
  const on: OnManager = (work) => access.onManager(inputs, context, work);
  await waitNodeState(on, nodeId, inputs.name, 'ready', context, withDefaultLimits(inputs.limits).readySeconds);
  return true;
}

/** Who steps down waits until those who take over are in, so that the group never gets smaller than it has to. */
async function waitForManagers(access: Access, inputs: NodeInputs, context: OperationContext): Promise<void> {
  const wait = {
    machine: inputs.name,
    step: 'the managers that are to take its place',
    limitSeconds: withDefaultLimits(inputs.limits).managersSeconds,
    cure: 'see why they could not join, then run it again',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const missing = missingManagers(await listNodes(access, inputs, context), inputs.managers);
    const failed = missing.find((name) => access.run.failureOf(name) !== undefined);
    if (failed) {
      const cause = `${failed}, which is to be a manager, has failed`;
      throw new StepError({ machine: inputs.name, step: 'stepping down', cause, cure: wait.cure });
    }
    return missing.length === 0 ? { done: true } : { pending: `${missing.join(', ')} not in yet` };
  });
}
