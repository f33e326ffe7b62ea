/** The configs and secrets of a stack, which swarm keeps apart from its services and never changes. */
import { type SwarmObject } from '../../core/swarm/compose/objects';
import { type LiveManager } from '../access';
import { type OperationContext } from '../protocol/resource';
import { stackFilter } from './observe';

/** Creates those that are not there yet. */
export async function createObjects(
  manager: LiveManager,
  objects: SwarmObject[],
  context: OperationContext,
): Promise<void> {
  if (objects.length === 0) return;
  const { signal } = context;
  const [configs, secrets] = await Promise.all([
    manager.api.configs({}, { signal }),
    manager.api.secrets({}, { signal }),
  ]);
  const existing = { config: configs, secret: secrets };
  for (const object of objects) {
    if (existing[object.kind].some(({ Spec }) => Spec.Name === object.name)) continue;
    context.status(`creating the ${object.kind} ${object.name}`);
    const { name, labels } = object;
    const data = Buffer.from(object.data);
    if (object.kind === 'config') await manager.api.configCreate(name, data, labels, { signal });
    else await manager.api.secretCreate(name, data, labels, { signal });
  }
}

/** Earlier contents of the stack's configs and secrets; those still used by a task are refused by swarm and stay. */
export async function removeUnused(
  { api }: LiveManager,
  stack: string,
  objects: SwarmObject[],
  context: OperationContext,
): Promise<void> {
  const { signal } = context;
  const wanted = new Set(objects.map(({ kind, name }) => `${kind} ${name}`));
  const [configs, secrets] = await Promise.all([
    api.configs(stackFilter(stack), { signal }),
    api.secrets(stackFilter(stack), { signal }),
  ]);
  const inUse = (error: unknown): void => {
    if (!String(error).includes('is in use')) throw error;
  };
  for (const { ID, Spec } of configs) {
    if (!wanted.has(`config ${Spec.Name}`)) await api.configRemove(ID, { signal }).catch(inUse);
  }
  for (const { ID, Spec } of secrets) {
    if (!wanted.has(`secret ${Spec.Name}`)) await api.secretRemove(ID, { signal }).catch(inUse);
  }
}
