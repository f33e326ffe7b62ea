import type { ApiNode, ApiService, ApiTask } from '../docker/types';
import { matchesConstraints } from './constraints';
import { isReady, nameOf, takesTasks } from './nodes';
import { isCurrent, isFailed, isWanted, slotOf } from './tasks';

/** How far a service is. Only tasks that are meant to run, on nodes that are Ready, of the current version, count. */
export interface ServiceConvergence {
  id: string;
  name: string;
  /** Tasks that should run; for a job, that should complete. */
  desired: number;
  /** Tasks that run; for a job, that have completed. */
  running: number;
  /** How many of the other tasks are in which state. */
  states: Record<string, number>;
  /** Names of the nodes with running tasks. */
  nodes: string[];
  /** One line for people: `home_web 2/3 running, 1 starting on node4`. */
  line: string;
  /** What tasks and swarm say went wrong, each once. */
  errors: string[];
  converged: boolean;
  /** It will not converge by itself: crash loop, given up, update paused or rolled back. */
  failed: boolean;
}

export interface Convergence {
  services: ServiceConvergence[];
  converged: boolean;
  failed: boolean;
}

/** After so many failures of one replica in the current version a service is taken to fail for good. */
const CRASH_LOOP = 3;

/**
 * Judges services from one look at a swarm.
 *
 * Right after a change that moves only published ports, one look can still show the time before it: ask for two good
 * looks in a row.
 *
 * @param before ids of tasks seen before the deployment: their failures are history and don't count.
 */
export function judgeConvergence(
  services: readonly ApiService[],
  tasks: readonly ApiTask[],
  nodes: readonly ApiNode[],
  before: ReadonlySet<string> = new Set(),
): Convergence {
  const judged = services
    .map((service) => {
      const own = tasks.filter((task) => task.ServiceID === service.ID);
      return judge(service, own, nodes, before);
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    services: judged,
    converged: judged.every(({ converged }) => converged),
    failed: judged.some(({ failed }) => failed),
  };
}

function judge(
  service: ApiService,
  tasks: readonly ApiTask[],
  nodes: readonly ApiNode[],
  before: ReadonlySet<string>,
): ServiceConvergence {
  const byId = new Map(nodes.map((node) => [node.ID, node]));
  const onReady = (task: ApiTask): boolean => task.NodeID === undefined || isReadyNode(byId.get(task.NodeID));
  const wanted = tasks.filter(isWanted).filter(onReady);
  const current = wanted.filter((task) => isCurrent(task, service));
  const done = isJob(service)
    ? tasks.filter((task) => task.Status.State === 'complete' && isCurrent(task, service))
    : current.filter((task) => task.Status.State === 'running');
  const waiting = current.filter((task) => !done.includes(task));
  const old = wanted.length - current.length;
  const desired = desiredOf(service, nodes);
  const update = updateOf(service);
  const troubled = tasks.filter((task) => onReady(task) && isCurrent(task, service) && !before.has(task.ID));
  const problems = [...crashLoops(troubled), ...givenUp(service, troubled), ...update.errors];
  return {
    id: service.ID,
    name: service.Spec.Name,
    desired,
    running: done.length,
    states: countStates(waiting),
    nodes: [...new Set(done.flatMap((task) => nodeNameOf(task, byId) ?? []))].sort(),
    line: lineOf(service, { desired, done, waiting, old, byId, updating: update.inProgress }),
    errors: [...new Set([...problems, ...taskErrors([...troubled.filter(isFailed), ...waiting], byId)])],
    converged:
      done.length === desired && old === 0 && !update.inProgress && update.errors.length === 0 && portsApplied(service),
    failed: problems.length > 0,
  };
}

function isReadyNode(node: ApiNode | undefined): boolean {
  return node !== undefined && isReady(node);
}

function isJob({ Spec: { Mode } }: ApiService): boolean {
  return Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;
}

/** A global service runs on every node that is Ready, active and within its constraints. */
function desiredOf(service: ApiService, nodes: readonly ApiNode[]): number {
  const { Mode, TaskTemplate } = service.Spec;
  if (Mode.Replicated) return Mode.Replicated.Replicas ?? 1;
  if (Mode.ReplicatedJob) return Mode.ReplicatedJob.TotalCompletions ?? Mode.ReplicatedJob.MaxConcurrent ?? 1;
  const constraints = TaskTemplate.Placement?.Constraints ?? [];
  return nodes.filter((node) => takesTasks(node) && matchesConstraints(node, constraints)).length;
}

/** What swarm says of a rolling update. Swarm forgets it with every new version of the service. */
function updateOf({ UpdateStatus }: ApiService): { inProgress: boolean; errors: string[] } {
  const state = UpdateStatus?.State ?? '';
  const message = UpdateStatus?.Message ?? '';
  if (state === 'paused') return { inProgress: false, errors: [message || 'update paused'] };
  if (state.startsWith('rollback')) return { inProgress: false, errors: [`rolled back: ${message || state}`] };
  return { inProgress: state === 'updating', errors: [] };
}

/** Ports are given to a service before its tasks are changed; until they are, what runs is from before. */
function portsApplied({ Spec, Endpoint }: ApiService): boolean {
  const wanted = Spec.EndpointSpec?.Ports ?? [];
  const applied = Endpoint?.Ports ?? [];
  return wanted.every(({ TargetPort, PublishedPort, Protocol }) =>
    applied.some(
      (port) =>
        port.TargetPort === TargetPort &&
        port.Protocol === Protocol &&
        (!PublishedPort || port.PublishedPort === PublishedPort),
    ),
  );
}

function crashLoops(tasks: readonly ApiTask[]): string[] {
  const failures = groupBy(tasks.filter(isFailed), slotOf);
  return [...failures]
    .filter(([, failed]) => failed.length >= CRASH_LOOP)
    .map(([slot, failed]) => `${slot} failed ${failed.length} times`);
}

/** Places whose task has ended for good: swarm marks it so and puts no other in its place (restart policy). */
function givenUp(service: ApiService, tasks: readonly ApiTask[]): string[] {
  return [...groupBy(tasks, slotOf)].flatMap(([slot, inSlot]) => {
    const last = inSlot.reduce((one, other) => (one.CreatedAt >= other.CreatedAt ? one : other));
    const ended = isFailed(last) || (last.Status.State === 'complete' && !isJob(service));
    if (!ended || last.DesiredState !== 'shutdown' || inSlot.some(isWanted)) return [];
    return [`${slot} ended and its restart policy starts no other`];
  });
}

function taskErrors(tasks: readonly ApiTask[], byId: ReadonlyMap<string, ApiNode>): string[] {
  return tasks.flatMap((task) => {
    const { Err, ContainerStatus, Message } = task.Status;
    if (!Err && !isFailed(task)) return [];
    const code = ContainerStatus?.ExitCode ? `exit code ${ContainerStatus.ExitCode}` : '';
    const where = nodeNameOf(task, byId);
    return [`${where === undefined ? '' : `${where}: `}${Err ?? (code || (Message ?? task.Status.State))}`];
  });
}

interface Look {
  desired: number;
  done: readonly ApiTask[];
  waiting: readonly ApiTask[];
  old: number;
  byId: ReadonlyMap<string, ApiNode>;
  updating: boolean;
}

function lineOf(service: ApiService, { desired, done, waiting, old, byId, updating }: Look): string {
  const groups = groupBy(waiting, (task) => {
    const node = nodeNameOf(task, byId);
    const reason = node === undefined && task.Status.Err ? ` (${task.Status.Err})` : '';
    return `${task.Status.State}${node === undefined ? reason : ` on ${node}`}`;
  });
  const parts = [
    `${service.Spec.Name} ${done.length}/${desired} ${isJob(service) ? 'complete' : 'running'}`,
    ...[...groups].map(([state, inState]) => `${inState.length} ${state}`),
    ...(old > 0 ? [`${old} of the old version`] : []),
    ...(updating ? ['updating'] : []),
  ];
  return parts.join(', ');
}

function nodeNameOf(task: ApiTask, byId: ReadonlyMap<string, ApiNode>): string | undefined {
  if (!task.NodeID) return undefined;
  const node = byId.get(task.NodeID);
  return node === undefined ? task.NodeID : nameOf(node);
}

function countStates(tasks: readonly ApiTask[]): Record<string, number> {
  const groups = groupBy(tasks, (task) => task.Status.State);
  return Object.fromEntries([...groups].map(([state, inState]) => [state, inState.length]));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
