/** Brings a stack to what its compose file says and waits until it runs so. */
import { diffStacks } from '../../core/swarm/compose/diff';
import { type StackModel } from '../../core/swarm/compose/model';
import { type Contents } from '../../core/swarm/compose/objects';
import { renderDeployable } from '../../core/swarm/compose/render';
import { judgeConvergence, type Convergence } from '../../core/swarm/convergence';
import { type Fingerprint } from '../../core/swarm/fingerprint';
import { type Access, type LiveManager, type OnManager, type SwarmTarget } from '../access';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { explainFailures } from './failures';
import { createObjects, removeUnused } from './objects';
import { observeServices, stackFilter, viewStack } from './observe';

export interface Deployment {
  name: string;
  model: StackModel;
  /** What was deployed before, if anything. */
  previous?: StackModel;
  contents: Contents;
  /** Key of the hashes in the names of secrets. */
  nameKey: string;
  limitSeconds: number;
}

/** Milliseconds between two looks at the tasks: the Engine API has no events for them. */
const LOOK_INTERVAL = 400;

/**
 * Without the login's environment: docker fills a variable that the file leaves empty from its own. HOME holds the
 * logins to registries.
 */
const DEPLOY = 'env -i PATH="$PATH" HOME="$HOME" docker stack deploy --prune --with-registry-auth --compose-file -';

/** Seconds for `docker stack deploy` itself, which asks the registry for each image's digest. */
const COMMAND_LIMIT_SECONDS = 180;

/**
 * Deploys and waits for convergence; objects that nothing uses any more are removed last.
 * @returns the services as they run now
 * @throws StepError with the tasks' errors and last log lines when a service can't get there
 */
export async function deploy(
  { name, model, previous, contents, nameKey, limitSeconds }: Deployment,
  manager: LiveManager,
  access: { shared: Access; swarm: SwarmTarget },
  context: OperationContext,
): Promise<Record<string, Fingerprint>> {
  const { compose, objects } = renderDeployable(model, name, contents, nameKey);
  const tasksBefore = await manager.api.tasks(stackFilter(name), { signal: context.signal });
  await createObjects(manager, objects, context);
  if (previous) await prepareChange(name, previous, model, manager, context);
  context.status(`docker stack deploy on ${manager.name}`);
  await manager.ssh.run(`deploying the stack ${name}`, `${DEPLOY} ${name}`, {
    ...{ stdin: compose, timeoutSeconds: COMMAND_LIMIT_SECONDS, signal: context.signal },
  });
  await waitConverged(name, limitSeconds, new Set(tasksBefore.map(({ ID }) => ID)), access, context);
  const live = await access.shared.liveManager(access.swarm, context);
  await removeUnused(live, name, objects, context);
  return observeServices(live.api, name, context.signal);
}

/** Does what `docker stack deploy` can't do by itself, and says what it leaves as it was. */
async function prepareChange(
  stack: string,
  previous: StackModel,
  model: StackModel,
  { api }: LiveManager,
  context: OperationContext,
): Promise<void> {
  const changes = diffStacks(previous, model);
  for (const { path } of changes.filter(({ effect }) => effect === 'notApplied')) {
    context.warn(
      `${path} is not applied: swarm keeps it as it was made. Give it another name, or remove the stack first`,
    );
  }
  const replaced = changes.filter(({ effect }) => effect === 'replacesService').map(({ path }) => path.split('.')[1]);
  const services = replaced.length > 0 ? await api.services(stackFilter(stack), { signal: context.signal }) : [];
  for (const { ID, Spec } of services.filter(({ Spec: { Name } }) => replaced.includes(Name.slice(stack.length + 1)))) {
    context.status(`removing ${Spec.Name}: its mode can only be changed by making it anew`);
    await api.serviceRemove(ID, { signal: context.signal });
  }
}

/** Two good looks in a row are needed: the first after a change of ports alone can still show the time before it. */
async function waitConverged(
  stack: string,
  limitSeconds: number,
  before: ReadonlySet<string>,
  access: { shared: Access; swarm: SwarmTarget },
  context: OperationContext,
): Promise<void> {
  const wait = {
    machine: `stack ${stack}`,
    step: 'its services',
    limitSeconds,
    cure: 'see the tasks with `docker stack ps --no-trunc`, or allow more time with convergeTimeoutSeconds',
    intervalMs: LOOK_INTERVAL,
  };
  let good = 0;
  const on: OnManager = (work) => access.shared.onManager(access.swarm, context, work);
  await waitUntil(wait, context, async (): Promise<Observation<Convergence>> => {
    const view = await on(({ api }) => viewStack(api, stack, context.signal));
    const convergence = judgeConvergence(view.services, view.tasks, view.nodes, before);
    if (convergence.failed) throw await on((manager) => explainFailures(stack, convergence, manager, context));
    good = convergence.converged ? good + 1 : 0;
    if (good === 2) return { done: convergence };
    const waiting = convergence.services.filter(({ converged }) => !converged);
    return { pending: waiting.map(({ line }) => line).join('; ') || 'all converged, looking once more' };
  });
}
