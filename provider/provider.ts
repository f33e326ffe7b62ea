/** The provider `swarm`: its resources over one shared access to the machines. */
import { messageOf } from '../core/errors';
import { Access } from './access';
import { ClusterResource } from './cluster';
import { Duplicates } from './duplicates';
import { Importer } from './importer';
import { EngineResource } from './engine';
import { NodeResource } from './node';
import { PreflightResource } from './preflight';
import { type AnyResource } from './protocol/resource';
import { type ProviderDefinition } from './protocol/service';
import { type PropertyMap } from './protocol/values';
import { schema } from './schema';
import { StackResource } from './stack';

export function provider(version: string): ProviderDefinition {
  const access = new Access();
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

/** Notes on which machine something has failed, for those who wait for what should have followed there. */
function noting(resource: AnyResource, { run }: Access): AnyResource {
  const note = async <T>(inputs: PropertyMap, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (typeof inputs.name === 'string') run.noteFailure(inputs.name, messageOf(error));
      throw error;
    });
  return Object.assign(Object.create(resource) as AnyResource, {
    create: (inputs, context) => note(inputs, resource.create(inputs, context)),
    update: (old, inputs, context) => note(inputs, resource.update(old, inputs, context)),
  } satisfies Pick<AnyResource, 'create' | 'update'>);
}
