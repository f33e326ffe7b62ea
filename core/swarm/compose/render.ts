import type { FileObjectModel, NetworkModel, ServiceModel, StackModel, VolumeModel } from './model';
import { type Contents, type SwarmObject, swarmObjects } from './objects';

/** What is sent to the swarm: first the objects that are not there yet, then the compose file. */
export interface Deployable {
  /** JSON, which is YAML too, for the standard input of `docker stack deploy -c -`. */
  compose: string;
  objects: SwarmObject[];
}

/**
 * The stack in the form that `docker stack deploy` reads the same way on every version from Docker 26 on. The same model
 * always gives the same text. Configs and secrets with content become external objects under content-hashed names.
 *
 * @param nameKey see {@link swarmObjects}.
 */
export function renderDeployable(model: StackModel, stack: string, contents: Contents, nameKey: string): Deployable {
  const objects = swarmObjects(model, stack, contents, nameKey);
  const external = (kind: string, all: Record<string, FileObjectModel>) =>
    mapValues(all, (object, key) => ({
      external: true,
      name: objects.get(`${kind}.${key}`)?.name ?? object.name ?? key,
    }));
  const file = {
    services: mapValues(model.services, renderService),
    networks: mapValues(model.networks, (network) => prune(withoutExternalExtras(network))),
    volumes: mapValues(model.volumes, (volume) => prune(withoutExternalExtras(volume))),
    configs: external('configs', model.configs),
    secrets: external('secrets', model.secrets),
  };
  return { compose: toText(file), objects: [...objects.values()] };
}

function renderService(service: ServiceModel): unknown {
  const { limits, reservations } = service.deploy.resources;
  const memory = (bytes: number | undefined) => (bytes === undefined ? undefined : String(bytes));
  const generic = reservations.generic_resources?.map((resource) => ({ discrete_resource_spec: resource }));
  return prune({
    ...service,
    networks: mapValues(service.networks, ({ aliases }) => (aliases.length === 0 ? null : { aliases })),
    deploy: {
      ...service.deploy,
      resources: {
        limits: { ...limits, memory: memory(limits.memory) },
        reservations: { ...reservations, memory: memory(reservations.memory), generic_resources: generic },
      },
    },
  });
}

/** External things are named and nothing else: docker refuses even an empty driver_opts beside external. */
function withoutExternalExtras(entry: NetworkModel | VolumeModel): unknown {
  return entry.external ? { external: true, name: entry.name } : { ...entry, external: undefined };
}

/** Leaves out what is undefined or empty, inside as well; null stays, it stands for a network without settings. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prune);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, prune(inner)])
    .filter(([, inner]) => inner !== undefined && !isEmpty(inner));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/**
 * Docker replaces variables once more in all values, so dollar signs are doubled; its YAML reader refuses some characters
 * that JSON leaves as they are.
 */
function toText(file: unknown): string {
  const doubled = (_key: string, value: unknown) => (typeof value === 'string' ? value.replaceAll('$', '$$$$') : value);
  const unreadable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(file, doubled, 2).replace(unreadable, escape)}\n`;
}

function mapValues<T, R>(record: Record<string, T>, map: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
