/** Changes the engine of a machine that may be a member of a swarm, without anybody noticing. */
import { type ApiInfo, type ApiNode } from '../../core/docker/types';
import { StepError } from '../../core/errors';
import { hostnameOf } from '../../core/swarm/nodes';
import { type TurnRank } from '../../core/swarm/turns';
import { type Access, type MachineEndpoint, type ManagerEndpoint, type OnManager, type Reached } from '../access';
import { readUnlockKey, unlockIfLocked } from '../cluster/unlock';
import { type Limits } from '../limits';
import { type OperationContext } from '../protocol/resource';
import { type Turns } from '../turns';
import { waitForEngine } from './answer';
import { drain, giveBack, isMarked, strengthOf } from './drain';

/** A change that stops an engine, or starts one. */
export interface EngineChange {
  machine: MachineEndpoint;
  /** All managers of the environment. */
  managers: ManagerEndpoint[];
  limits: Limits;
  isRunning: boolean;
  /** All that can be done and found out before anything is disturbed. */
  prepare: () => Promise<void>;
  change: () => Promise<void>;
}

/** A machine's place in the swarm. */
interface Place {
  nodeId: string;
  rank: TurnRank;
}

/** Rolls changes of engines through the swarm; one for all of a run. */
export class EngineRoll {
  constructor(
    private readonly access: Access,
    private readonly turns: Turns,
  ) {}

  /**
   * Makes a change that stops the machine's containers. A member of a swarm takes its turn, is drained, and gets its
   * availability back when it is Ready again and services are as they were; below quorum nothing is begun.
   * @throws StepError; a failure leaves the node drained and marked, and the nodes after it untouched
   */
  async change(change: EngineChange, context: OperationContext): Promise<void> {
    const place = await this.placeOf(change, context);
    if (!place) {
      await change.prepare();
      await change.change();
      if (!change.isRunning) await this.finish(change, context);
      return;
    }
    const prepare = async (): Promise<Place> => {
      await change.prepare();
      return place;
    };
    await this.inTurn(change, place.rank, prepare, context, () => this.changeMember(change, place, context));
  }

  /** Gives a node the availability back that an interrupted change left on it. */
  async finish(change: Omit<EngineChange, 'prepare' | 'change'>, context: OperationContext): Promise<void> {
    const { machine, managers, limits } = change;
    const { info } = await waitForEngine(this.access, machine, limits.engineSeconds, context);
    if (info.Swarm.LocalNodeState !== 'active' || managers.length === 0) return;
    // Without a manager, or as a member of another swarm, it can't have been this environment that drained it.
    const node = await this.lookUp(managers, context, ({ ID }) => ID === info.Swarm.NodeID);
    if (!node || !isMarked(node)) return;
    const place: Place = { nodeId: node.ID, rank: 'unfinished' };
    await this.inTurn(
      change,
      place.rank,
      () => Promise.resolve(place),
      context,
      async () => {
        const on = this.onOthers(change, context);
        await giveBack(on, node.ID, machine.name, await strengthOf(on, context), limits, context);
      },
    );
  }

  private async inTurn(
    change: Pick<EngineChange, 'machine' | 'managers' | 'limits'>,
    rank: TurnRank,
    prepare: () => Promise<Place>,
    context: OperationContext,
    work: () => Promise<void>,
  ): Promise<void> {
    const { machine, managers, limits } = change;
    const findLeader = async (): Promise<string | undefined> =>
      (await this.lookUp(managers, context, ({ ManagerStatus }) => ManagerStatus?.Leader === true))?.ID;
    const turn = { machine: machine.name, rank, step: 'changing its engine', limitSeconds: limits.turnSeconds };
    await this.turns.take({ ...turn, prepare, work, findLeader }, context);
  }

  private async changeMember(change: EngineChange, { nodeId }: Place, context: OperationContext): Promise<void> {
    const { machine, limits, isRunning } = change;
    const on = this.onOthers(change, context);
    const atStrength = await strengthOf(on, context);
    if (isRunning) await drain(on, nodeId, machine.name, atStrength, limits, context);
    const key = await on((manager) => readUnlockKey(manager, context));
    await change.change();
    context.status('waiting for the engine to be back in the swarm');
    const isBack = async (info: ApiInfo, engine: Reached): Promise<boolean> => {
      if (key !== undefined) await unlockIfLocked(engine, key, context);
      return ['active', 'inactive'].includes(info.Swarm.LocalNodeState);
    };
    const { info } = await waitForEngine(this.access, machine, limits.engineSeconds, context, isBack);
    // One that was removed from the swarm while it was down joins anew, which is not the engine's business.
    if (info.Swarm.LocalNodeState !== 'active' || info.Swarm.NodeID !== nodeId) return;
    await giveBack(on, nodeId, machine.name, atStrength, limits, context);
  }

  /** Where the machine is in the swarm; undefined when it is in none. */
  private async placeOf(change: EngineChange, context: OperationContext): Promise<Place | undefined> {
    const { machine, managers, isRunning } = change;
    const swarm = isRunning ? await this.localSwarm(machine, context) : undefined;
    if (swarm?.LocalNodeState === 'inactive' || swarm?.LocalNodeState === '') return undefined;
    if (!swarm?.NodeID || swarm.LocalNodeState === 'locked') {
      // An engine that is down or locked can't say its node id; for a place in the order the name does.
      const namesake = await this.lookUp(managers, context, (entry) => hostnameOf(entry) === machine.name);
      return namesake && { nodeId: namesake.ID, rank: 'unfinished' };
    }
    const on = this.onOthers(change, context);
    const nodes = await on(({ api }) => api.nodes({}, { signal: context.signal }));
    const node = nodes.find(({ ID }) => ID === swarm.NodeID);
    if (!node) throw strangeMember(machine.name);
    if (isMarked(node) || swarm.LocalNodeState !== 'active') return { nodeId: node.ID, rank: 'unfinished' };
    return { nodeId: node.ID, rank: node.ManagerStatus ? 'manager' : 'worker' };
  }

  private async localSwarm(machine: MachineEndpoint, context: OperationContext): Promise<ApiInfo['Swarm']> {
    const { api } = await this.access.reach(machine, context);
    return (await api.info({ signal: context.signal })).Swarm;
  }

  private onOthers(
    { machine, managers }: Pick<EngineChange, 'machine' | 'managers'>,
    context: OperationContext,
  ): OnManager {
    return (work) => this.access.onManager({ managers }, context, work, machine.name);
  }

  /** A node that some manager knows; undefined when there is none, or no manager answers. */
  private async lookUp(
    managers: ManagerEndpoint[],
    context: OperationContext,
    isWanted: (node: ApiNode) => boolean,
  ): Promise<ApiNode | undefined> {
    if (managers.length === 0) return undefined;
    const manager = await this.access.liveManager({ managers }, context).catch(() => undefined);
    return (await manager?.api.nodes({}, { signal: context.signal }))?.find(isWanted);
  }
}

function strangeMember(machine: string): StepError {
  return new StepError({
    machine,
    step: 'changing its engine',
    cause: 'it is a member of a swarm that the managers of this environment don’t know it in',
    cure: `docker swarm leave --force on ${machine}, if it isn't needed in that other swarm`,
  });
}
