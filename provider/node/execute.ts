/** Carries out the steps of a membership plan (core/swarm/membership). */
import { isNotFound, type EngineApi } from '../../core/docker/engine-api';
import { StepError } from '../../core/errors';
import { type MembershipStep } from '../../core/swarm/membership';
import { AVAILABILITY_LABEL, userLabels } from '../../core/swarm/labels';
import { type Access, type OnManager, type Reached, type SwarmTarget } from '../access';
import { withDefaultLimits, type Limits } from '../limits';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { changeNode, waitEmpty, waitNodeState } from './members';

export interface StepTarget extends SwarmTarget {
  name: string;
  /** Advertise address. */
  address: string;
  /** The machine itself; absent when it doesn't answer, then no plan has a step that needs it. */
  machine?: Reached;
  /** Absent until it has joined. */
  nodeId?: string;
  limits?: Partial<Limits>;
}

/** Says what a step does, for the status line. */
export function describeStep(step: MembershipStep): string {
  switch (step.kind) {
    case 'join':
      return `joining as ${step.role}`;
    case 'leave':
      return 'leaving the swarm';
    case 'endSwarm':
      return 'ending the swarm: this is its last manager';
    case 'setLabels':
      return 'setting labels';
    case 'setRole':
      return step.role === 'manager' ? 'promoting to manager' : 'demoting to worker';
    case 'setAvailability':
      return step.availability === 'drain' ? 'draining' : `setting availability to ${step.availability}`;
    case 'waitEmpty':
      return 'waiting for its tasks to end';
    case 'waitLeader':
      return 'waiting for a leader';
    case 'waitDown':
      return 'waiting for the swarm to see it Down';
    case 'removeEntry':
      return 'removing it from the list of nodes';
  }
}

/** Takes steps in order. Returns the node id, which a join makes known. */
export async function executeSteps(
  access: Access,
  steps: MembershipStep[],
  target: StepTarget,
  context: OperationContext,
): Promise<string | undefined> {
  let nodeId = target.nodeId;
  for (const step of steps) {
    context.signal.throwIfAborted();
    context.status(describeStep(step));
    if (step.kind === 'join') nodeId = await join(access, step.role, target, context);
    else if (step.kind === 'leave') await leave(machineOf(target), step.force, context);
    else if (step.kind === 'endSwarm') await machineOf(target).api.swarmLeave(true, { signal: context.signal });
    else await executeByManager(access, step, { ...target, nodeId }, context);
  }
  return nodeId;
}

/** The steps that any manager can take for a node. */
type ManagerStep = Exclude<MembershipStep, { kind: 'join' | 'leave' | 'endSwarm' }>;

async function executeByManager(
  access: Access,
  step: ManagerStep,
  target: StepTarget,
  context: OperationContext,
): Promise<void> {
  const on = onOtherManager(access, target, context);
  const limits = withDefaultLimits(target.limits);
  const nodeId = ('nodeId' in step ? step.nodeId : undefined) ?? target.nodeId ?? '';
  switch (step.kind) {
    case 'setLabels':
      await changeNode(on, nodeId, context, (spec) => ({ ...spec, Labels: { ...marks(spec.Labels), ...step.labels } }));
      break;
    case 'setRole':
      await setRole(on, nodeId, step.role, target, context);
      break;
    case 'setAvailability':
      await changeNode(on, nodeId, context, (spec) => ({
        ...spec,
        Labels: userLabels(spec.Labels),
        Availability: step.availability,
      }));
      break;
    case 'waitEmpty':
      await waitEmpty(on, nodeId, target.name, context, limits.drainSeconds);
      break;
    case 'waitLeader':
      await on(() => Promise.resolve()); // a manager without a leader doesn't count
      break;
    case 'waitDown':
      await waitNodeState(on, nodeId, target.name, 'down', context, limits.downSeconds);
      break;
    case 'removeEntry':
      await on(({ api }) => removeEntry(api, nodeId, step.force, context));
      break;
  }
}

/** What the provider keeps among a node's labels stays there until the availability is settled. */
function marks(labels: Record<string, string> | null | undefined): Record<string, string> {
  const mark = labels?.[AVAILABILITY_LABEL];
  return mark === undefined ? {} : { [AVAILABILITY_LABEL]: mark };
}

/** Whichever manager works, this node itself last: it may be about to leave. */
function onOtherManager(access: Access, target: StepTarget, context: OperationContext): OnManager {
  return (work) => access.onManager(target, context, work, target.name);
}

async function join(
  access: Access,
  role: 'manager' | 'worker',
  target: StepTarget,
  context: OperationContext,
): Promise<string> {
  const machine = machineOf(target);
  const on = onOtherManager(access, target, context);
  const { tokens, nodes } = await on(async ({ api, swarm }) => ({
    tokens: swarm.JoinTokens,
    nodes: await api.nodes({ role: ['manager'] }, { signal: context.signal }),
  }));
  const remotes = nodes.flatMap(({ ManagerStatus: status }) =>
    status?.Reachability === 'reachable' && status.Addr ? [status.Addr] : [],
  );
  await machine.api.swarmJoin(
    {
      token: role === 'manager' ? tokens.Manager : tokens.Worker,
      managers: remotes,
      advertiseAddress: target.address,
      availability: 'drain',
    },
    { signal: context.signal, timeoutSeconds: 90 },
  );
  const nodeId = await ownNodeId(machine, target, context);
  await waitNodeState(on, nodeId, target.name, 'ready', context, withDefaultLimits(target.limits).readySeconds);
  return nodeId;
}

/** The id the machine's engine was given; a join that takes long goes on in the engine after the call has returned. */
async function ownNodeId(machine: Reached, { limits }: StepTarget, context: OperationContext): Promise<string> {
  const wait = {
    machine: machine.name,
    step: 'the engine to be in the swarm',
    limitSeconds: withDefaultLimits(limits).readySeconds,
    cure: 'check that 2377/tcp of the managers can be reached from there',
  };
  return waitUntil(wait, context, async (): Promise<Observation<string>> => {
    const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
    if (swarm.LocalNodeState === 'active' && swarm.NodeID) return { done: swarm.NodeID };
    return { pending: swarm.Error || swarm.LocalNodeState };
  });
}

/** Leaves; a manager that was just demoted takes a moment to know it, and until then refuses to leave unforced. */
async function leave(machine: Reached, force: boolean, context: OperationContext): Promise<void> {
  const wait = {
    machine: machine.name,
    step: 'the engine to know that it is a worker',
    limitSeconds: 60,
    cure: 'see `docker info` there',
  };
  const state = await waitUntil(wait, context, async (): Promise<Observation<string>> => {
    const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
    const ready = force || !swarm.ControlAvailable || swarm.LocalNodeState === 'inactive';
    return ready ? { done: swarm.LocalNodeState } : { pending: 'still a manager' };
  });
  if (state !== 'inactive') await machine.api.swarmLeave(force, { signal: context.signal });
}

/** An entry that is gone already is as it should be: the call may have been repeated. */
async function removeEntry(api: EngineApi, nodeId: string, force: boolean, context: OperationContext): Promise<void> {
  await api.nodeRemove(nodeId, force, { signal: context.signal }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

async function setRole(
  on: OnManager,
  nodeId: string,
  role: 'manager' | 'worker',
  target: StepTarget,
  context: OperationContext,
): Promise<void> {
  await changeNode(on, nodeId, context, (spec) => ({ ...spec, Role: role }));
  const wait = {
    machine: target.name,
    step: `the swarm to see it as ${role}`,
    limitSeconds: withDefaultLimits(target.limits).readySeconds,
    cure: 'see `docker node ls` on a manager',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const node = await on(({ api }) => api.node(nodeId, { signal: context.signal }));
    const settled =
      role === 'worker' ? node.ManagerStatus === undefined : node.ManagerStatus?.Reachability === 'reachable';
    if (!settled) return { pending: 'the change has not taken effect yet' };
    // A new leader knows nothing of a node until that has reported to it.
    return node.Status.State === 'unknown' ? { pending: 'the new leader has not heard of it yet' } : { done: true };
  });
}

function machineOf(target: StepTarget): Reached {
  if (target.machine) return target.machine;
  throw new StepError({
    machine: target.name,
    step: 'changing its membership',
    cause: 'the machine does not answer',
    cure: 'bring it back, or switch it off so that the swarm sees it Down',
  });
}
