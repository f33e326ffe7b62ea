/** The provider `swarm`: its resources over one shared access to the machines. */
import { Access } from './access';
import { ClusterResource } from './cluster';
import { Duplicates } from './duplicates';
import { EngineResource } from './engine';
import { NodeResource } from './node';
import { PreflightResource } from './preflight';
import { type AnyResource } from './protocol/resource';
import { type ProviderDefinition } from './protocol/service';
import { schema } from './schema';
import { StackResource } from './stack';

export function provider(version: string): ProviderDefinition {
  const access = new Access();
  const resources = [
    new PreflightResource(access),
    new EngineResource(access),
    new ClusterResource(access),
    new NodeResource(access, new Duplicates()),
    new StackResource(access),
  ];
  return {
    name: 'swarm',
    version,
    schema: () => schema(version),
    resources: resources as unknown as AnyResource[],
    close: () => access.close(),
  };
}
