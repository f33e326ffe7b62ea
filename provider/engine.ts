/** `swarm:index:Engine`: the Docker engine of one machine, its version and its daemon.json. */
import { isConnectionFailure, StepError } from '../core/errors';
import { type ApiInfo } from '../core/docker/types';
import { type Connection, type SshConnection } from '../core/ssh/connection';
import { type Access, type ManagerEndpoint } from './access';
import daemonScript from './engine/daemon.sh';
import { assertPreflight, collectFacts, type DaemonConfiguration, type MachineFacts } from './engine/facts';
import { installPackages } from './engine/install';
import { changedDaemonKeys, DEFAULT_PACKAGES, fitsPin, planEngine, type EnginePlan } from './engine/plan';
import { finishInterruptedRoll, rollMember } from './engine/roll';
import { assertNotImported, connectionFailures, deepDiff, ifKnown, isKnown, valueDiff } from './inputs';
import {
  type CheckFailure,
  type CheckResult,
  type Diff,
  type Existing,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN } from './protocol/values';
import { waitUntil, type Observation } from './wait';

export interface EngineInputs {
  /** Name of the machine. */
  name: string;
  connection: Connection;
  /** Debian packages. Default docker.io and docker-cli. */
  packages?: string[];
  /** Pin: a package version, or its beginning. Default: the newest there is when it is installed, then left alone. */
  version?: string;
  /** Content of daemon.json. Default: left alone. */
  daemon?: DaemonConfiguration;
  /** All managers of the environment, for changes to an engine that is a member. Default none. */
  managers?: ManagerEndpoint[];
}

export interface EngineOutputs {
  name: string;
  packages: string[];
  version?: string;
  daemon?: DaemonConfiguration;
  /** Version of the first package, or the engine's own where it came from elsewhere. */
  installedVersion: string;
  apiVersion: string;
  storageDriver: string;
  architecture: string;
  operatingSystem: string;
  kernelVersion: string;
  /** daemon.json as it is on disk; a string when somebody has made it no JSON. */
  daemonFile?: DaemonConfiguration | string;
}

/** A Docker engine; its id is the machine's name. */
export class EngineResource implements Resource<EngineInputs, EngineOutputs> {
  readonly token = 'swarm:index:Engine';

  constructor(private readonly access: Access) {}

  check(inputs: PreviewInputs<EngineInputs>): CheckResult {
    const failures: CheckFailure[] = connectionFailures(inputs.connection, 'connection');
    const [packages, version] = [ifKnown(inputs.packages), ifKnown(inputs.version)];
    if (packages) {
      const bad = packages.filter((name) => !/^[a-z0-9][a-z0-9+.-]+$/.test(name));
      failures.push(...bad.map((name) => ({ property: 'packages', reason: `${name} is not a package name` })));
      if (packages.length === 0) failures.push({ property: 'packages', reason: 'at least one package is needed' });
    }
    if (version && !/^[0-9A-Za-z.+:~-]+$/.test(version)) {
      failures.push({ property: 'version', reason: `${version} is not a package version` });
    }
    return { failures };
  }

  diff({ outputs }: Existing<EngineInputs, EngineOutputs>, news: PreviewInputs<EngineInputs>): Diff {
    const wanted = isKnown(news.version) ? news.version : UNKNOWN;
    const drifted = wanted !== UNKNOWN && !fitsPin(outputs.installedVersion, wanted);
    return {
      changes: {
        ...valueDiff('name', outputs.name, news.name, { replace: true }),
        ...deepDiff('packages', outputs.packages, news.packages ?? DEFAULT_PACKAGES),
        ...valueDiff('version', outputs.version, news.version),
        ...(drifted ? { version: { kind: 'update', input: false } as const } : {}),
        ...daemonDiff(outputs, news),
      },
    };
  }

  preview(news: PreviewInputs<EngineInputs>, old?: Existing<EngineInputs, EngineOutputs>): WithUnknowns<EngineOutputs> {
    const { name, packages = DEFAULT_PACKAGES, version, daemon } = news;
    const found = old?.outputs;
    const reinstalled = found === undefined || !isKnown(version) || !fitsPin(found.installedVersion, version);
    return {
      ...{ name, packages, version, daemon },
      installedVersion: reinstalled ? UNKNOWN : found.installedVersion,
      apiVersion: reinstalled ? UNKNOWN : found.apiVersion,
      storageDriver: found?.storageDriver ?? UNKNOWN,
      architecture: found?.architecture ?? UNKNOWN,
      operatingSystem: found?.operatingSystem ?? UNKNOWN,
      kernelVersion: found?.kernelVersion ?? UNKNOWN,
      daemonFile: daemon ?? found?.daemonFile ?? UNKNOWN,
    };
  }

  async create(inputs: EngineInputs, context: OperationContext): Promise<{ id: string; outputs: EngineOutputs }> {
    return { id: inputs.name, outputs: await this.converge(inputs, context) };
  }

  async update(
    _old: Existing<EngineInputs, EngineOutputs>,
    inputs: EngineInputs,
    context: OperationContext,
  ): Promise<EngineOutputs> {
    return this.converge(inputs, context);
  }

  async read(
    { id, inputs }: { id: string; inputs: Partial<EngineInputs> },
    context: OperationContext,
  ): Promise<{ id: string; inputs: Partial<EngineInputs>; outputs: EngineOutputs } | undefined> {
    assertNotImported(this.token, inputs);
    const known = inputs as EngineInputs;
    const ssh = await this.access.ssh(known, context);
    const facts = await collectFacts(ssh, known.packages ?? DEFAULT_PACKAGES, context.signal, false);
    return facts.hasDocker ? { id, inputs, outputs: await this.observe(known, facts, context) } : undefined;
  }

  /** Docker stays on the machine, with its images and volumes: removing it is not the opposite of preparing it. */
  async delete(): Promise<void> {
    return Promise.resolve();
  }

  private async converge(inputs: EngineInputs, context: OperationContext): Promise<EngineOutputs> {
    const { packages = DEFAULT_PACKAGES, version, daemon, managers = [] } = inputs;
    const ssh = await this.access.ssh(inputs, context);
    context.status('preflight');
    const facts = await collectFacts(ssh, packages, context.signal, !this.access.fitKernels.has(inputs.name));
    const plan = planEngine({ packages, version, daemon }, facts);
    assertPreflight(inputs.name, facts, plan.install);
    const change = (): Promise<void> => applyPlan(ssh, plan, inputs, context);
    if (plan.disruptive) {
      await rollMember(this.access, await this.access.reach(inputs, context), managers, context, change);
    } else {
      await change();
    }
    if (facts.hasDocker && !plan.disruptive) {
      await finishInterruptedRoll(this.access, await this.access.reach(inputs, context), managers, context);
    }
    return this.observe(inputs, await collectFacts(ssh, packages, context.signal, false), context);
  }

  private async observe(inputs: EngineInputs, facts: MachineFacts, context: OperationContext): Promise<EngineOutputs> {
    const { name, packages = DEFAULT_PACKAGES, version, daemon } = inputs;
    const { info, apiVersion } = await this.answer(inputs, context);
    return {
      ...{ name, packages, version, daemon, apiVersion },
      installedVersion: facts.packages[packages[0] ?? ''] ?? info.ServerVersion,
      storageDriver: info.Driver,
      architecture: info.Architecture,
      operatingSystem: info.OperatingSystem,
      kernelVersion: info.KernelVersion,
      daemonFile: facts.daemonFile,
    };
  }

  /** The engine's own word, once it answers: after an installation or a restart that takes a moment. */
  private async answer(
    inputs: EngineInputs,
    context: OperationContext,
  ): Promise<{ info: ApiInfo; apiVersion: string }> {
    const wait = {
      machine: inputs.name,
      step: 'the engine to answer',
      limitSeconds: 120,
      cure: `see why on the machine: journalctl -u docker --no-pager -n 50`,
    };
    return waitUntil(wait, context, async (): Promise<Observation<{ info: ApiInfo; apiVersion: string }>> => {
      try {
        const { api } = await this.access.reach(inputs, context);
        const [info, { ApiVersion: apiVersion }] = await Promise.all([
          api.info({ signal: context.signal }),
          api.version({ signal: context.signal }),
        ]);
        return { done: { info, apiVersion } };
      } catch (error) {
        if (context.signal.aborted || isConnectionFailure(error)) throw error;
        return { pending: error instanceof StepError ? error.parts.cause : String(error) };
      }
    });
  }
}

async function applyPlan(
  ssh: SshConnection,
  plan: EnginePlan,
  inputs: EngineInputs,
  context: OperationContext,
): Promise<void> {
  const { packages = DEFAULT_PACKAGES, version = '', daemon } = inputs;
  if (plan.daemon !== 'keep') {
    context.status(plan.daemon === 'write' ? 'writing daemon.json' : `daemon.json: ${plan.daemon} of the engine`);
    await ssh.run('writing daemon.json', `ACTION=${plan.daemon} sh -c '${daemonScript.replaceAll("'", `'\\''`)}'`, {
      stdin: `${JSON.stringify(daemon, undefined, 2)}\n`,
      timeoutSeconds: 180,
      signal: context.signal,
    });
  }
  if (plan.install) await installPackages(ssh, packages, version, context);
}

function daemonDiff(outputs: EngineOutputs, news: PreviewInputs<EngineInputs>): Diff['changes'] {
  const { daemon } = news;
  if (!isKnown(daemon)) return { daemon: { kind: 'update' } };
  if (daemon === undefined) return {};
  const declared = deepDiff('daemon', outputs.daemon, daemon);
  if (Object.keys(declared).length > 0) return declared;
  const edited = changedDaemonKeys(daemon, outputs.daemonFile);
  return Object.fromEntries(edited.map((key) => [`daemonFile["${key}"]`, { kind: 'update', input: false } as const]));
}
