/** `swarm:index:Engine`: the Docker engine of one machine, its version and its daemon.json. */
import { isConnectionFailure, messageOf } from '../core/errors';
import { type SshConnection } from '../core/ssh/connection';
import { type Access } from './access';
import { waitForEngine } from './engine/answer';
import { applyDaemonFile, validateDaemonFile } from './engine/daemon';
import { engineChanges, expectedRank } from './engine/diff';
import { assertPreflight, collectFacts } from './engine/facts';
import { downloadPackages, installPackages } from './engine/install';
import { changedDaemonKeys, DEFAULT_PACKAGES, fitsPin, planEngine, type EnginePlan } from './engine/plan';
import {
  outputsOf,
  silentOutputsOf,
  type EngineAnswer,
  type EngineInputs,
  type EngineOutputs,
} from './engine/properties';
import { EngineRoll } from './engine/roll';
import { assertNotImported, connectionFailures, hostKeyDiff, ifKnown, isKnown, LOOK_PATIENCE } from './inputs';
import { limitFailures, withDefaultLimits, type Limits } from './limits';
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
import { Turns } from './turns';

/** A Docker engine; its id is the machine's name. */
export class EngineResource implements Resource<EngineInputs, EngineOutputs> {
  readonly token = 'swarm:index:Engine';

  private readonly turns = new Turns();
  private readonly roll: EngineRoll;

  constructor(private readonly access: Access) {
    this.roll = new EngineRoll(access, this.turns);
  }

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
    failures.push(...limitFailures(inputs.limits));
    return { failures };
  }

  diff(old: Existing<EngineInputs, EngineOutputs>, news: PreviewInputs<EngineInputs>): Diff {
    const changes = engineChanges(old, news);
    const rank = expectedRank(old.outputs, news, changes);
    if (rank && isKnown(news.name)) this.turns.expect(news.name, rank);
    return { changes };
  }

  preview(news: PreviewInputs<EngineInputs>, old?: Existing<EngineInputs, EngineOutputs>): WithUnknowns<EngineOutputs> {
    const { name, packages = DEFAULT_PACKAGES, version, daemon } = news;
    const isOther = old !== undefined && Object.keys(hostKeyDiff(old.inputs.connection, news.connection)).length > 0;
    const found = isOther ? undefined : old?.outputs;
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
      answers: true,
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
    { id, inputs, outputs }: { id: string; inputs: Partial<EngineInputs>; outputs: Partial<EngineOutputs> },
    context: OperationContext,
  ): Promise<{ id: string; inputs: Partial<EngineInputs>; outputs: EngineOutputs } | undefined> {
    assertNotImported(this.token, inputs);
    const known = { ...inputs, connection: { ...inputs.connection, ...LOOK_PATIENCE } } as EngineInputs;
    const before = outputs as EngineOutputs;
    try {
      const ssh = await this.access.ssh(known, context);
      const facts = await collectFacts(ssh, known.packages ?? DEFAULT_PACKAGES, context.signal, false);
      if (!facts.hasDocker) return undefined;
      // Asking an engine that is down could start it, by its socket.
      const answer = facts.isRunning ? await this.ask(known, context) : undefined;
      if (answer) return { id, inputs, outputs: outputsOf(known, facts, answer) };
      context.warn(`${known.name}: Docker is installed but does not answer; what is shown of it may be old`);
      return { id, inputs, outputs: silentOutputsOf(known, before, facts) };
    } catch (error) {
      if (context.signal.aborted || !isConnectionFailure(error)) throw error;
      context.warn(`${error.message}\n  what is shown of its engine is from before`);
      return { id, inputs, outputs: silentOutputsOf(known, before) };
    }
  }

  /** Docker stays on the machine, with its images and volumes: removing it is not the opposite of preparing it. */
  async delete(): Promise<void> {
    return Promise.resolve();
  }

  private async converge(inputs: EngineInputs, context: OperationContext): Promise<EngineOutputs> {
    const { name, connection, packages = DEFAULT_PACKAGES, version, daemon, managers = [] } = inputs;
    const limits = withDefaultLimits(inputs.limits);
    try {
      const ssh = await this.access.ssh(inputs, context);
      context.status('preflight');
      const facts = await collectFacts(ssh, packages, context.signal, !this.access.fitKernels.has(name));
      const plan = planEngine({ packages, version, daemon }, facts);
      const { isRunning, hasDocker } = facts;
      const prepare = async (): Promise<void> => {
        assertPreflight(name, facts, plan.install);
        // apt downloads nothing while an installation is half done; finishing that is all there is to do first.
        if (hasDocker && plan.install && facts.unfinishedPackages.length === 0) {
          await downloadPackages(ssh, { packages, version, limitSeconds: limits.installSeconds }, context);
        }
        // Another version may refuse what the one in use has taken.
        const isNew = plan.install || changedDaemonKeys(daemon, facts.daemonFile).length > 0;
        const file = daemon ?? facts.daemonFile;
        if (hasDocker && isNew && typeof file === 'object') await validateDaemonFile(ssh, file, context);
      };
      const change = (): Promise<void> => applyPlan(ssh, plan, inputs, limits, context);
      const rolled = { machine: { name, connection }, managers, limits, isRunning };
      if (plan.disruptive || (hasDocker && !isRunning)) {
        await this.roll.change({ ...rolled, prepare, change }, context);
      } else {
        await prepare();
        await change();
        if (hasDocker) await this.roll.finish(rolled, context);
      }
      const { info, engine } = await waitForEngine(this.access, inputs, limits.engineSeconds, context);
      const { ApiVersion } = await engine.api.version({ signal: context.signal });
      return outputsOf(inputs, await collectFacts(ssh, packages, context.signal, false), { ...info, ApiVersion });
    } finally {
      this.turns.dismiss(name);
    }
  }

  /** The engine's own word, if it has one. */
  private async ask(inputs: EngineInputs, context: OperationContext): Promise<EngineAnswer | undefined> {
    try {
      const { api } = await this.access.reach(inputs, context);
      const options = { signal: context.signal };
      const [info, { ApiVersion }] = await Promise.all([api.info(options), api.version(options)]);
      return { ...info, ApiVersion };
    } catch (error) {
      context.signal.throwIfAborted();
      context.status(messageOf(error));
      return undefined;
    }
  }
}

async function applyPlan(
  ssh: SshConnection,
  plan: EnginePlan,
  { packages = DEFAULT_PACKAGES, version, daemon }: EngineInputs,
  limits: Limits,
  context: OperationContext,
): Promise<void> {
  // A restart may take its time to end containers, and then to answer.
  const restartSeconds = limits.drainSeconds + limits.engineSeconds;
  if (plan.daemon !== 'keep') await applyDaemonFile(ssh, plan.daemon, daemon, restartSeconds, context);
  if (plan.install) await installPackages(ssh, { packages, version, limitSeconds: limits.installSeconds }, context);
}
