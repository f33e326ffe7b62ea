/** `swarm:index:Node`: a machine as a member of the swarm, with its role, labels and availability. */
import { checkLabels } from '../core/swarm/labels';
import { checkAddress, checkNodeName } from '../core/swarm/rules';
import { type Access } from './access';
import { type Duplicates } from './duplicates';
import { type Importer } from './importer';
import { connectionFailures, deepDiff, hostKeyDiff, isComplete, isKnown, valueDiff } from './inputs';
import { limitFailures } from './limits';
import { changeMember } from './node/change';
import { isLost, outputsOf, refuseAddressChange, withDefaults } from './node/decide';
import { importNode } from './node/import';
import { joinSwarm } from './node/join';
import { Departures } from './node/leave';
import { entryOf, observe } from './node/observe';
import { type NodeInputs, type NodeOutputs } from './node/properties';
import {
  type CheckContext,
  type CheckFailure,
  type CheckResult,
  type Diff,
  type Existing,
  type Found,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN } from './protocol/values';

/** A node of the swarm; its id is the node id. */
export class NodeResource implements Resource<NodeInputs, NodeOutputs> {
  readonly token = 'swarm:index:Node';
  private readonly departures: Departures;

  constructor(
    private readonly access: Access,
    private readonly duplicates: Duplicates,
    private readonly importer: Importer,
  ) {
    this.departures = new Departures(access);
  }

  check(inputs: PreviewInputs<NodeInputs>, { urn }: CheckContext): CheckResult {
    const { name, address, labels = {}, role, availability, clusterId, managers } = inputs;
    if (isKnown(clusterId) && isKnown(managers)) this.access.run.declareManagers(clusterId, managers);
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
      ...limitFailures(inputs.limits),
      ...oneOf('otherLabels', inputs.otherLabels, ['remove', 'keep', undefined]),
      ...connectionFailures(inputs.connection, 'connection'),
    ];
    return { failures };
  }

  /** @throws StepError for another address of a living manager */
  diff({ inputs, outputs }: Existing<NodeInputs, NodeOutputs>, news: PreviewInputs<NodeInputs>): Diff {
    const wanted = withDefaults(news);
    const identity = {
      ...valueDiff('clusterId', outputs.clusterId, news.clusterId, { replace: true }),
      ...valueDiff('address', outputs.address, news.address, { replace: true }),
    };
    const living = outputs.role === 'manager' && outputs.state !== 'down' && !('clusterId' in identity);
    if ('address' in identity && living && isKnown(news.address)) {
      throw refuseAddressChange(outputs.name, outputs.address, news.address);
    }
    this.access.run.remember(outputs.clusterId, inputs.managers);
    const changes = {
      ...identity,
      ...valueDiff('name', outputs.name, news.name),
      ...valueDiff('role', outputs.role, wanted.role),
      ...valueDiff('availability', outputs.availability, wanted.availability),
      ...deepDiff('labels', outputs.labels, wanted.labels),
      ...hostKeyDiff(inputs.connection, news.connection),
      ...(isLost(outputs) ? { state: { kind: 'update', input: false } as const } : {}),
    };
    return { changes, deleteBeforeReplace: Object.keys(identity).length > 0 };
  }

  preview(news: PreviewInputs<NodeInputs>, old?: Existing<NodeInputs, NodeOutputs>): WithUnknowns<NodeOutputs> {
    const { clusterId, name, address, role, labels, availability } = withDefaults(news);
    const found = old?.outputs;
    return {
      ...{ clusterId, name, address, role, labels, availability },
      nodeId: found && !isLost(found) ? found.nodeId : UNKNOWN,
      state: found ? 'ready' : UNKNOWN,
      hostname: found?.hostname ?? UNKNOWN,
      engineVersion: found?.engineVersion ?? UNKNOWN,
    };
  }

  async create(inputs: NodeInputs, context: OperationContext): Promise<{ id: string; outputs: NodeOutputs }> {
    const nodeId = await joinSwarm(this.access, inputs, context);
    return { id: nodeId, outputs: await observe(this.access, nodeId, inputs, context) };
  }

  async update(
    old: Existing<NodeInputs, NodeOutputs>,
    inputs: NodeInputs,
    context: OperationContext,
  ): Promise<NodeOutputs> {
    const nodeId = await changeMember(this.access, old, inputs, context);
    return observe(this.access, nodeId, inputs, context);
  }

  /** By the node id of the last join, which is another one than the resource's where the machine had to join anew. */
  async read(
    { id, inputs: old, outputs }: { id: string; inputs: Partial<NodeInputs>; outputs: Partial<NodeOutputs> },
    context: OperationContext,
  ): Promise<Found<NodeInputs, NodeOutputs> | undefined> {
    const found = isComplete(old) ? { inputs: old } : await importNode(id, this.access, this.importer, context);
    const { inputs } = found;
    if (await this.access.hasEnded(inputs, context)) return undefined;
    const nodeId = outputs.nodeId ?? id;
    const node = await entryOf(this.access, nodeId, inputs, context);
    return node && { id: nodeId, ...found, outputs: outputsOf(node, inputs) };
  }

  async delete(old: Existing<NodeInputs, NodeOutputs>, context: OperationContext): Promise<void> {
    await this.departures.leave(old, context);
  }
}

function oneOf(property: string, value: unknown, choices: unknown[]): CheckFailure[] {
  if (!isKnown(value) || choices.includes(value)) return [];
  return [{ property, reason: `${String(value)} is none of ${choices.filter(Boolean).join(', ')}` }];
}
