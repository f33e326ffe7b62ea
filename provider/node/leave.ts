/** A node leaves the swarm; with the last one the swarm ends. */
import { isConnectionFailure, messageOf, StepError } from '../../core/errors';
import { planRemoval, type MembershipStep } from '../../core/swarm/membership';
import { type Access, type Reached } from '../access';
import { withDefaultLimits } from '../limits';
import { type Existing, type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { allowed, hasLivingOthers, isLastManager } from './decide';
import { executeSteps } from './execute';
import { entryOf, inTurn, listNodes } from './observe';
import { type NodeInputs, type NodeOutputs } from './properties';

/** How long a machine is tried that is to be removed anyway: it may well be gone. */
const PATIENCE = { dialErrorLimit: 2, perDialTimeout: 10 };

/** Drains, demotes and removes a node; a machine that doesn't answer is removed once the swarm sees it Down. */
export class Departures {
  /** Ids of the nodes that are being removed now. */
  private readonly leaving = new Set<string>();

  constructor(private readonly access: Access) {}

  async leave(old: Existing<NodeInputs, NodeOutputs>, context: OperationContext): Promise<void> {
    const { nodeId } = old.outputs;
    this.leaving.add(nodeId);
    try {
      await this.depart(old, context);
    } finally {
      this.leaving.delete(nodeId);
    }
  }

  private async depart(
    { inputs, outputs: { nodeId, role } }: Existing<NodeInputs, NodeOutputs>,
    context: OperationContext,
  ): Promise<void> {
    const refusal = this.access.run.refusalOf(inputs.clusterId);
    if (refusal) throw refusedAsAWhole(inputs.name, refusal);
    const { machine, ended } = await this.lastLook(inputs, context);
    if (ended) return;
    const target = { ...inputs, machine, nodeId };
    if (!machine) await this.waitUntilSilent(inputs, nodeId, context);
    const wait = {
      machine: inputs.name,
      step: 'the other nodes to leave, as this is the last manager',
      limitSeconds: withDefaultLimits(inputs.limits).drainSeconds,
      cure: 'remove the other nodes first, or promote one of them',
    };
    const removal = (): Promise<Observation<MembershipStep[]>> => this.takeTurn(target, context);
    const rest = await waitUntil(wait, context, () =>
      role === 'manager' ? inTurn(this.access, inputs, context, removal) : removal(),
    );
    await executeSteps(this.access, rest, target, context);
  }

  /**
   * Takes the steps that change the group of managers, which have to wait their turn. @returns the rest, which is slow
   * and happens side by side with other removals
   */
  private async takeTurn(
    target: NodeInputs & { machine?: Reached; nodeId: string },
    context: OperationContext,
  ): Promise<Observation<MembershipStep[]>> {
    const { name, nodeId, machine } = target;
    const observed = await listNodes(this.access, target, context);
    if (isLastManager(observed, nodeId)) {
      const successors = this.access.run.declaredManagers(target.clusterId).filter((manager) => manager.name !== name);
      if (successors.length > 0) throw lastOne(name, successors.map((manager) => manager.name).join(', '));
      // The others' removals need a manager up to their last step.
      const left = hasLivingOthers(observed, nodeId) || this.leaving.size > 1;
      if (left) return { pending: `${observed.length - 1} left` };
    }
    const plan = planRemoval(observed, nodeId, { reachable: machine !== undefined });
    const steps = allowed(plan, name, 'removing the node', context);
    const turn = 1 + steps.findIndex(({ kind }) => kind === 'setRole' || kind === 'endSwarm');
    await executeSteps(this.access, steps.slice(0, turn), target, context);
    return { done: steps.slice(turn) };
  }

  /** What a removal starts from: the machine if its engine answers, and whether the swarm has ended already. */
  private async lastLook(
    inputs: NodeInputs,
    context: OperationContext,
  ): Promise<{ machine?: Reached; ended: boolean }> {
    try {
      const connection = { ...inputs.connection, ...PATIENCE };
      const machine = await this.access.reach({ ...inputs, connection }, context);
      const local = (await machine.api.info({ signal: context.signal })).Swarm;
      const outside = local.LocalNodeState === 'inactive';
      return { machine, ended: outside && (await this.access.hasEnded(inputs, context)) };
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isConnectionFailure(error) && !(error instanceof StepError)) throw error;
      context.warn(`${inputs.name} is removed without its own doing, once the swarm sees it Down: ${messageOf(error)}`);
      return { ended: false };
    }
  }

  /** A machine that can't be told to leave may just have been switched off: give the swarm the time to notice. */
  private async waitUntilSilent(inputs: NodeInputs, nodeId: string, context: OperationContext): Promise<void> {
    const wait = {
      machine: inputs.name,
      step: 'the swarm to see it Down, as it cannot be told to leave',
      limitSeconds: withDefaultLimits(inputs.limits).downSeconds,
      cure: 'it is alive in the swarm: mend its SSH access or its engine, or switch the machine off; then run it again',
    };
    await waitUntil(wait, context, async (): Promise<Observation<true>> => {
      const node = await entryOf(this.access, nodeId, inputs, context);
      return !node || node.Status.State === 'down' ? { done: true } : { pending: node.Status.State };
    });
  }
}

function lastOne(machine: string, successors: string): StepError {
  return new StepError({
    machine,
    step: 'removing the node',
    cause: `it is the last manager, and the swarm would end with it: ${successors} not in yet`,
    cure: 'see why no other manager could join, then run it again',
  });
}

/** Pulumi goes on with removals after the cluster has refused the change that they are part of. */
function refusedAsAWhole(machine: string, cause: string): StepError {
  const cure = 'see the error of the cluster; nothing has been removed';
  return new StepError({ machine, step: 'removing the node', cause, cure });
}
