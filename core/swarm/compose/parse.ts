import { Cursor, compact, sorted } from './cursor';
import { readDocument } from './document';
import type { FileObjectModel, NetworkModel, ServiceModel, StackModel, VolumeModel } from './model';
import { readService } from './read-service';
import { Source, type ComposeProblem } from './source';
import { CONFIG_KEYS, IPAM_KEYS, IPAM_POOL_KEYS, NETWORK_KEYS, SECRET_KEYS, TOP_KEYS, VOLUME_KEYS } from './support';

/** A compose file to read. */
export interface ComposeFile {
  text: string;
  /** What messages call it. */
  file: string;
  /** Name of the stack it is for: with it, the length of service names is checked too. */
  stack?: string;
  /** Fill its `${...}`. Default none. */
  variables?: Readonly<Record<string, string>>;
}

/** The model where the file has no problems, else all its problems in the order of the file. */
export type ParsedCompose = { model: StackModel; problems: [] } | { model?: undefined; problems: ComposeProblem[] };

/** Reads a compose file for swarm. */
export function parseCompose({ text, file, stack, variables = {} }: ComposeFile): ParsedCompose {
  const source = new Source(file, variables);
  const value = readDocument(text, source);
  const root = new Cursor(source, [], value);
  if (source.problems.length === 0 && !root.at('services').present)
    root.report('services is missing: a stack needs at least one');
  const model = readModel(root.support(TOP_KEYS));
  checkReferences(root, model);
  if (stack !== undefined) checkNameLengths(root.at('services'), stack);
  const { problems } = source;
  return problems.length > 0 ? { problems } : { model, problems: [] };
}

function readModel(root: Cursor): StackModel {
  const services = section(root, 'services', readService);
  const usesDefault = Object.values(services).some((service) => Object.hasOwn(service.networks, 'default'));
  const declared = section(root, 'networks', readNetwork);
  const networks = usesDefault
    ? { default: readNetwork(new Cursor(root.source, ['networks', 'default'], null)), ...declared }
    : declared;
  return {
    services,
    networks: sorted(networks),
    volumes: section(root, 'volumes', readVolume),
    configs: section(root, 'configs', (config) => readFileObject(config.support(CONFIG_KEYS))),
    secrets: section(root, 'secrets', (secret) => readFileObject(secret.support(SECRET_KEYS))),
  };
}

/** Swarm's names for services (swarmkit controlapi) and docker's for all else in a compose file. */
const ENTRY_NAME = /^[a-z0-9](?:[-_]*[a-z0-9]+)*$/i;
const OTHER_NAME = /^[a-z0-9._-]+$/i;

function section<T>(root: Cursor, name: string, read: (entry: Cursor) => T | undefined): Record<string, T> {
  const pattern = name === 'services' ? ENTRY_NAME : OTHER_NAME;
  const entries = root
    .at(name)
    .entries()
    .filter(([key]) => !key.startsWith('x-'))
    .map(([key, entry]): [string, T | undefined] => {
      if (!pattern.test(key)) entry.report('a name has letters, digits, hyphens and underscores');
      return [key, read(entry)];
    });
  return sorted(Object.fromEntries(entries.filter((entry): entry is [string, T] => entry[1] !== undefined)));
}

function readNetwork(network: Cursor): NetworkModel {
  network.support(NETWORK_KEYS);
  const ipam = network.at('ipam').support(IPAM_KEYS);
  const pools = ipam
    .at('config')
    .items()
    .map((pool) => pool.support(IPAM_POOL_KEYS).at('subnet').text());
  const config = pools.filter((subnet): subnet is string => subnet !== undefined).map((subnet) => ({ subnet }));
  return compact<NetworkModel>({
    ...readNaming(network, ['driver', 'driver_opts', 'attachable', 'internal', 'labels', 'ipam']),
    driver: network.at('driver').text(),
    driver_opts: network.at('driver_opts').textMap(),
    attachable: network.at('attachable').flag() ?? false,
    internal: network.at('internal').flag() ?? false,
    labels: network.at('labels').textMap(),
    ipam: ipam.present ? compact({ driver: ipam.at('driver').text(), config }) : undefined,
  });
}

function readVolume(volume: Cursor): VolumeModel {
  volume.support(VOLUME_KEYS);
  return compact<VolumeModel>({
    ...readNaming(volume, ['driver', 'driver_opts', 'labels']),
    driver: volume.at('driver').text(),
    driver_opts: volume.at('driver_opts').textMap(),
    labels: volume.at('labels').textMap(),
  });
}

function readFileObject(object: Cursor): FileObjectModel {
  const [file, content] = [object.at('file'), object.at('content')];
  if (file.present && content.present) content.report('file says it too; remove one of the two');
  return compact<FileObjectModel>({
    ...readNaming(object, ['file', 'content', 'labels']),
    file: file.text(),
    content: content.text(),
    labels: object.at('labels').textMap(),
  });
}

/** `external: true`, or the older `external: {name: ...}`. What is external was made elsewhere, so nothing else may be said. */
function readNaming(entry: Cursor, own: readonly string[]): { name?: string; external: boolean } {
  const external = entry.at('external');
  const older = typeof external.value === 'object' && external.present;
  const isExternal = older || (external.flag() ?? false);
  if (isExternal)
    for (const key of own)
      if (entry.at(key).present) entry.at(key).report('does not go with external: it was made elsewhere');
  const name = older ? external.support({ name: 'honoured' }).at('name').text() : undefined;
  return { name: name ?? entry.at('name').text(), external: isExternal };
}

/** The longest name of a service (swarmkit controlapi); docker puts the stack's name before it. */
const LONGEST_SERVICE_NAME = 63;

function checkNameLengths(services: Cursor, stack: string): void {
  for (const [name, service] of services.entries()) {
    const full = `${stack}_${name}`;
    if (full.length > LONGEST_SERVICE_NAME) {
      service.report(`${full} has ${full.length} characters, swarm takes ${LONGEST_SERVICE_NAME}; shorten the name`);
    }
  }
}

function checkReferences(root: Cursor, model: StackModel): void {
  for (const [name, service] of Object.entries(model.services)) {
    const at = root.at('services').at(name);
    checkDeclared(at.at('networks'), Object.keys(service.networks), model.networks, 'networks');
    checkDeclared(at.at('volumes'), volumesOf(service), model.volumes, 'volumes');
    checkDeclared(
      at.at('configs'),
      service.configs.map(({ source }) => source),
      model.configs,
      'configs',
    );
    checkDeclared(
      at.at('secrets'),
      service.secrets.map(({ source }) => source),
      model.secrets,
      'secrets',
    );
  }
}

function volumesOf(service: ServiceModel): string[] {
  return service.volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : []));
}

function checkDeclared(at: Cursor, used: readonly string[], declared: Record<string, unknown>, section: string): void {
  for (const name of used) {
    if (!Object.hasOwn(declared, name)) at.report(`${name} is not declared under ${section}`);
  }
}
