import type { ApiService, ApiTask } from '../docker/types';

/**
 * The life of a task: new, pending, assigned, accepted, preparing, ready, starting, running, then one of the ends below.
 * Source: swarmkit design/task_model.md.
 */
const FAILED_STATES = ['failed', 'rejected'];
const ENDED_STATES = [...FAILED_STATES, 'complete', 'shutdown', 'remove', 'orphaned'];

/** Whether swarm means the task to run, or to run to its end, and it has not ended. `ready` waits for a restart's delay. */
export function isWanted(task: ApiTask): boolean {
  return ['ready', 'running', 'complete'].includes(task.DesiredState) && !isEnded(task);
}

export function isEnded(task: ApiTask): boolean {
  return ENDED_STATES.includes(task.Status.State);
}

/** Whether it ended as it should not: its process failed, or its node could not start it. */
export function isFailed(task: ApiTask): boolean {
  return FAILED_STATES.includes(task.Status.State);
}

/** The place a task fills: a replica's number, or a node of a global service. */
export function slotOf(task: ApiTask): string {
  return task.Slot ? `replica ${task.Slot}` : `node ${task.NodeID ?? ''}`;
}

/**
 * Whether a task was made from what its service is now. Swarm leaves a task alone when only its placement changed
 * (swarmkit orchestrator.IsTaskDirty), so placement doesn't count; the runtime is named by services, never by tasks.
 */
export function isCurrent(task: ApiTask, service: ApiService): boolean {
  const iteration = jobIterationOf(service);
  if (iteration !== undefined) return jobIterationOf(task) === iteration;
  const ignored = { Placement: undefined, Runtime: undefined };
  return canonical({ ...task.Spec, ...ignored }) === canonical({ ...service.Spec.TaskTemplate, ...ignored });
}

/** Jobs count their runs: a task belongs to the run of its number. */
function jobIterationOf(object: ApiService | ApiTask): number | undefined {
  const { JobStatus, JobIteration } = object as {
    JobStatus?: { JobIteration?: { Index?: number } };
    JobIteration?: { Index?: number };
  };
  return (JobStatus?.JobIteration ?? JobIteration)?.Index;
}

/** One text per value, whatever the order of keys; what is empty is as if it were absent, since the API says both. */
export function canonical(value: unknown): string {
  return JSON.stringify([normal(value)]);
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(normal);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, normal(inner)])
    .filter(([, inner]) => inner !== undefined && inner !== '' && inner !== 0 && inner !== false)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
