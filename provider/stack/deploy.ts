/** Brings a stack to what its compose file says and waits until it runs so. */
import { type StackModel } from '../../core/swarm/compose/model';
import { type Contents, type SwarmObject } from '../../core/swarm/compose/objects';
import { renderDeployable } from '../../core/swarm/compose/render';
import { judgeConvergence, type Convergence } from '../../core/swarm/convergence';
import { type Fingerprint } from '../../core/swarm/fingerprint';
import { type Access, type LiveManager, type ManagerEndpoint } from '../access';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { explainFailures } from './failures';
import { observeServices, stackFilter, viewStack } from './observe';

export interface Deployment {
  name: string;
  model: StackModel;
  contents: Contents;
  /** Key of the hashes in the names of secrets. */
  nameKey: string;
  limitSeconds: number;
}

/** Milliseconds between two looks at the tasks: the Engine API has no events for them. */
const LOOK_INTERVAL = 400;

/** Seconds for `docker stack deploy` itself, which asks the registry for each image's digest. */
const COMMAND_LIMIT_SECONDS = 180;

/**
 * Deploys and waits for convergence; objects that nothing uses any more are removed last.
 * @returns the services as they run now
 * @throws StepError with the tasks' errors and last log lines when a service can't get there
 */
export async function deploy(
  { name, model, contents, nameKey, limitSeconds }: Deployment,
  manager: LiveManager,
  access: { shared: Access; managers: ManagerEndpoint[] },
  context: OperationContext,
): Promise<Record<string, Fingerprint>> {
  const { compose, objects } = renderDeployable(model, name, contents, nameKey);
  const tasksBefore = await manager.api.tasks(stackFilter(name), { signal: context.signal });
  await createObjects(manager, objects, context);
  context.status(`docker stack deploy on ${manager.name}`);
  await manager.ssh.run(
    `deploying the stack ${name}`,
    `docker stack deploy --prune --with-registry-auth --compose-file - ${name}`,
    { stdin: compose, timeoutSeconds: COMMAND_LIMIT_SECONDS, signal: context.signal },
  );
  await waitConverged(name, limitSeconds, new Set(tasksBefore.map(({ ID }) => ID)), access, context);
  const live = await access.shared.liveManager(access.managers, context);
  await removeUnused(live, name, objects, context);
  return observeServices(live.api, name, context.signal);
}

async function waitConverged(
  stack: string,
  limitSeconds: number,
  before: ReadonlySet<string>,
  access: { shared: Access; managers: ManagerEndpoint[] },
  context: OperationContext,
): Promise<void> {
  const wait = {
    machine: `stack ${stack}`,
    step: 'its services',
    limitSeconds,
    cure: 'see the tasks with `docker stack ps --no-trunc`, or allow more time with convergeTimeoutSeconds',
    intervalMs: LOOK_INTERVAL,
  };
  await waitUntil(wait, context, async (): Promise<Observation<Convergence>> => {
    const manager = await access.shared.liveManager(access.managers, context);
    const view = await viewStack(manager.api, stack, context.signal);
    const convergence = judgeConvergence(view.services, view.tasks, view.nodes, before);
    if (convergence.failed) throw await explainFailures(stack, convergence, manager, context);
    if (convergence.converged) return { done: convergence };
    const waiting = convergence.services.filter(({ converged }) => !converged);
    return { pending: waiting.map(({ line }) => line).join('; ') };
  });
}

async function createObjects(manager: LiveManager, objects: SwarmObject[], context: OperationContext): Promise<void> {
  if (objects.length === 0) return;
  const { signal } = context;
  const [configs, secrets] = await Promise.all([manager.api.configs({}, { signal }), manager.api.secrets({}, { signal })]);
  const existing = { config: configs, secret: secrets };
  for (const object of objects) {
    if (existing[object.kind].some(({ Spec }) => Spec.Name === object.name)) continue;
    context.status(`creating the ${object.kind} ${object.name}`);
    const { name, labels } = object;
    const data = Buffer.from(object.data);
    if (object.kind === 'config') await manager.api.configCreate(name, data, labels, { signal });
    else await manager.api.secretCreate(name, data, labels, { signal });
  }
}

/** Earlier contents of the stack's configs and secrets; those still used by a task are refused by swarm and stay. */
async function removeUnused(
  { api }: LiveManager,
  stack: string,
  objects: SwarmObject[],
  context: OperationContext,
): Promise<void> {
  const { signal } = context;
  const wanted = new Set(objects.map(({ kind, name }) => `${kind} ${name}`));
  const [configs, secrets] = await Promise.all([
    api.configs(stackFilter(stack), { signal }),
    api.secrets(stackFilter(stack), { signal }),
  ]);
  const inUse = (error: unknown): void => {
    if (!String(error).includes('is in use')) throw error;
  };
  for (const { ID, Spec } of configs) {
    if (!wanted.has(`config ${Spec.Name}`)) await api.configRemove(ID, { signal }).catch(inUse);
  }
  for (const { ID, Spec } of secrets) {
    if (!wanted.has(`secret ${Spec.Name}`)) await api.secretRemove(ID, { signal }).catch(inUse);
  }
}
