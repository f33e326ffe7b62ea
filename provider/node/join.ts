/** A machine becomes a node, or the node it is already is taken over. */
import { planJoin } from '../../core/swarm/membership';
import { type Access } from '../access';
import { type OperationContext } from '../protocol/resource';
import { allowed, refuseForeign, wantedNode } from './decide';
import { executeSteps } from './execute';
import { inTurn, listNodes } from './observe';
import { type NodeInputs } from './properties';

/** Makes the machine a node as wanted, whatever it is in this swarm by now. Managers one at a time. @returns the node id */
export async function joinSwarm(
  access: Access,
  inputs: NodeInputs,
  context: OperationContext,
  formerly: readonly string[] = [],
): Promise<string> {
  const machine = await access.reach(inputs, context);
  const join = async (): Promise<string> => {
    const observed = await listNodes(access, inputs, context);
    const local = (await machine.api.info({ signal: context.signal })).Swarm;
    refuseForeign(inputs, local, observed);
    const own = observed.find(({ ID }) => ID === local.NodeID);
    const plan = planJoin(observed, wantedNode(inputs, own, formerly), local);
    const steps = allowed(plan, inputs.name, 'joining the swarm', context);
    const joined = await executeSteps(access, steps, { ...inputs, machine, nodeId: own?.ID }, context);
    if (joined === undefined) throw new Error(`${inputs.name}: the plan to join had no join in it`);
    return joined;
  };
  return inputs.role === 'manager' ? inTurn(access, inputs, context, join) : join();
}
