/** `swarm:index:Node`: a machine as a member of the swarm, with its role, labels and availability. */
import { isConnectionFailure, StepError } from '../core/errors';
import { checkLabels } from '../core/swarm/labels';
import { planJoin, planRemoval, planUpdate, type MembershipStep } from '../core/swarm/membership';
import { checkAddress, checkNodeName } from '../core/swarm/rules';
import { type ApiNode } from '../core/docker/types';
import { type Access, type Reached } from './access';
import { type Duplicates } from './duplicates';
import { assertNotImported, connectionFailures, deepDiff, isKnown, valueDiff } from './inputs';
import {
  allowed,
  hasLivingOthers,
  isLastManager,
  outputsOf,
  refuseForeign,
  wantedNode,
  withDefaults,
} from './node/decide';
import { executeSteps } from './node/execute';
import { type NodeInputs, type NodeOutputs } from './node/properties';
import {
  type CheckContext,
  type CheckFailure,
  type CheckResult,
  type Diff,
  type Existing,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN } from './protocol/values';
import { waitUntil, type Observation } from './wait';

/** A node of the swarm; its id is the node id. */
export class NodeResource implements Resource<NodeInputs, NodeOutputs> {
  readonly token = 'swarm:index:Node';
  /** Ids of the nodes that are being removed now. */
  private readonly leaving = new Set<string>();

  constructor(
    private readonly access: Access,
    private readonly duplicates: Duplicates,
  ) {}

  check(inputs: PreviewInputs<NodeInputs>, { urn }: CheckContext): CheckResult {
    const { name, address, labels = {}, role, availability } = inputs;
    const problems = [
      ...(isKnown(name) ? [...checkNodeName(name, 'name'), ...this.duplicates.check(urn, 'name', name)] : []),
      ...(isKnown(address)
        ? [...checkAddress(address, 'address'), ...this.duplicates.check(urn, 'address', address)]
        : []),
      ...(isKnown(labels) ? checkLabels(labels, 'labels') : []),
    ];
    const failures: CheckFailure[] = [
      ...problems.map(({ path, message }) => ({ property: path, reason: message })),
      ...oneOf('role', role, ['manager', 'worker']),
      ...oneOf('availability', availability, ['active', 'pause', 'drain', undefined]),
      ...connectionFailures(inputs.connection, 'connection'),
    ];
    return { failures };
  }

  diff(old: Existing<NodeInputs, NodeOutputs>, news: PreviewInputs<NodeInputs>): Diff {
    const wanted = withDefaults(news);
    const identity = {
      ...valueDiff('clusterId', old.outputs.clusterId, news.clusterId, { replace: true }),
      ...valueDiff('address', old.outputs.address, news.address, { replace: true }),
    };
    const changes = {
      ...identity,
      ...valueDiff('name', old.outputs.name, news.name),
      ...valueDiff('role', old.outputs.role, wanted.role),
      ...valueDiff('availability', old.outputs.availability, wanted.availability),
      ...deepDiff('labels', old.outputs.labels, wanted.labels),
    };
    return { changes, deleteBeforeReplace: Object.keys(identity).length > 0 };
  }

  preview(news: PreviewInputs<NodeInputs>, old?: Existing<NodeInputs, NodeOutputs>): WithUnknowns<NodeOutputs> {
    const { clusterId, name, address, role, labels, availability } = withDefaults(news);
    const found = old?.outputs;
    return {
      ...{ clusterId, name, address, role, labels, availability },
      nodeId: found?.nodeId ?? UNKNOWN,
      state: found?.state ?? UNKNOWN,
      hostname: found?.hostname ?? UNKNOWN,
      engineVersion: found?.engineVersion ?? UNKNOWN,
    };
  }

  async create(inputs: NodeInputs, context: OperationContext): Promise<{ id: string; outputs: NodeOutputs }> {
    const machine = await this.access.reach(inputs, context);
    const join = async (): Promise<string> => {
      const observed = await listNodes(this.access, inputs, context);
      const local = (await machine.api.info({ signal: context.signal })).Swarm;
      refuseForeign(inputs, local, observed);
      const plan = allowed(planJoin(observed, wantedNode(inputs), local), inputs.name, 'joining the swarm');
      const own = observed.some(({ ID }) => ID === local.NodeID) ? local.NodeID : undefined;
      const joined = await executeSteps(this.access, plan.steps, { ...inputs, machine, nodeId: own }, context);
      if (joined === undefined) throw new Error(`${inputs.name}: the plan to join had no join in it`);
      return joined;
    };
    const nodeId = await (inputs.role === 'manager' ? this.inTurn(inputs, context, join) : join());
    return { id: nodeId, outputs: await this.observe(nodeId, inputs, context) };
  }

  async update(
    { id, outputs }: Existing<NodeInputs, NodeOutputs>,
    inputs: NodeInputs,
    context: OperationContext,
  ): Promise<NodeOutputs> {
    const change = async (): Promise<void> => {
      const observed = await listNodes(this.access, inputs, context);
      const plan = allowed(planUpdate(observed, id, wantedNode(inputs)), inputs.name, 'changing the node');
      await executeSteps(this.access, plan.steps, { ...inputs, nodeId: id }, context);
    };
    await (inputs.role === outputs.role ? change() : this.inTurn(inputs, context, change));
    return this.observe(id, inputs, context);
  }

  async read(
    { id, inputs }: { id: string; inputs: Partial<NodeInputs> },
    context: OperationContext,
  ): Promise<{ id: string; inputs: Partial<NodeInputs>; outputs: NodeOutputs } | undefined> {
    assertNotImported(this.token, inputs);
    const node = (await listNodes(this.access, inputs, context)).find(({ ID }) => ID === id);
    return node && { id, inputs, outputs: outputsOf(node, inputs) };
  }

  async delete(old: Existing<NodeInputs, NodeOutputs>, context: OperationContext): Promise<void> {
    this.leaving.add(old.id);
    try {
      await this.leave(old, context);
    } finally {
      this.leaving.delete(old.id);
    }
  }

  private async leave(
    { id, inputs, outputs }: Existing<NodeInputs, NodeOutputs>,
    context: OperationContext,
  ): Promise<void> {
    const { machine, ended } = await this.atRemoval(inputs, context);
    if (ended) return;
    const target = { ...inputs, machine, nodeId: id };
    const wait = {
      machine: inputs.name,
      step: 'the other nodes to leave, as this is the last manager',
      limitSeconds: 180,
      cure: 'remove the other nodes first, or promote one of them',
    };
    const removal = async (): Promise<Observation<MembershipStep[]>> => {
      const observed = await listNodes(this.access, inputs, context);
      // The others' removals need a manager up to their last step.
      if (isLastManager(observed, id) && (hasLivingOthers(observed, id) || this.leaving.size > 1)) {
        return { pending: `${observed.length - 1} left` };
      }
      const plan = planRemoval(observed, id, { reachable: machine !== undefined });
      const { steps } = allowed(plan, inputs.name, 'removing the node');
      // Only what changes the group of managers has to wait its turn; the slow rest happens side by side.
      const turn = 1 + steps.findIndex(({ kind }) => kind === 'setRole' || kind === 'endSwarm');
      await executeSteps(this.access, steps.slice(0, turn), target, context);
      return { done: steps.slice(turn) };
    };
    const rest = await waitUntil(wait, context, () =>
      outputs.role === 'manager' ? this.inTurn(inputs, context, removal) : removal(),
    );
    await executeSteps(this.access, rest, target, context);
  }

  /** One change of the group of managers at a time. */
  private inTurn<T>({ clusterId }: NodeInputs, { signal }: OperationContext, work: () => Promise<T>): Promise<T> {
    return this.access.mutexes.get(`managers of ${clusterId}`).run(signal, work);
  }

  private async observe(nodeId: string, inputs: NodeInputs, context: OperationContext): Promise<NodeOutputs> {
    const node = (await listNodes(this.access, inputs, context)).find(({ ID }) => ID === nodeId);
    if (node) return outputsOf(node, inputs);
    throw new StepError({
      machine: inputs.name,
      step: 'looking at the node after the change',
      cause: `node ${nodeId} is not in the swarm any more`,
      cure: 'run it again; the node joins anew',
    });
  }

  /** What a removal starts from: the machine if it answers, and whether the swarm has ended already. */
  private async atRemoval(
    inputs: NodeInputs,
    context: OperationContext,
  ): Promise<{ machine?: Reached; ended: boolean }> {
    const patience = { dialErrorLimit: 2, perDialTimeout: 10 };
    try {
      const machine = await this.access.reach(
        { ...inputs, connection: { ...inputs.connection, ...patience } },
        context,
      );
      const local = (await machine.api.info({ signal: context.signal })).Swarm;
      const outside = local.LocalNodeState === 'inactive';
      const ended = outside && !(await this.hasManager(inputs, context));
      return { machine, ended };
    } catch (error) {
      if (!isConnectionFailure(error)) throw error;
      context.warn(`${inputs.name} does not answer; it is removed without its own doing once the swarm sees it Down`);
      return { ended: false };
    }
  }

  private async hasManager(inputs: NodeInputs, context: OperationContext): Promise<boolean> {
    return this.access.liveManager(inputs.managers, context).then(
      () => true,
      () => false,
    );
  }
}

async function listNodes(access: Access, { managers }: NodeInputs, context: OperationContext): Promise<ApiNode[]> {
  return access.onManager(managers, context, ({ api }) => api.nodes({}, { signal: context.signal }));
}

function oneOf(property: string, value: unknown, choices: unknown[]): CheckFailure[] {
  if (!isKnown(value) || choices.includes(value)) return [];
  return [{ property, reason: `${String(value)} is none of ${choices.filter(Boolean).join(', ')}` }];
}
