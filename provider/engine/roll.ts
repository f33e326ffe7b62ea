/** Changes the engine of a machine that may be a member of a swarm, without anybody noticing. */
import { StepError } from '../../core/errors';
import { afterStep } from '../../core/swarm/quorum';
import { managersOf } from '../../core/swarm/membership';
import { type ApiInfo, type ApiNode } from '../../core/docker/types';
import { type Access, type ManagerEndpoint, type OnManager, type Reached } from '../access';
import { changeNode, waitEmpty, waitNodeState } from '../node/members';
import { type OperationContext } from '../protocol/resource';

/** Remembers, on the node itself, the availability to give back, should a run be interrupted while it is drained. */
const AVAILABILITY_LABEL = 'pulumi-swarm.availability-before-change';

/** The leader's engine goes last: each change of the leader costs an election of some 12 s. */
const LEADER_RANK = 1;

type Change = () => Promise<void>;

/**
 * Runs a change that stops the machine's containers. A member of a swarm is drained first and gets its availability
 * back when it is Ready again, one member at a time, never below quorum.
 */
export async function rollMember(
  access: Access,
  machine: Reached,
  managers: ManagerEndpoint[],
  context: OperationContext,
  change: Change,
): Promise<void> {
  const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
  if (swarm.LocalNodeState !== 'active') return change();
  const on: OnManager = (work) => access.onManager({ managers }, context, work, machine.name);
  const before = await memberEntry(on, swarm, machine, context);
  const rank = before.ManagerStatus?.Leader === true ? LEADER_RANK : 0;
  const turn = access.mutexes.get('change of a member’s engine');
  context.status('waiting for its turn: one engine of the swarm at a time');
  await turn.run(context.signal, () => changeMember(on, swarm, machine, context, change), rank);
}

/** Gives a node the availability back that an interrupted change left on it. */
export async function finishInterruptedRoll(
  access: Access,
  machine: Reached,
  managers: ManagerEndpoint[],
  context: OperationContext,
): Promise<void> {
  const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
  if (swarm.LocalNodeState !== 'active' || managers.length === 0) return;
  // Without a manager, or as a member of another swarm, it can't have been this environment that drained it.
  const manager = await access.liveManager({ managers }, context).catch(() => undefined);
  const nodes = (await manager?.api.nodes({}, { signal: context.signal })) ?? [];
  const node = nodes.find(({ ID }) => ID === swarm.NodeID);
  if (manager && node?.Spec.Labels?.[AVAILABILITY_LABEL] !== undefined) {
    await restore((work) => work(manager), node.ID, context);
  }
}

async function memberEntry(
  on: OnManager,
  swarm: ApiInfo['Swarm'],
  machine: Reached,
  context: OperationContext,
): Promise<ApiNode> {
  const nodes = await on(({ api }) => api.nodes({}, { signal: context.signal }));
  const node = nodes.find(({ ID }) => ID === swarm.NodeID);
  if (node) return node;
  throw new StepError({
    machine: machine.name,
    step: 'changing its engine',
    cause: 'it is a member of a swarm that the managers of this environment don’t know it in',
    cure: `docker swarm leave --force on ${machine.name}, if it isn't needed in that other swarm`,
  });
}

async function changeMember(
  on: OnManager,
  swarm: ApiInfo['Swarm'],
  machine: Reached,
  context: OperationContext,
  change: Change,
): Promise<void> {
  const node = await memberEntry(on, swarm, machine, context);
  await assertQuorumWithout(on, node, machine.name, context);
  context.status('draining');
  await changeNode(on, node.ID, context, (spec) => ({
    ...spec,
    Labels: { [AVAILABILITY_LABEL]: spec.Availability, ...spec.Labels },
    Availability: 'drain',
  }));
  await waitEmpty(on, node.ID, machine.name, context);
  await change();
  await waitNodeState(on, node.ID, machine.name, 'ready', context);
  await restore(on, node.ID, context);
}

async function restore(on: OnManager, nodeId: string, context: OperationContext): Promise<void> {
  await changeNode(on, nodeId, context, (spec) => {
    const { [AVAILABILITY_LABEL]: availability, ...labels } = spec.Labels ?? {};
    return { ...spec, Labels: labels, Availability: (availability ?? 'active') as typeof spec.Availability };
  });
}

async function assertQuorumWithout(
  on: OnManager,
  node: ApiNode,
  machine: string,
  context: OperationContext,
): Promise<void> {
  const members = managersOf(await on(({ api }) => api.nodes({}, { signal: context.signal })));
  if (node.ManagerStatus === undefined || members.length === 1) return;
  const verdict = afterStep(members, { kind: 'stop', id: node.ID });
  if (verdict.allowed) return;
  throw new StepError({
    machine,
    step: 'stopping its engine for a change',
    cause: `that would lose quorum: ${verdict.reason}`,
    cure: 'bring the other managers back first',
  });
}
