/** Takes a stack off the swarm, so that it could be made anew right after. */
import { type Access, type SwarmTarget } from '../access';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { stackFilter } from './observe';

const REMOVE_LIMIT_SECONDS = 180;

/** Removes services, networks, configs and secrets, and waits until tasks and networks are really gone. */
export async function removeStack(
  access: Access,
  stack: string,
  swarm: SwarmTarget,
  context: OperationContext,
): Promise<void> {
  const manager = await access.liveManager(swarm, context);
  context.status(`docker stack rm on ${manager.name}`);
  await manager.ssh.run(`removing the stack ${stack}`, `docker stack rm ${stack}`, {
    timeoutSeconds: REMOVE_LIMIT_SECONDS,
    signal: context.signal,
  });
  const wait = {
    machine: `stack ${stack}`,
    step: 'its networks and tasks to be gone',
    limitSeconds: REMOVE_LIMIT_SECONDS,
    cure: 'see what is left with `docker stack ps` and `docker network ls`, then run it again',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const { signal } = context;
    const [services, networks] = await access.onManager(swarm, context, ({ api }) =>
      Promise.all([api.services(stackFilter(stack), { signal }), api.networks(stackFilter(stack), { signal })]),
    );
    if (services.length + networks.length === 0) return { done: true };
    return { pending: [...services.map(({ Spec }) => Spec.Name), ...networks.map(({ Name }) => Name)].join(', ') };
  });
}
