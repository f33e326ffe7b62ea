/** `swarm:index:Cluster`: the swarm itself: that there is exactly one, and its settings. */
import { StepError } from '../core/errors';
import { checkClusterSettings } from '../core/swarm/cluster-settings';
import { decideFormation } from '../core/swarm/formation';
import { nameOf } from '../core/swarm/nodes';
import { checkManagerCount, checkNodes } from '../core/swarm/rules';
import { type Access, type ManagerEndpoint, type SwarmTarget } from './access';
import {
  addressesOf,
  everyManager,
  knownSettings,
  locksDiff,
  replacedManagers,
  rotationOf,
  SETTING_PATHS,
} from './cluster/decide';
import { assertAdoptable, fixedChanges, fixedOf, previewFixed, rebuildWarning, refuseRebuild } from './cluster/fixed';
import { assertTransition } from './cluster/guard';
import { type ClusterInputs, type ClusterOutputs } from './cluster/properties';
import { fromApi, swarmSpec, withSpecDefaults } from './cluster/spec';
import { allOutside, hasManager, lockedAmong, survey } from './cluster/survey';
import { readUnlockKey, unlockManagers } from './cluster/unlock';
import { importCluster } from './cluster/import';
import { type Importer } from './importer';
import { connectionFailures, deepDiff, isComplete, isKnown, valueDiff } from './inputs';
import {
  type CheckResult,
  type Diff,
  type DiffContext,
  type Existing,
  type Found,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN, type PropertyMap, type PropertyPath } from './protocol/values';
import { changeVersioned } from './versioned';

/** The swarm; its id is the swarm's id. */
export class ClusterResource implements Resource<ClusterInputs, ClusterOutputs> {
  readonly token = 'swarm:index:Cluster';

  constructor(
    private readonly access: Access,
    private readonly importer: Importer,
  ) {}

  check(inputs: PreviewInputs<ClusterInputs>): CheckResult {
    const { managers } = inputs;
    const problems = checkClusterSettings(knownSettings(inputs), (setting) => SETTING_PATHS[setting]);
    const derived: PropertyMap = { managerAddresses: addressesOf(managers) };
    if (managers === UNKNOWN) return { failures: problems.map(failureOf), derived };
    problems.push(...checkManagerCount(managers.length, 'managers'));
    const known = managers.filter(isKnown) as ManagerEndpoint[];
    const declared = known.map(({ name, address }) => ({ name, address, role: 'manager' as const }));
    if (problems.length === 0 && known.length === managers.length) problems.push(...checkNodes(declared, 'managers'));
    const connections = managers.flatMap((manager, index) =>
      manager === UNKNOWN ? [] : connectionFailures(manager.connection, `managers[${index}].connection`),
    );
    return { failures: [...problems.map(failureOf), ...connections], derived };
  }

  /** @throws StepError when the swarm would have to be made anew and isn't allowed to be */
  diff(
    { inputs, outputs }: Existing<ClusterInputs, ClusterOutputs>,
    news: PreviewInputs<ClusterInputs>,
    context: DiffContext,
  ): Diff {
    this.access.run.remember(outputs.clusterId, everyManager(inputs, outputs));
    const fixed = fixedChanges(outputs, news);
    const rebuilds = Object.keys(fixed);
    if (rebuilds.length > 0) {
      if (news.protect !== false) throw refuseRebuild(outputs.name, rebuilds);
      context.warn(rebuildWarning(rebuilds));
    }
    const changes = {
      ...valueDiff('name', outputs.name, news.name),
      ...deepDiff('managerAddresses', addressesOf(inputs.managers), addressesOf(news.managers)),
      ...deepDiff('spec', outputs.spec, withSpecDefaults(news.spec)),
      ...valueDiff('rotateJoinTokens', outputs.rotateJoinTokens, news.rotateJoinTokens),
      ...valueDiff('rotateUnlockKey', outputs.rotateUnlockKey, news.rotateUnlockKey),
      ...locksDiff(outputs),
      ...fixed,
    };
    return { changes, deleteBeforeReplace: rebuilds.length > 0 };
  }

  preview(
    news: PreviewInputs<ClusterInputs>,
    old?: Existing<ClusterInputs, ClusterOutputs>,
  ): WithUnknowns<ClusterOutputs> {
    const spec = withSpecDefaults(news.spec);
    const found = old?.outputs;
    const sameKey = found?.unlockKey !== undefined && found.rotateUnlockKey === news.rotateUnlockKey;
    return {
      ...previewFixed(news, found),
      ...{ name: news.name, spec, rotateJoinTokens: news.rotateJoinTokens, rotateUnlockKey: news.rotateUnlockKey },
      clusterId: found?.clusterId ?? UNKNOWN,
      createdAt: found?.createdAt ?? UNKNOWN,
      ...(isKnown(spec) && !spec.autolock ? {} : { unlockKey: sameKey ? found.unlockKey : UNKNOWN }),
    };
  }

  async create(inputs: ClusterInputs, context: OperationContext): Promise<{ id: string; outputs: ClusterOutputs }> {
    context.status(`asking ${inputs.managers.length} machines whether they are in a swarm`);
    const candidates = await survey(this.access, inputs.managers, context);
    const formation = decideFormation(candidates);
    if (formation.kind === 'refuse') {
      const { cause, cure } = formation;
      throw new StepError({ machine: inputs.name, step: 'forming the swarm', cause, cure });
    }
    if (formation.kind === 'adopt') await this.adopt(inputs, formation.clusterId, lockedAmong(candidates), context);
    else await this.init(inputs, formation.on, context);
    const outputs = await this.converge(inputs, undefined, context);
    return { id: outputs.clusterId, outputs };
  }

  async update(
    old: Existing<ClusterInputs, ClusterOutputs>,
    inputs: ClusterInputs,
    context: OperationContext,
  ): Promise<ClusterOutputs> {
    const { clusterId, unlockKey, spec, locked = [] } = old.outputs;
    const before = everyManager(old.inputs, old.outputs);
    this.access.run.remember(clusterId, before);
    if (spec.autolock || locked.length > 0) {
      const leaving = before.filter(({ name }) => !inputs.managers.some((other) => other.name === name));
      const managers = [...inputs.managers, ...leaving];
      await unlockManagers(this.access, { managers, clusterId }, unlockKey, context);
    }
    await assertTransition(this.access, old, inputs, context);
    const outputs = await this.converge(inputs, old.outputs, context);
    return { ...outputs, formerManagers: replacedManagers(old, inputs.managers) };
  }

  async read(
    {
      id,
      inputs: given,
      outputs: old,
    }: { id: string; inputs: Partial<ClusterInputs>; outputs: Partial<ClusterOutputs> },
    context: OperationContext,
  ): Promise<Found<ClusterInputs, ClusterOutputs> | undefined> {
    const known = isComplete(given) ? { inputs: given } : await importCluster(id, this.access, this.importer, context);
    const { inputs } = known;
    const managers = everyManager(inputs, old);
    const candidates = await survey(this.access, managers, context);
    if (allOutside(candidates)) return undefined;
    const found = lockedAmong(candidates);
    const locked = found.length > 0 ? found : undefined;
    const formerManagers = hasManager(candidates, inputs.managers) ? undefined : old.formerManagers;
    try {
      const outputs = await this.observe({ ...inputs, ...old, managers }, context);
      return { id: outputs.clusterId, ...known, outputs: { ...outputs, locked, formerManagers } };
    } catch (error) {
      if (!isLockedSwarm(error) || old.clusterId === undefined) throw error;
      return { id: old.clusterId, ...known, outputs: { ...(old as ClusterOutputs), locked } };
    }
  }

  /**
   * The nodes have left by now, the last one with `--force`; this is for what an interrupted run left behind. A machine
   * that doesn't answer is warned about: no swarm is left that it could be in.
   */
  async delete({ inputs }: Existing<ClusterInputs, ClusterOutputs>, context: OperationContext): Promise<void> {
    const candidates = await survey(this.access, inputs.managers, context);
    for (const manager of inputs.managers) {
      const swarm = candidates.find(({ name }) => name === manager.name)?.swarm;
      if (!swarm?.ControlAvailable) continue;
      const machine = await this.access.reach(manager, context);
      const nodes = await machine.api.nodes({}, { signal: context.signal });
      const living = nodes.filter(({ ID, Status }) => ID !== swarm.NodeID && Status.State !== 'down');
      if (living.length > 0) {
        const cause = `nodes that this environment doesn't know are still members: ${living.map(nameOf).join(', ')}`;
        const cure = 'let them leave first: docker swarm leave, on each';
        throw new StepError({ machine: manager.name, step: 'ending the swarm', cause, cure });
      }
      await machine.api.swarmLeave(true, { signal: context.signal });
    }
  }

  secretOutputs(secretInputs: ReadonlySet<PropertyPath>): ReadonlySet<PropertyPath> {
    return new Set([...secretInputs, 'unlockKey', 'formerManagers']);
  }

  private async adopt(
    inputs: ClusterInputs,
    clusterId: string,
    locked: string[],
    context: OperationContext,
  ): Promise<void> {
    const target = { managers: inputs.managers, clusterId };
    const { name, swarm } = await this.access.liveManager(target, context);
    assertAdoptable(inputs.name, swarm, inputs);
    context.info(`adopting the swarm ${clusterId}, which ${name} is a manager of`);
    if (locked.length > 0) await unlockManagers(this.access, target, undefined, context);
  }

  private async init(inputs: ClusterInputs, on: string, context: OperationContext): Promise<void> {
    const manager = inputs.managers.find(({ name }) => name === on);
    if (!manager) throw new Error(`${on} is not among the managers`);
    context.status(`initialising the swarm on ${on}`);
    const { api } = await this.access.reach(manager, context);
    const { defaultAddressPools, subnetSize, dataPathPort } = inputs;
    const options = { advertiseAddress: manager.address, defaultAddressPools, subnetSize, dataPathPort };
    await api.swarmInit(options, { signal: context.signal });
  }

  /** Makes the settings as wanted, and what is to be rotated anew. */
  private async converge(
    inputs: ClusterInputs,
    old: ClusterOutputs | undefined,
    context: OperationContext,
  ): Promise<ClusterOutputs> {
    const target = { managers: inputs.managers, clusterId: old?.clusterId };
    const wanted = withSpecDefaults(inputs.spec);
    const rotation = old && rotationOf(old, inputs);
    await this.access.onManager(target, context, ({ api }) =>
      changeVersioned(async () => {
        const swarm = await api.swarmInspect({ signal: context.signal });
        const spec = swarmSpec(swarm.Spec, wanted) ?? (rotation && swarm.Spec);
        if (spec) await api.swarmUpdate(swarm.Version.Index, spec, rotation, { signal: context.signal });
      }),
    );
    return this.observe({ ...inputs, ...target }, context);
  }

  private async observe(
    { name = '', rotateJoinTokens, rotateUnlockKey, ...target }: SwarmTarget & Partial<ClusterInputs>,
    context: OperationContext,
  ): Promise<ClusterOutputs> {
    return this.access.onManager(target, context, async (live) => ({
      ...{ name, rotateJoinTokens, rotateUnlockKey },
      ...{ clusterId: live.swarm.ID, createdAt: live.swarm.CreatedAt, spec: fromApi(live.swarm.Spec) },
      ...fixedOf(live.swarm),
      unlockKey: await readUnlockKey(live, context),
    }));
  }
}

function failureOf({ path, message }: { path: string; message: string }) {
  return { property: path, reason: message };
}

function isLockedSwarm(error: unknown): boolean {
  return error instanceof StepError && error.kind === 'locked';
}
