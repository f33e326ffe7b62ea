import { createHash, createHmac } from 'node:crypto';
import type { FileObjectModel, StackModel } from './model';

/** The contents of a stack's configs and secrets, by their keys in the compose file. */
export interface Contents {
  configs: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
}

/** A config or secret to make in the swarm before the stack is deployed. `data` of a secret is secret. */
export interface SwarmObject {
  kind: 'config' | 'secret';
  name: string;
  data: string;
  labels: Record<string, string>;
}

/** Marks what belongs to a stack: `docker stack rm` removes what carries it. Source: docker/cli cli/compose/convert. */
export const STACK_LABEL = 'com.docker.stack.namespace';

/** The longest name of a config or secret (swarmkit controlapi). */
const LONGEST_NAME = 64;

/** Hexadecimal digits of the hash in a name: 48 bits, so that two contents of one object do not meet by chance. */
const HASH_DIGITS = 12;

/** A config or secret whose content somebody has to give, and the file the compose file names for it. */
export interface NeededContent {
  kind: 'config' | 'secret';
  key: string;
  file?: string;
}

/** The contents that are not in the compose file itself. */
export function neededContents(model: StackModel): NeededContent[] {
  return declared(model)
    .filter(({ object }) => !object.external && object.content === undefined)
    .map(({ kind, key, object }) => ({ kind, key, ...(object.file === undefined ? {} : { file: object.file }) }));
}

/** The contents that are needed and not given. */
export function missingContents(model: StackModel, contents: Contents): NeededContent[] {
  return neededContents(model).filter(({ kind, key }) => !Object.hasOwn(contentsOf(kind, contents), key));
}

/**
 * The configs and secrets of a stack under names that end in a hash of what is in them. Swarm cannot change either once
 * made (moby issue 35048), so a new content is a new object, and services move to it as to any other change.
 *
 * Names are seen by everybody who can list them. A plain hash in the name of a secret would let them try passwords
 * against it, so a secret's hash is an HMAC under `nameKey`: a random key made once per stack and kept as a secret.
 * Another key gives other names, which rotates the secrets and harms nothing.
 *
 * @throws Error when a content is missing; `missingContents` tells beforehand.
 */
export function swarmObjects(
  model: StackModel,
  stack: string,
  contents: Contents,
  nameKey: string,
): Map<string, SwarmObject> {
  const objects = declared(model).filter(({ object }) => !object.external);
  return new Map(
    objects.map(({ kind, key, object }) => {
      const data = object.content ?? contentsOf(kind, contents)[key];
      if (data === undefined) throw new Error(`${kind} ${key} of stack ${stack} has no content`);
      const base = object.name ?? `${stack}_${key}`;
      const hashed = JSON.stringify([kind, base, object.labels, data]);
      const hash = kind === 'secret' ? createHmac('sha256', nameKey) : createHash('sha256');
      const digest = hash.update(hashed).digest('hex').slice(0, HASH_DIGITS);
      const name = `${base.slice(0, LONGEST_NAME - HASH_DIGITS - 1)}-${digest}`;
      const labels = { ...object.labels, [STACK_LABEL]: stack };
      return [`${kind}s.${key}`, { kind, name, data, labels }];
    }),
  );
}

function declared(model: StackModel): { kind: 'config' | 'secret'; key: string; object: FileObjectModel }[] {
  const list = (kind: 'config' | 'secret', objects: Record<string, FileObjectModel>) =>
    Object.entries(objects).map(([key, object]) => ({ kind, key, object }));
  return [...list('config', model.configs), ...list('secret', model.secrets)];
}

function contentsOf(kind: 'config' | 'secret', contents: Contents): Readonly<Record<string, string>> {
  return kind === 'config' ? contents.configs : contents.secrets;
}
