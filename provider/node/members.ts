/** What is done to members of a swarm through a manager: change one entry, wait for what follows. */
import { isNotFound, type EngineApi } from '../../core/docker/engine-api';
import { type ApiNode, type NodeSpec } from '../../core/docker/types';
import { type OnManager } from '../access';
import { type OperationContext } from '../protocol/resource';
import { changeVersioned } from '../versioned';
import { waitUntil, type Observation } from '../wait';

type Context = Pick<OperationContext, 'signal' | 'status'>;

/** Changes a node's spec; tries again when another change came between reading and writing. */
export async function changeNode(
  on: OnManager,
  nodeId: string,
  { signal }: Context,
  change: (spec: NodeSpec) => NodeSpec,
): Promise<void> {
  await on(({ api }) =>
    changeVersioned(async () => {
      const node = await api.node(nodeId, { signal });
      await api.nodeUpdate(nodeId, node.Version.Index, change(node.Spec), { signal });
    }),
  );
}

/** Waits until no task runs on a node that was drained. */
export async function waitEmpty(
  on: OnManager,
  nodeId: string,
  name: string,
  context: Context,
  limitSeconds: number,
): Promise<void> {
  const wait = {
    machine: name,
    step: 'its tasks to end',
    limitSeconds,
    cure: 'see which tasks stay with `docker node ps`; a stop_grace_period may be too long',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const tasks = await on(({ api }) => api.tasks({ node: [nodeId] }, { signal: context.signal }));
    const running = tasks.filter(({ Status }) => Status.State === 'running' || Status.State === 'starting');
    return running.length === 0 ? { done: true } : { pending: `${running.length} still running` };
  });
}

/** Waits until the manager sees a node in a state. */
export async function waitNodeState(
  on: OnManager,
  nodeId: string,
  name: string,
  wanted: 'ready' | 'down',
  context: Context,
  limitSeconds: number,
): Promise<ApiNode> {
  const wait = {
    machine: name,
    step: `the swarm to see it ${wanted === 'ready' ? 'Ready' : 'Down'}`,
    limitSeconds,
    cure: 'check that 2377/tcp, 7946/tcp+udp and 4789/udp are open between the machines, and `journalctl -u docker` there',
  };
  return waitUntil(wait, context, async (): Promise<Observation<ApiNode>> => {
    const node = await on(({ api }) => findNode(api, nodeId, context));
    if (!node) return { pending: 'not in the list of nodes yet' };
    const reachable = node.ManagerStatus === undefined || node.ManagerStatus.Reachability === 'reachable';
    if (node.Status.State === wanted && (wanted === 'down' || reachable)) return { done: node };
    return { pending: `${node.Status.State}${reachable ? '' : ', not reachable as a manager'}` };
  });
}

/** A node's entry, undefined when there is none. By itself: a list of all costs as much for each of them. */
export async function findNode(
  api: EngineApi,
  nodeId: string,
  { signal }: Pick<Context, 'signal'>,
): Promise<ApiNode | undefined> {
  return api.node(nodeId, { signal }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}
