import type { StackModel } from './model';

/**
 * What a change does to a running stack.
 * `inPlace`: tasks go on. `restartsTasks`: the service's tasks are replaced one after another. `replacesService`: swarm
 * cannot change it in a service, which has to be removed first. `notApplied`: docker stack deploy leaves a network or
 * volume that is there as it is.
 */
export type Effect = 'inPlace' | 'restartsTasks' | 'replacesService' | 'notApplied';

/** One difference between two models of a stack, at the finest place that has one. */
export interface StackChange {
  /** Such as `services.web.deploy.replicas`. */
  path: string;
  kind: 'add' | 'update' | 'delete';
  effect: Effect;
  /** Left out where it may hold what nobody should read: environment values and contents. */
  old?: unknown;
  new?: unknown;
}

/** What changes from one model of a stack to the next, sorted by path. */
export function diffStacks(old: StackModel, next: StackModel): StackChange[] {
  return diff(old, next, []).sort((one, other) => (one.path < other.path ? -1 : 1));
}

function diff(old: unknown, next: unknown, path: readonly string[]): StackChange[] {
  if (JSON.stringify(old) === JSON.stringify(next)) return [];
  // A whole service, network and so on comes or goes as one.
  const whole = path.length === 2 && (old === undefined || next === undefined);
  if (!whole && isRecordOrAbsent(old) && isRecordOrAbsent(next)) {
    const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])];
    return keys.flatMap((key) => diff(old?.[key], next?.[key], [...path, key]));
  }
  const kind = old === undefined ? 'add' : next === undefined ? 'delete' : 'update';
  const values = whole || isPrivate(path) ? {} : { old, new: next };
  return [{ path: path.join('.'), kind, effect: effectOf(path, kind), ...values }];
}

function isRecordOrAbsent(value: unknown): value is Record<string, unknown> | undefined {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function isPrivate(path: readonly string[]): boolean {
  return path.includes('environment') || path.at(-1) === 'content';
}

/** The parts of a service that are not in its tasks. Constraints move only the tasks whose node no longer fits. */
const BESIDE_TASKS = [
  ['deploy', 'replicas'],
  ['deploy', 'labels'],
  ['deploy', 'update_config'],
  ['deploy', 'rollback_config'],
  ['deploy', 'placement', 'constraints'],
];

function effectOf([section, , ...inside]: readonly string[], kind: StackChange['kind']): Effect {
  if (section === 'networks' || section === 'volumes')
    return kind === 'update' || inside.length > 0 ? 'notApplied' : 'inPlace';
  if (section !== 'services') return 'restartsTasks';
  if (inside.length === 0) return 'inPlace';
  if (inside.join('.') === 'deploy.mode') return 'replacesService';
  const beside = BESIDE_TASKS.some((prefix) => prefix.every((part, index) => inside[index] === part));
  return beside ? 'inPlace' : 'restartsTasks';
}
