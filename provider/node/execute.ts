/** Carries out the steps of a membership plan (core/swarm/membership). */
import { StepError } from '../../core/errors';
import { type MembershipStep } from '../../core/swarm/membership';
import { type Access, type LiveManager, type ManagerEndpoint, type Reached } from '../access';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { changeNode, READY_LIMIT_SECONDS, waitEmpty, waitNodeState } from './members';

export interface StepTarget {
  name: string;
  /** Advertise address. */
  address: string;
  managers: ManagerEndpoint[];
  /** The machine itself; absent when it doesn't answer, then no plan has a step that needs it. */
  machine?: Reached;
  /** Absent until it has joined. */
  nodeId?: string;
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
  const manager = await managerFor(access, target, context);
  const nodeId = ('nodeId' in step ? step.nodeId : undefined) ?? target.nodeId ?? '';
  switch (step.kind) {
    case 'setLabels':
      await changeNode(manager.api, nodeId, context, (spec) => ({ ...spec, Labels: step.labels }));
      break;
    case 'setRole':
      await setRole(manager, nodeId, step.role, target, context);
      break;
    case 'setAvailability':
      await changeNode(manager.api, nodeId, context, (spec) => ({ ...spec, Availability: step.availability }));
      break;
    case 'waitEmpty':
      await waitEmpty(manager, nodeId, target.name, context);
      break;
    case 'waitLeader': // managerFor has waited for one
      break;
    case 'waitDown':
      await waitNodeState(manager, nodeId, target.name, 'down', context);
      break;
    case 'removeEntry':
      await manager.api.nodeRemove(nodeId, step.force, { signal: context.signal });
      break;
  }
}

/** A manager to ask about the target: another one where there is another, as this one may be about to leave. */
async function managerFor(access: Access, target: StepTarget, context: OperationContext): Promise<LiveManager> {
  const others = target.managers.filter(({ name }) => name !== target.name);
  const wait = {
    machine: target.name,
    step: 'a manager with a leader',
    limitSeconds: 60,
    cure: 'start the managers that are down; a majority of them is needed',
  };
  return waitUntil(wait, context, async (): Promise<Observation<LiveManager>> => {
    for (const candidates of [others, target.managers]) {
      if (candidates.length === 0) continue;
      try {
        return { done: await access.liveManager(candidates, context) };
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        if (candidates === target.managers) return { pending: error.parts.cause };
      }
    }
    return { pending: 'there is no manager in the environment' };
  });
}

async function join(
  access: Access,
  role: 'manager' | 'worker',
  target: StepTarget,
  context: OperationContext,
): Promise<string> {
  const machine = machineOf(target);
  const manager = await managerFor(access, target, context);
  const tokens = manager.swarm.JoinTokens;
  const remotes = (await manager.api.nodes({}, { signal: context.signal })).flatMap(({ ManagerStatus: status }) =>
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
  const nodeId = await ownNodeId(machine, context);
  await waitNodeState(manager, nodeId, target.name, 'ready', context);
  return nodeId;
}

/** The id the machine's engine was given; a join that takes long goes on in the engine after the call has returned. */
async function ownNodeId(machine: Reached, context: OperationContext): Promise<string> {
  const wait = {
    machine: machine.name,
    step: 'the engine to be in the swarm',
    limitSeconds: READY_LIMIT_SECONDS,
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

async function setRole(
  manager: LiveManager,
  nodeId: string,
  role: 'manager' | 'worker',
  target: StepTarget,
  context: OperationContext,
): Promise<void> {
  await changeNode(manager.api, nodeId, context, (spec) => ({ ...spec, Role: role }));
  const wait = {
    machine: target.name,
    step: `the swarm to see it as ${role}`,
    limitSeconds: READY_LIMIT_SECONDS,
    cure: 'see `docker node ls` on a manager',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const node = await manager.api.node(nodeId, { signal: context.signal });
    const settled =
      role === 'worker' ? node.ManagerStatus === undefined : node.ManagerStatus?.Reachability === 'reachable';
    return settled ? { done: true } : { pending: 'the change has not taken effect yet' };
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
