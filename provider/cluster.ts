/** `swarm:index:Cluster`: the swarm itself: that there is exactly one, and its settings. */
import { StepError } from '../core/errors';
import { decideFormation } from '../core/swarm/formation';
import { checkManagerCount, checkNodes } from '../core/swarm/rules';
import { type Access, type ManagerEndpoint, type Reached } from './access';
import { importCluster } from './cluster/import';
import { fromApi, swarmSpec, withSpecDefaults, type ClusterSpec } from './cluster/spec';
import { connectionFailures, deepDiff, isComplete, isKnown, valueDiff } from './inputs';
import { type Importer } from './importer';
import {
  type CheckResult,
  type Diff,
  type Existing,
  type Found,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN } from './protocol/values';

export interface ClusterInputs {
  name: string;
  /** All managers of the environment: an odd number. Any of them may be the one the swarm starts on. */
  managers: ManagerEndpoint[];
  spec?: ClusterSpec;
  /** Address pools of overlay networks, CIDR. Default: Docker's own 10.0.0.0/8. */
  defaultAddressPools?: string[];
  /** Prefix length of each overlay network. Default 24. */
  subnetSize?: number;
  /** UDP port of the overlay networks. Default 4789. */
  dataPathPort?: number;
}

export interface ClusterOutputs {
  name: string;
  clusterId: string;
  /** RFC 3339. */
  createdAt: string;
  spec: Required<ClusterSpec>;
  defaultAddressPools: string[];
  subnetSize: number;
  dataPathPort: number;
}

/** Settings that a swarm is given when it is made and keeps for ever. */
const FIXED = ['defaultAddressPools', 'subnetSize', 'dataPathPort'] as const;

/** Where Docker puts what isn't said. Source: Docker documentation, `docker swarm init`. */
const FIXED_DEFAULTS = { defaultAddressPools: ['10.0.0.0/8'], subnetSize: 24, dataPathPort: 4789 };

/** The swarm; its id is the swarm's id. */
export class ClusterResource implements Resource<ClusterInputs, ClusterOutputs> {
  readonly token = 'swarm:index:Cluster';

  constructor(
    private readonly access: Access,
    private readonly importer: Importer,
  ) {}

  check({ managers }: PreviewInputs<ClusterInputs>): CheckResult {
    if (managers === UNKNOWN) return { failures: [] };
    const problems = checkManagerCount(managers.length, 'managers');
    const known = managers.filter(isKnown) as ManagerEndpoint[];
    const declared = known.map(({ name, address }) => ({ name, address, role: 'manager' as const }));
    if (problems.length === 0 && known.length === managers.length) problems.push(...checkNodes(declared, 'managers'));
    const failures = problems.map(({ path, message }) => ({ property: path, reason: message }));
    const connections = managers.flatMap((manager, index) =>
      manager === UNKNOWN ? [] : connectionFailures(manager.connection, `managers[${index}].connection`),
    );
    return { failures: [...failures, ...connections] };
  }

  diff({ inputs, outputs }: Existing<ClusterInputs, ClusterOutputs>, news: PreviewInputs<ClusterInputs>): Diff {
    const fixed = FIXED.map((key) => valueDiff(key, inputs[key], news[key], { replace: true }));
    const changes = {
      ...valueDiff('name', outputs.name, news.name),
      ...deepDiff('spec', outputs.spec, withSpecDefaults(news.spec)),
      ...(Object.assign({}, ...fixed) as Diff['changes']),
    };
    return { changes, deleteBeforeReplace: fixed.some((change) => Object.keys(change).length > 0) };
  }

  preview(
    news: PreviewInputs<ClusterInputs>,
    old?: Existing<ClusterInputs, ClusterOutputs>,
  ): WithUnknowns<ClusterOutputs> {
    return {
      ...fixedSettings(news),
      name: news.name,
      spec: withSpecDefaults(news.spec),
      clusterId: old?.outputs.clusterId ?? UNKNOWN,
      createdAt: old?.outputs.createdAt ?? UNKNOWN,
    };
  }

  async create(inputs: ClusterInputs, context: OperationContext): Promise<{ id: string; outputs: ClusterOutputs }> {
    context.status(`asking ${inputs.managers.length} machines whether they are in a swarm`);
    const candidates = await Promise.all(inputs.managers.map((manager) => this.ask(manager, context)));
    const formation = decideFormation(candidates);
    if (formation.kind === 'refuse') {
      const { cause, cure } = formation;
      throw new StepError({ machine: inputs.name, step: 'forming the swarm', cause, cure });
    }
    if (formation.kind === 'adopt') {
      context.info(`adopting the swarm ${formation.clusterId} of ${formation.managers.join(', ')}`);
    } else {
      await this.init(inputs, formation.on, context);
    }
    const outputs = await this.applySpec(inputs, context);
    return { id: outputs.clusterId, outputs };
  }

  async update(
    _old: Existing<ClusterInputs, ClusterOutputs>,
    inputs: ClusterInputs,
    context: OperationContext,
  ): Promise<ClusterOutputs> {
    return this.applySpec(inputs, context);
  }

  async read(
    { id, inputs: old }: { id: string; inputs: Partial<ClusterInputs> },
    context: OperationContext,
  ): Promise<Found<ClusterInputs, ClusterOutputs> | undefined> {
    const found = isComplete(old) ? { inputs: old } : await importCluster(id, this.access, this.importer, context);
    if (await this.isGone(found.inputs, context)) return undefined;
    const outputs = await this.observe(found.inputs, context);
    return { id: outputs.clusterId, ...found, outputs };
  }

  /** The nodes have left by now, the last one with `--force`; this is for what an interrupted run left behind. */
  async delete({ inputs }: Existing<ClusterInputs, ClusterOutputs>, context: OperationContext): Promise<void> {
    for (const manager of inputs.managers) {
      const machine = await this.access.reach(manager, context);
      const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
      if (!swarm.ControlAvailable) continue;
      const others = (await machine.api.nodes({}, { signal: context.signal })).filter(({ ID }) => ID !== swarm.NodeID);
      if (others.some(({ Status }) => Status.State !== 'down')) {
        const cause = `${others.length} other nodes are still members that this environment doesn't know`;
        const cure = 'let them leave first: docker swarm leave, on each';
        throw new StepError({ machine: manager.name, step: 'ending the swarm', cause, cure });
      }
      await machine.api.swarmLeave(true, { signal: context.signal });
    }
  }

  private async ask(manager: ManagerEndpoint, context: OperationContext) {
    const { name, api } = await this.access.reach(manager, context);
    return { name, swarm: (await api.info({ signal: context.signal })).Swarm };
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

  private async applySpec(inputs: ClusterInputs, context: OperationContext): Promise<ClusterOutputs> {
    const { api, swarm } = await this.access.liveManager({ managers: inputs.managers }, context);
    const wanted = swarmSpec(swarm.Spec, withSpecDefaults(inputs.spec));
    if (wanted) await api.swarmUpdate(swarm.Version.Index, wanted, { signal: context.signal });
    return this.observe(inputs, context);
  }

  private async observe(inputs: ClusterInputs, context: OperationContext): Promise<ClusterOutputs> {
    const { swarm } = await this.access.liveManager({ managers: inputs.managers }, context);
    const { name } = inputs;
    return {
      name,
      clusterId: swarm.ID,
      createdAt: swarm.CreatedAt,
      spec: fromApi(swarm.Spec),
      ...fixedSettings(inputs),
    };
  }

  /** Gone only when every manager says so itself: a silent one may still hold the swarm. */
  private async isGone(inputs: ClusterInputs, context: OperationContext): Promise<boolean> {
    const answers = await Promise.allSettled(inputs.managers.map((manager) => this.ask(manager, context)));
    return answers.every(({ status }) => status === 'fulfilled') && answers.every(isOutside);
  }
}

function isOutside(answer: PromiseSettledResult<{ swarm: Awaited<ReturnType<Reached['api']['info']>>['Swarm'] }>) {
  return answer.status === 'fulfilled' && answer.value.swarm.LocalNodeState === 'inactive';
}

function fixedSettings({ defaultAddressPools, subnetSize, dataPathPort }: PreviewInputs<ClusterInputs>) {
  return {
    defaultAddressPools: defaultAddressPools ?? FIXED_DEFAULTS.defaultAddressPools,
    subnetSize: subnetSize ?? FIXED_DEFAULTS.subnetSize,
    dataPathPort: dataPathPort ?? FIXED_DEFAULTS.dataPathPort,
  } as Pick<ClusterOutputs, (typeof FIXED)[number]>;
}
