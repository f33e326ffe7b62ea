/** The provider `swarm`: its resources over one shared access to the machines. */
import { messageOf, StepError } from '../core/errors';
import { Access } from './access';
import { ClusterResource } from './cluster';
import { Duplicates } from './duplicates';
import { Importer } from './importer';
import { EngineResource } from './engine';
import { NodeResource } from './node';
import { PreflightResource } from './preflight';
import { type AnyResource, type OperationContext } from './protocol/resource';
import { type ProviderDefinition } from './protocol/service';
import { type PropertyMap } from './protocol/values';
import { schema } from './schema';
import { StackResource } from './stack';

/** @param access to the machines; its own by default */
export function provider(version: string, access = new Access()): ProviderDefinition {
  const importer = new Importer();
  const resources = [
    new PreflightResource(access),
    new EngineResource(access),
    new ClusterResource(access, importer),
    new NodeResource(access, new Duplicates(), importer),
    new StackResource(access, importer),
  ];
  return {
    name: 'swarm',
    version,
    schema: () => schema(version),
    resources: (resources as unknown as AnyResource[]).map((resource) => noting(resource, access)),
    configure: (variables) => {
      importer.configure(variables);
    },
    close: () => access.close(),
  };
}

/**
 * Notes on which machine something has failed, for those who wait for what should have followed there; reads what a
 * locked swarm doesn't tell as it was last.
 */
function noting(resource: AnyResource, { run }: Access): AnyResource {
  const note = async <T>(inputs: PropertyMap, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (typeof inputs.name === 'string') run.noteFailure(inputs.name, messageOf(error));
      throw error;
    });
  return Object.assign(Object.create(resource) as AnyResource, {
    create: (inputs, context) => note(inputs, resource.create(inputs, context)),
    update: (old, inputs, context) => note(inputs, resource.update(old, inputs, context)),
    read: (old, context) => resource.read(old, context).catch((error: unknown) => lastSeen(error, old, context)),
  } satisfies Pick<AnyResource, 'create' | 'update' | 'read'>);
}

/** A refresh goes on while the swarm is locked: it is there to find that out, and the update after it unlocks. */
function lastSeen(
  error: unknown,
  { id, inputs, outputs }: { id: string; inputs: PropertyMap; outputs: PropertyMap },
  context: OperationContext,
): { id: string; inputs: PropertyMap; outputs: PropertyMap } {
  const isLocked = error instanceof StepError && error.kind === 'locked';
  if (!isLocked || Object.keys(outputs).length === 0) throw error;
  context.warn('the swarm is locked, so this is shown as it was seen last');
  return { id, inputs, outputs };
}
