/** Takes a node out of service for a change, and gives it back. */
import { type ApiNode } from '../../core/docker/types';
import { StepError } from '../../core/errors';
import { AVAILABILITY_LABEL } from '../../core/swarm/labels';
import { managersOf } from '../../core/swarm/membership';
import { afterStep } from '../../core/swarm/quorum';
import {
  judgeDrained,
  judgeRestored,
  servicesAtStrength,
  servicesOnlyOn,
  type ReplicaVerdict,
  type SwarmLook,
} from '../../core/swarm/replicas';
import { type OnManager } from '../access';
import { type Limits } from '../limits';
import { changeNode, waitNodeState } from '../node/members';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';

/** Milliseconds between two looks at all services and tasks. */
const LOOK_INTERVAL_MS = 500;

/** Whether a roll has drained the node and not given it back. */
export function isMarked({ Spec }: ApiNode): boolean {
  return Spec.Labels?.[AVAILABILITY_LABEL] !== undefined;
}

/** Ids of the services that run as often as they should. */
export async function strengthOf(on: OnManager, context: OperationContext): Promise<ReadonlySet<string>> {
  return servicesAtStrength(await look(on, context));
}

/**
 * Drains a node, marked with the availability to give back, and waits until what ran there runs elsewhere.
 * @throws StepError before anything is done when the managers left would have no quorum
 */
export async function drain(
  on: OnManager,
  nodeId: string,
  machine: string,
  atStrength: ReadonlySet<string>,
  limits: Limits,
  context: OperationContext,
): Promise<void> {
  const before = await look(on, context);
  assertQuorumWithout(before.nodes, nodeId, machine, context);
  const pausing = servicesOnlyOn(before, nodeId).filter(() => before.nodes.length > 1);
  if (pausing.length > 0) {
    context.warn(`${machine}: all replicas of ${pausing.join(', ')} run there; they pause until they run elsewhere`);
  }
  context.status('draining');
  await changeNode(on, nodeId, context, (spec) => ({
    ...spec,
    Labels: { ...spec.Labels, [AVAILABILITY_LABEL]: toGiveBack(spec) },
    Availability: 'drain',
  }));
  const wait = {
    machine,
    step: 'its tasks to run elsewhere',
    limitSeconds: limits.drainSeconds,
    cure: 'see what keeps them with `docker service ps`: a long stop_grace_period, or no room elsewhere; then run it again',
  };
  await waitForReplicas(wait, on, context, (seen) => judgeDrained(seen, nodeId, atStrength));
}

/**
 * Waits until a node is Ready, gives it the availability it had, and waits until services are as they were.
 * @throws StepError also when a service that had its replicas before doesn't get them back
 */
export async function giveBack(
  on: OnManager,
  nodeId: string,
  machine: string,
  atStrength: ReadonlySet<string>,
  limits: Limits,
  context: OperationContext,
): Promise<void> {
  const node = await waitNodeState(on, nodeId, machine, 'ready', context, limits.readySeconds);
  if (isMarked(node)) {
    await changeNode(on, nodeId, context, (spec) => {
      const labels = Object.entries(spec.Labels ?? {}).filter(([key]) => key !== AVAILABILITY_LABEL);
      return { ...spec, Labels: Object.fromEntries(labels), Availability: toGiveBack(spec) };
    });
  }
  const wait = {
    machine,
    step: 'services to be as before the change',
    limitSeconds: limits.readySeconds,
    cure: 'see what keeps them with `docker service ps`, mend it and run it again',
  };
  await waitForReplicas(wait, on, context, (seen) => judgeRestored(seen, atStrength));
}

/** The mark of an earlier run counts only while the node is still drained: whoever changed that meant it. */
function toGiveBack(spec: ApiNode['Spec']): ApiNode['Spec']['Availability'] {
  const marked = spec.Labels?.[AVAILABILITY_LABEL] as typeof spec.Availability | undefined;
  return spec.Availability === 'drain' && marked !== undefined ? marked : spec.Availability;
}

async function waitForReplicas(
  wait: { machine: string; step: string; limitSeconds: number; cure: string },
  on: OnManager,
  context: OperationContext,
  judge: (seen: SwarmLook) => ReplicaVerdict,
): Promise<void> {
  await waitUntil({ ...wait, intervalMs: LOOK_INTERVAL_MS }, context, async (): Promise<Observation<true>> => {
    const verdict = judge(await look(on, context));
    return verdict.done ? { done: true } : { pending: verdict.missing };
  });
}

function look(on: OnManager, { signal }: OperationContext): Promise<SwarmLook> {
  return on(async ({ api }) => {
    const [services, tasks, nodes] = await Promise.all([
      api.services({}, { signal }),
      api.tasks({}, { signal }),
      api.nodes({}, { signal }),
    ]);
    return { services, tasks, nodes };
  });
}

function assertQuorumWithout(
  nodes: readonly ApiNode[],
  nodeId: string,
  machine: string,
  context: OperationContext,
): void {
  const members = managersOf(nodes);
  if (!members.some(({ id }) => id === nodeId)) return;
  if (members.length === 1) {
    context.warn(
      `${machine} is the only manager: until its engine is back, nothing can be changed or moved in the swarm`,
    );
    return;
  }
  const verdict = afterStep(members, { kind: 'stop', id: nodeId });
  if (verdict.allowed) return;
  throw new StepError({
    machine,
    step: 'stopping its engine for a change',
    cause: `that would lose quorum: ${verdict.reason}`,
    cure: 'bring the other managers back first',
  });
}
