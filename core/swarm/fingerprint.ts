import type { ApiMount, ApiPort, ApiService, ServiceMode } from '../docker/types';

/**
 * What a running service is, in so far as somebody may have changed it by hand. Two fingerprints of one service differ
 * only where its declaration was changed: what swarm fills in itself (image digests, ports it picked, defaults) is left
 * out or told apart. Values are text or lists of text, so that they can be kept and shown as they are.
 */
export interface Fingerprint {
  /** Without the digest that swarm adds. */
  image: string;
  mode: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  /** Absent in the global modes. */
  replicas?: number;
  entrypoint?: string[];
  command?: string[];
  /** `KEY=value`, sorted. */
  env?: string[];
  user?: string;
  /** `bind /var/run/docker.sock to /var/run/docker.sock read-only`, sorted. */
  mounts?: string[];
  /** Sorted. */
  constraints?: string[];
  /** Names, sorted. */
  networks?: string[];
  /** `80:8080/tcp ingress`, sorted. */
  ports?: string[];
  /** `name at target`, sorted. */
  configs?: string[];
  secrets?: string[];
  /** `limit memory 52428800`, sorted. */
  resources?: string[];
  /** Without those that docker sets; `key=value`, sorted. */
  labels?: string[];
}

/** Something that was changed by hand. */
export interface Drift {
  /** `web.replicas`; the service alone when all of it is concerned. */
  path: string;
  /** `web.replicas: 5 runs, 3 was deployed`. */
  line: string;
}

/**
 * The fingerprint of a service.
 *
 * @param networkNames the name of each network by its id; a network that is not among them keeps its id.
 */
export function fingerprintService(service: ApiService, networkNames: Readonly<Record<string, string>>): Fingerprint {
  const { TaskTemplate, Mode, EndpointSpec, Labels } = service.Spec;
  const container = TaskTemplate.ContainerSpec;
  const networks = (TaskTemplate.Networks ?? []).map(({ Target }) => networkNames[Target] ?? Target);
  return withoutAbsent({
    image: (container?.Image ?? '').replace(/@sha256:[0-9a-f]+$/, ''),
    ...modeOf(Mode),
    entrypoint: inOrder(container?.Command),
    command: inOrder(container?.Args),
    env: inSet(container?.Env),
    user: text(container?.User),
    mounts: inSet(container?.Mounts?.map(describeMount)),
    constraints: inSet(
      TaskTemplate.Placement?.Constraints?.map((constraint) => constraint.replace(/\s*([!=]=)\s*/, ' $1 ')),
    ),
    networks: inSet(networks),
    ports: inSet(EndpointSpec?.Ports?.map(describePort)),
    configs: inSet(container?.Configs?.map(({ ConfigName, File }) => describeFile(ConfigName, File))),
    secrets: inSet(container?.Secrets?.map(({ SecretName, File }) => describeFile(SecretName, File))),
    resources: inSet(describeResources(TaskTemplate.Resources)),
    labels: inSet(ownLabels({ ...Labels })),
  });
}

/** What differs between the services as they were deployed and as they are now, by their names, in order. */
export function compareFingerprints(
  deployed: Readonly<Record<string, Fingerprint>>,
  observed: Readonly<Record<string, Fingerprint>>,
): Drift[] {
  const names = [...new Set([...Object.keys(deployed), ...Object.keys(observed)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [deployed[name], observed[name]];
    if (was === undefined) return [{ path: name, line: `${name}: runs and was not deployed` }];
    if (is === undefined) return [{ path: name, line: `${name}: was deployed and is gone` }];
    return compareOne(name, was, is);
  });
}

function compareOne(name: string, was: Fingerprint, is: Fingerprint): Drift[] {
  const before = new Map<string, unknown>(Object.entries(was));
  const now = new Map<string, unknown>(Object.entries(is));
  const fields = [...new Set([...before.keys(), ...now.keys()])];
  return fields.flatMap((field) => {
    const [old, current] = [before.get(field), now.get(field)];
    if (JSON.stringify(old) === JSON.stringify(current)) return [];
    const path = `${name}.${field}`;
    return [{ path, line: `${path}: ${describeChange(field, old, current)}` }];
  });
}

/** The environment can hold what nobody should read, so only its keys are shown. */
function describeChange(field: string, was: unknown, is: unknown): string {
  if (!Array.isArray(was ?? is) || field === 'command' || field === 'entrypoint')
    return `${show(is)} runs, ${show(was)} was deployed`;
  const [before, now] = [toTexts(was), toTexts(is)];
  const shown = (value: string): string => (field === 'env' ? value.replace(/=.*$/s, '') : value);
  const added = now.filter((value) => !before.includes(value)).map(shown);
  const removed = before.filter((value) => !now.includes(value)).map(shown);
  const changed = added.filter((value) => removed.includes(value));
  const list = (word: string, values: string[]) => (values.length === 0 ? [] : [`${word} ${values.join(', ')}`]);
  return [
    ...list('changed', changed),
    ...list(
      'added',
      added.filter((value) => !changed.includes(value)),
    ),
    ...list(
      'removed',
      removed.filter((value) => !changed.includes(value)),
    ),
  ].join('; ');
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'nothing';
}

function modeOf(mode: ServiceMode): Pick<Fingerprint, 'mode' | 'replicas'> {
  if (mode.Global) return { mode: 'global' };
  if (mode.GlobalJob) return { mode: 'global-job' };
  if (mode.ReplicatedJob) return { mode: 'replicated-job', replicas: mode.ReplicatedJob.TotalCompletions ?? 1 };
  return { mode: 'replicated', replicas: mode.Replicated?.Replicas ?? 1 };
}

function describeMount({ Type, Source, Target, ReadOnly }: ApiMount): string {
  return `${Type} ${Source ? `${Source} to ` : ''}${Target}${ReadOnly === true ? ' read-only' : ''}`;
}

function describePort({ Protocol, TargetPort, PublishedPort, PublishMode }: ApiPort): string {
  const published = PublishedPort ? `${PublishedPort}:` : '';
  return `${published}${TargetPort}/${Protocol} ${PublishMode ?? 'ingress'}`;
}

function describeFile(name: string, file: object | undefined): string {
  const target = (file as { Name?: string } | undefined)?.Name;
  return target === undefined ? name : `${name} at ${target}`;
}

function describeResources(resources: object | undefined): string[] {
  const { Limits, Reservations } = (resources ?? {}) as { Limits?: object; Reservations?: object };
  const amounts = (word: string, part: object = {}): string[] =>
    Object.entries(part)
      .filter(([, amount]) => typeof amount === 'number' && amount !== 0)
      .map(([what, amount]) => `${word} ${RESOURCE_NAMES[what] ?? what} ${amount}`);
  return [...amounts('limit', Limits), ...amounts('reservation', Reservations)];
}

const RESOURCE_NAMES: Readonly<Record<string, string>> = { NanoCPUs: 'nanocpus', MemoryBytes: 'memory', Pids: 'pids' };

/** Labels that docker itself puts on a stack's services. */
function ownLabels(labels: Record<string, string>): string[] {
  return Object.entries(labels)
    .filter(([key]) => !key.startsWith('com.docker.stack.'))
    .map(([key, value]) => `${key}=${value}`);
}

function inOrder(values: readonly string[] | undefined): string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : [...values];
}

function inSet(values: readonly string[] | undefined): string[] | undefined {
  return inOrder(values && [...values].sort());
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function withoutAbsent(fingerprint: Fingerprint): Fingerprint {
  return Object.fromEntries(
    Object.entries(fingerprint).filter(([, value]) => value !== undefined),
  ) as unknown as Fingerprint;
}
