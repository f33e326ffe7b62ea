/** Helpers for check and diff, where any value may still be unknown. */
import { isDeepStrictEqual } from 'node:util';
import { type Connection } from '../core/ssh/connection';
import { StepError } from '../core/errors';
import { type CheckFailure, type PropertyChange, type WithUnknowns } from './protocol/resource';
import { childPath, containsUnknown, UNKNOWN, type Unknown } from './protocol/values';

type Changes = Record<string, PropertyChange>;

/** Tries, and seconds for each, to connect when it is only to look: a machine that is down shall not hold up a refresh. */
export const LOOK_PATIENCE = { dialErrorLimit: 2, perDialTimeout: 10 };

/** The type of a value in which nothing is unknown. */
export type Known<Value> = Value extends Unknown
  ? never
  : Value extends readonly (infer Element)[]
    ? Known<Element>[]
    : Value extends object
      ? { [Key in keyof Value]: Known<Value[Key]> }
      : Value;

/** Whether a value is known, with everything in it. */
export function isKnown<Value>(value: Value): value is Value & Known<Value> {
  return !containsUnknown(value);
}

/** The change of one property as a whole; none when old and new are equal. */
export function valueDiff(path: string, old: unknown, wanted: unknown, more: Partial<PropertyChange> = {}): Changes {
  if (wanted !== UNKNOWN && isDeepStrictEqual(old ?? undefined, wanted ?? undefined)) return {};
  const kind = old == null ? 'add' : wanted == null ? 'delete' : 'update';
  return { [path]: { kind, ...more } };
}

/** The changes of an object or list, down to the values that differ. */
export function deepDiff(path: string, old: unknown, wanted: unknown, more: Partial<PropertyChange> = {}): Changes {
  if (!isContainer(old) || !isContainer(wanted) || Array.isArray(old) !== Array.isArray(wanted)) {
    return valueDiff(path, old, wanted, more);
  }
  const keys = new Set([...Object.keys(old), ...Object.keys(wanted)]);
  const changes = [...keys].map((key) =>
    deepDiff(childPath(path, Array.isArray(wanted) ? Number(key) : key), old[key], wanted[key], more),
  );
  return Object.assign({}, ...changes) as Changes;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What is wrong with a connection that this provider would use: it never trusts a machine unseen. */
export function connectionFailures(connection: WithUnknowns<Connection>, path: string): CheckFailure[] {
  if (connection === UNKNOWN) return [];
  const failures: CheckFailure[] = [];
  if (connection.host === '') failures.push({ property: `${path}.host`, reason: 'a host name or address is needed' });
  if (!connection.hostKey) {
    const reason = 'the machine’s public host key is needed, as printed by `ssh-keyscan -t ed25519 HOST`';
    failures.push({ property: `${path}.hostKey`, reason });
  }
  if (!connection.privateKey && !connection.agentSocketPath && !connection.password) {
    failures.push({ property: path, reason: 'a privateKey, an agentSocketPath or a password is needed' });
  }
  if (connection.proxy) failures.push(...connectionFailures(connection.proxy, `${path}.proxy`));
  return failures;
}

/**
 * The change of a machine's pinned host key: it has a new system, on which everything is to be done anew. An unknown
 * key is no change: in a preview a machine's output can be unknown and stay what it is.
 */
export function hostKeyDiff(old: Connection | undefined, wanted: WithUnknowns<Connection>): Changes {
  if (old === undefined || wanted === UNKNOWN || wanted.hostKey === UNKNOWN) return {};
  return valueDiff('connection.hostKey', old.hostKey, wanted.hostKey);
}

/** Whether a resource's inputs are known, rather than just its id, as when it is being imported. */
export function isComplete<Inputs extends { managers: unknown }>(inputs: Partial<Inputs>): inputs is Inputs {
  return inputs.managers !== undefined;
}

/** Refuses to read a resource of which nothing but the id is known: there is no connection to read it by. */
export function assertNotImported<T extends { connection?: unknown; managers?: unknown }>(
  token: string,
  inputs: T,
): asserts inputs is T & Required<T> {
  if (inputs.connection !== undefined || inputs.managers !== undefined) return;
  throw new StepError({
    machine: token,
    step: 'import by id',
    cause: 'an id alone does not tell how to reach a machine',
    cure: 'write the resource into the environment file and run `pulumi up`: what exists is adopted as it is',
  });
}

/** The value when it is known, with everything in it; else nothing. */
export function ifKnown<Value>(value: Value): Known<Value> | undefined {
  return containsUnknown(value) ? undefined : (value as Known<Value>);
}
