/** What happens to services while a node of theirs is drained and comes back. */
import type { ApiNode, ApiService, ApiTask } from '../docker/types';
import { judgeConvergence, type ServiceConvergence } from './convergence';
import { isReady } from './nodes';
import { isEnded } from './tasks';

/** One look at a swarm. */
export interface SwarmLook {
  services: readonly ApiService[];
  tasks: readonly ApiTask[];
  nodes: readonly ApiNode[];
}

/** Done, or what is still missing, for people. */
export type ReplicaVerdict = { done: true } | { done: false; missing: string };

/** Ids of the services that run as often as they should. Jobs aren't among them: nothing relies on their number. */
export function servicesAtStrength(look: SwarmLook): Set<string> {
  const judged = judge(look, new Set(look.services.map(({ ID }) => ID)));
  return new Set(judged.filter((service) => service.desired > 0 && isFull(service)).map(({ id }) => id));
}

/** Names of the services with two or more replicas that all run on this one node: they pause when it is drained. */
export function servicesOnlyOn(look: SwarmLook, nodeId: string): string[] {
  return look.services
    .filter(({ ID, Spec }) => {
      const running = look.tasks.filter((task) => task.ServiceID === ID && task.Status.State === 'running');
      const replicas = Spec.Mode.Replicated?.Replicas ?? 0;
      return replicas > 1 && running.length > 0 && running.every(({ NodeID }) => NodeID === nodeId);
    })
    .map(({ Spec }) => Spec.Name)
    .sort();
}

/**
 * Whether a drained node's engine can be stopped: no task is left on it, and services that were at strength are so
 * again elsewhere. A task that no other node may take is not waited for. A node that isn't Ready tells of its tasks no
 * more, and swarm has long replaced them.
 * @param atStrength see {@link servicesAtStrength}, from before the drain
 */
export function judgeDrained(look: SwarmLook, nodeId: string, atStrength: ReadonlySet<string>): ReplicaVerdict {
  const tells = look.nodes.some((node) => node.ID === nodeId && isReady(node));
  const left = look.tasks.filter((task) => tells && task.NodeID === nodeId && !isEnded(task));
  if (left.length > 0) return { done: false, missing: `${left.length} still there` };
  return verdict(judge(look, atStrength).filter((service) => !isFull(service) && !isUnplaceable(look, service)));
}

/**
 * Whether services that were at strength are so again.
 * @param atStrength see {@link servicesAtStrength}, from before the change
 */
export function judgeRestored(look: SwarmLook, atStrength: ReadonlySet<string>): ReplicaVerdict {
  return verdict(judge(look, atStrength).filter((service) => !isFull(service)));
}

function judge({ services, tasks, nodes }: SwarmLook, ids: ReadonlySet<string>): ServiceConvergence[] {
  const lasting = services.filter(({ ID, Spec: { Mode } }) => ids.has(ID) && !Mode.ReplicatedJob && !Mode.GlobalJob);
  return judgeConvergence(lasting, tasks, nodes).services;
}

function isFull({ running, desired }: ServiceConvergence): boolean {
  return running >= desired;
}

/** Whether the scheduler has looked for a node for each missing task, and found none. */
function isUnplaceable({ tasks }: SwarmLook, { id, running, desired }: ServiceConvergence): boolean {
  const homeless = tasks.filter(
    ({ ServiceID, NodeID, Status }) =>
      ServiceID === id && !NodeID && Status.State === 'pending' && Status.Err?.startsWith('no suitable node') === true,
  );
  return homeless.length >= desired - running;
}

function verdict(short: readonly ServiceConvergence[]): ReplicaVerdict {
  if (short.length === 0) return { done: true };
  return { done: false, missing: short.map(({ line, errors }) => [line, ...errors].join('; ')).join(', ') };
}
