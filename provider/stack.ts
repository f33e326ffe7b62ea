/** `swarm:index:Stack`: a compose application, deployed and waited for. */
import { randomBytes } from 'node:crypto';
import { missingContents } from '../core/swarm/compose/objects';
import { type StackModel } from '../core/swarm/compose/model';
import { parseCompose } from '../core/swarm/compose/parse';
import { formatProblem } from '../core/swarm/compose/source';
import { compareFingerprints, type Fingerprint } from '../core/swarm/fingerprint';
import { type Access, type ManagerEndpoint } from './access';
import { type Importer } from './importer';
import { connectionFailures, deepDiff, ifKnown, isComplete, isKnown, valueDiff } from './inputs';
import {
  IncompleteError,
  type CheckContext,
  type CheckFailure,
  type CheckResult,
  type Diff,
  type Existing,
  type Found,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN, type PropertyMap, type PropertyPath } from './protocol/values';
import { deploy } from './stack/deploy';
import { importStack } from './stack/import';
import { observeServices } from './stack/observe';
import { removeStack } from './stack/remove';
import { summarize, type ServiceSummary } from './stack/summary';

export interface StackInputs {
  clusterId: string;
  name: string;
  /** Text of the compose file. */
  compose: string;
  /** Path of the compose file, for messages. */
  file: string;
  /** For interpolation. Default none. */
  variables?: Record<string, string>;
  /** Contents by the compose file's keys. Default none. */
  configs?: Record<string, string>;
  /** Contents by the compose file's keys. Default none. */
  secrets?: Record<string, string>;
  managers: ManagerEndpoint[];
  /** Longest wait for all services to converge. Default 300. */
  convergeTimeoutSeconds?: number;
  /** Worked out by `check` from the compose file, so that a diff can name services and keys. */
  model?: StackModel;
}

export interface StackOutputs {
  clusterId: string;
  name: string;
  file: string;
  services: Record<string, ServiceSummary>;
  /** The services as swarm showed them when they had converged. */
  deployed: Record<string, Fingerprint>;
  /** The services as swarm showed them when last looked at. */
  observed: Record<string, Fingerprint>;
  /** Key of the hashes in the names of secrets. */
  nameKey: string;
}

const DEFAULT_CONVERGE_SECONDS = 300;

/** A stack; its id is its name. */
export class StackResource implements Resource<StackInputs, StackOutputs> {
  readonly token = 'swarm:index:Stack';

  constructor(
    private readonly access: Access,
    private readonly importer: Importer,
  ) {}

  check(inputs: PreviewInputs<StackInputs>, { secretPaths }: CheckContext): CheckResult {
    const { compose, file, variables = {}, configs = {}, secrets = {}, managers } = inputs;
    const failures: CheckFailure[] = (managers === UNKNOWN ? [] : managers).flatMap((manager, index) =>
      manager === UNKNOWN ? [] : connectionFailures(manager.connection, `managers[${index}].connection`),
    );
    if (isKnown(inputs.name) && !/^[a-z0-9][a-z0-9_-]*$/.test(inputs.name)) {
      failures.push({
        property: 'name',
        reason: `${inputs.name} is not a stack name: lower-case letters, digits, - and _`,
      });
    }
    if (!isKnown(compose) || !isKnown(file) || !isKnown(variables)) {
      return { failures, derived: { model: UNKNOWN } };
    }
    const { model, problems } = parseCompose({ text: compose, file, variables, stack: ifKnown(inputs.name) });
    failures.push(...problems.map((problem) => ({ property: '', reason: formatProblem(problem) })));
    if (!model) return { failures };
    if (isKnown(configs) && isKnown(secrets)) {
      const missing = missingContents(model, { configs, secrets });
      failures.push(...missing.map(({ kind, key }) => missingContent(file, kind, key)));
    }
    const derivedSecret = [...secretPaths].some((path) => /^(compose|variables)\b/.test(path));
    return { failures, derived: { model: model as unknown as PropertyMap }, derivedSecret };
  }

  diff({ inputs, outputs }: Existing<StackInputs, StackOutputs>, news: PreviewInputs<StackInputs>): Diff {
    const drift = compareFingerprints(outputs.deployed, outputs.observed);
    return {
      changes: {
        ...valueDiff('clusterId', outputs.clusterId, news.clusterId, { replace: true }),
        ...valueDiff('name', outputs.name, news.name, { replace: true }),
        ...deepDiff('model', inputs.model, news.model),
        ...deepDiff('configs', inputs.configs, news.configs),
        ...deepDiff('secrets', inputs.secrets, news.secrets),
        ...Object.fromEntries(drift.map(({ path }) => [`observed.${path}`, { kind: 'update', input: false } as const])),
      },
      deleteBeforeReplace: true,
    };
  }

  preview(news: PreviewInputs<StackInputs>, old?: Existing<StackInputs, StackOutputs>): WithUnknowns<StackOutputs> {
    const { clusterId, name, file } = news;
    const services = news.model && isKnown(news.model) ? summarize(news.model) : UNKNOWN;
    const nameKey = old?.outputs.nameKey ?? UNKNOWN;
    return { clusterId, name, file, services, deployed: UNKNOWN, observed: UNKNOWN, nameKey };
  }

  async create(inputs: StackInputs, context: OperationContext): Promise<{ id: string; outputs: StackOutputs }> {
    return { id: inputs.name, outputs: await this.converge(inputs, newNameKey(), context) };
  }

  async update(
    old: Existing<StackInputs, StackOutputs>,
    inputs: StackInputs,
    context: OperationContext,
  ): Promise<StackOutputs> {
    return this.converge(inputs, old.outputs.nameKey, context, old.inputs.model);
  }

  async read(
    { id, inputs: old, outputs }: { id: string; inputs: Partial<StackInputs>; outputs: Partial<StackOutputs> },
    context: OperationContext,
  ): Promise<Found<StackInputs, StackOutputs> | undefined> {
    const found = isComplete(old) ? { inputs: old } : await importStack(id, this.access, this.importer, context);
    if (await this.access.hasEnded(found.inputs, context)) return undefined;
    const manager = await this.access.liveManager(found.inputs, context);
    const observed = await observeServices(manager.api, id, context.signal);
    if (Object.keys(observed).length === 0) return undefined;
    return { id, ...found, outputs: { ...knownOutputs(found.inputs, outputs, observed), observed } };
  }

  async delete({ id, inputs }: Existing<StackInputs, StackOutputs>, context: OperationContext): Promise<void> {
    await removeStack(this.access, id, inputs, context);
  }

  /** Paths under which a secret variable could show. */
  secretOutputs(secretInputs: ReadonlySet<PropertyPath>): ReadonlySet<PropertyPath> {
    const hasSecretText = [...secretInputs].some((path) => /^(compose|variables|model)\b/.test(path));
    return new Set(['nameKey', ...(hasSecretText ? ['services', 'deployed', 'observed'] : [])]);
  }

  private async converge(
    inputs: StackInputs,
    nameKey: string,
    context: OperationContext,
    previous?: StackModel,
  ): Promise<StackOutputs> {
    const { clusterId, name, file, model } = inputs;
    if (!model) throw new Error(`${file}: the compose file has not been checked`);
    const outputs = { clusterId, name, file, services: summarize(model), nameKey };
    const manager = await this.access.liveManager(inputs, context);
    const limitSeconds = inputs.convergeTimeoutSeconds ?? DEFAULT_CONVERGE_SECONDS;
    const contents = { configs: inputs.configs ?? {}, secrets: inputs.secrets ?? {} };
    try {
      const access = { shared: this.access, swarm: inputs };
      const deployed = await deploy(
        { name, model, previous, contents, nameKey, limitSeconds },
        manager,
        access,
        context,
      );
      return { ...outputs, deployed, observed: deployed };
    } catch (error) {
      // What is running by now belongs to this resource: the next run updates it, and a delete removes it.
      throw new IncompleteError(name, { ...outputs, deployed: {}, observed: {} }, error as Error);
    }
  }
}

/** What a stack that is imported has not: it is taken for deployed as it runs. */
function knownOutputs(
  { clusterId, name, file, compose, variables = {} }: StackInputs,
  outputs: Partial<StackOutputs>,
  observed: StackOutputs['observed'],
): StackOutputs {
  if (outputs.nameKey !== undefined) return outputs as StackOutputs;
  const { model } = parseCompose({ text: compose, file, variables, stack: name });
  const services = model ? summarize(model) : {};
  return { clusterId, name, file, services, deployed: observed, observed, nameKey: newNameKey() };
}

function newNameKey(): string {
  return randomBytes(16).toString('hex');
}

function missingContent(file: string, kind: 'config' | 'secret', key: string): CheckFailure {
  return {
    property: '',
    reason: `${file}: ${kind}s.${key}: its content is missing; give it under ${kind}s of the stack`,
  };
}
