/** Runs a program against Pulumi's mocks and shows what it registered, resource options included. */
import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb';

const UNKNOWN_SENTINEL = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const SIGNATURE_KEY = '4dabf18193072939515e22adb298388d';

/** A value that a preview doesn't know. */
export const UNKNOWN = Symbol('unknown');

/** A value that was registered as a secret. */
export class Secret {
  constructor(readonly value: unknown) {}
}

export function secret(value: unknown): Secret {
  return new Secret(value);
}

/** One registration. Its id is the type without its package and the name: `Engine node1`, `local:Command node1`. */
export interface Registration {
  id: string;
  inputs: Record<string, unknown>;
  parent?: string;
  /** Sorted. */
  dependsOn: string[];
  /** By input, what its value depends on; sorted. */
  valuesFrom: Record<string, string[]>;
  deletedWith?: string;
  /** What it is replaced together with; sorted. */
  replacedWith?: string[];
  deletedBeforeReplaced?: boolean;
}

export interface RecordOptions {
  /** Outputs that nothing but a deployment can tell are unknown. Default: false. */
  preview?: boolean;
  /** What resources return besides their inputs, outside of a preview. */
  outputs?: (resource: { type: string; name: string; inputs: Record<string, unknown> }) => Record<string, unknown>;
  /** Configuration by full key, such as `swarm:environment`. */
  config?: Record<string, string>;
  /** Name of the environment. Default: test. */
  environment?: string;
}

/** What a program registered, and what it returned. */
export class Recording<Result> {
  constructor(
    readonly result: Result,
    readonly registrations: readonly Registration[],
  ) {}

  /** Ids of all resources, sorted. */
  get ids(): string[] {
    return this.registrations.map(({ id }) => id).sort();
  }

  /** The one resource of this id. */
  get(id: string): Registration {
    const [found, second] = this.registrations.filter((registration) => registration.id === id);
    if (!found || second)
      throw new Error(
        `${second ? 'several' : 'no'} ${id} among: ${this.registrations.map((one) => one.id).join(', ')}`,
      );
    return found;
  }
}

/** Runs a program to its end and returns everything that it registered, in order. */
export async function record<Result>(program: () => Result, options: RecordOptions = {}): Promise<Recording<Result>> {
  const { preview = false, outputs = () => ({}), config = {}, environment = 'test' } = options;
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs, custom }) => ({
      id: custom === false || preview ? undefined : `${name}-id`,
      state: {
        ...inputs,
        ...(preview ? {} : outputs({ type, name, inputs: inputs as Record<string, unknown> })),
      } as object,
    }),
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, 'swarm', environment, preview);
  pulumi.runtime.setAllConfig(config);
  const registrations: Registration[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    registrations.push(readRequest(request));
    await register(request, callback);
  };
  return withoutStacks(async () => {
    const result = program();
    await pulumi.runtime.disconnect();
    return new Recording(result, registrations);
  });
}

/** Pulumi takes a stack for every promise it makes, and Jest looks up the source of every line: seconds for a program. */
async function withoutStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface Monitor {
  registerResource(request: RegisterResourceRequest, callback: unknown): Promise<void>;
}

function readRequest(request: RegisterResourceRequest): Registration {
  const [type, name] = [request.getType(), request.getName()];
  const sources = [...request.getPropertydependenciesMap().entries()];
  const used = sources.map(([property, urns]) => [property, shortNames(urns.getUrnsList())] as const);
  return {
    id: `${shortType(type)} ${name}`,
    inputs: readValue(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    ...(request.getParent() ? { parent: shortName(request.getParent()) } : {}),
    dependsOn: shortNames(request.getDependenciesList()),
    valuesFrom: Object.fromEntries(used.filter(([, names]) => names.length > 0)),
    ...(request.getDeletedwith() ? { deletedWith: shortName(request.getDeletedwith()) } : {}),
    ...(request.getReplaceWithList().length > 0 ? { replacedWith: shortNames(request.getReplaceWithList()) } : {}),
    ...(request.getDeletebeforereplace() ? { deletedBeforeReplaced: true } : {}),
  };
}

function readValue(value: unknown): unknown {
  if (value === UNKNOWN_SENTINEL) return UNKNOWN;
  if (Array.isArray(value)) return value.map(readValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Record<string, unknown>;
  if (SIGNATURE_KEY in entries) return new Secret(readValue(entries.value));
  return Object.fromEntries(Object.entries(entries).map(([key, child]) => [key, readValue(child)]));
}

function shortType(type: string): string {
  return (
    type
      .split('$')
      .pop()
      ?.replace(/^\w+:(index:)?/, '') ?? ''
  );
}

function shortNames(urns: readonly string[]): string[] {
  return urns.map(shortName).sort();
}

function shortName(urn: string): string {
  const [, , type = '', name = ''] = urn.split('::');
  return `${shortType(type)} ${name}`;
}

/** The value of an output, with {@link UNKNOWN} for what isn't known and {@link Secret} around what is secret. */
export async function valueOf<T>(output: pulumi.Input<T>): Promise<unknown> {
  const lifted = pulumi.output<unknown>(output) as pulumi.OutputInstance<unknown> & { isKnown: Promise<boolean> };
  const [known, isSecret] = await Promise.all([lifted.isKnown, pulumi.isSecret(lifted as pulumi.Output<unknown>)]);
  const value = known ? await new Promise((resolve) => lifted.apply(resolve)) : UNKNOWN;
  return isSecret ? new Secret(value) : value;
}
