/** How the resources reach machines: one SSH connection per machine for the whole run, the Engine API through it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, EngineApi, isLocked } from '../core/docker/engine-api';
import { type ApiSwarm } from '../core/docker/types';
import { isConnectionFailure, messageOf, StepError, type FailureParts } from '../core/errors';
import { ConnectionPool, type Connection, type SshConnection } from '../core/ssh/connection';
import { Mutexes } from './mutex';
import { type OperationContext } from './protocol/resource';
import { Run } from './run';

/** A machine of the environment and how to reach it. */
export interface MachineEndpoint {
  name: string;
  connection: Connection;
}

/** A manager of the environment. Everything that needs a manager is given all of them, and uses one that works. */
export interface ManagerEndpoint extends MachineEndpoint {
  /** Advertise address. */
  address: string;
}

/** A swarm by its managers, and by its id where that is known: a manager of any other swarm is none of them. */
export interface SwarmTarget {
  managers: ManagerEndpoint[];
  clusterId?: string;
}

/** A machine with its engine at hand. */
export interface Reached {
  name: string;
  ssh: SshConnection;
  api: EngineApi;
}

/** A manager that answers and has quorum, and the swarm as it sees it. */
export interface LiveManager extends Reached {
  swarm: ApiSwarm;
}

/** Milliseconds after which the other managers are asked as well; an answer takes some 20 ms on a local network. */
const HEAD_START_MS = 1000;

/** An election takes 12 to 14 s (measured). */
const MANAGER_PATIENCE_MS = 30_000;
const MANAGER_RETRY_MS = 500;

/** Runs work that may be repeated on whichever manager works; see {@link Access.onManager}. */
export type OnManager = <T>(work: (manager: LiveManager) => Promise<T>) => Promise<T>;

type Context = Pick<OperationContext, 'signal' | 'status'>;

/** Shared by all resources of one provider process. */
export class Access {
  /** For things that may happen to one swarm only one at a time. */
  readonly mutexes = new Mutexes();
  readonly run = new Run();
  /** Names of the machines whose kernels have been found fit in this run. */
  readonly fitKernels = new Set<string>();
  private readonly pool = new ConnectionPool();
  /** Name of the manager that answered last. */
  private lastManager: string | undefined;

  async ssh({ name, connection }: MachineEndpoint, context: Context): Promise<SshConnection> {
    return this.pool.get(name, connection, {
      signal: context.signal,
      onRetry: (message) => {
        context.status(message);
      },
    });
  }

  async reach(machine: MachineEndpoint, context: Context): Promise<Reached> {
    const ssh = await this.ssh(machine, context);
    return { name: machine.name, ssh, api: new EngineApi(ssh) };
  }

  /**
   * Runs work that may be repeated on a manager; when that one stops being a manager meanwhile, on another. Elections,
   * and managers that come and go, are waited out for {@link MANAGER_PATIENCE_MS}.
   * @param avoid name of a manager to ask last, as it is about to leave
   */
  async onManager<T>(
    swarm: SwarmTarget,
    context: Context,
    work: (manager: LiveManager) => Promise<T>,
    avoid?: string,
  ): Promise<T> {
    const deadline = Date.now() + MANAGER_PATIENCE_MS;
    for (;;) {
      try {
        return await work(await this.findManager(swarm, context, avoid));
      } catch (error) {
        context.signal.throwIfAborted();
        if (!mayComeBack(error) || Date.now() > deadline) throw error;
        context.status('waiting for a manager that answers and has quorum');
        await sleep(MANAGER_RETRY_MS);
      }
    }
  }

  private async findManager(swarm: SwarmTarget, context: Context, avoid?: string): Promise<LiveManager> {
    const managers = this.managersOf(swarm);
    const others = managers.filter(({ name }) => name !== avoid);
    if (others.length === 0 || others.length === managers.length) return this.liveManager(swarm, context);
    return this.askManagers(others, swarm.clusterId, context).catch(() => this.liveManager(swarm, context));
  }

  /** Those given, and the others of this run: what is removed knows only those of before, what is new only the new. */
  private managersOf({ managers, clusterId }: SwarmTarget): ManagerEndpoint[] {
    const byName = new Map(this.run.knownManagers(clusterId).map((manager) => [manager.name, manager]));
    for (const { name } of managers) byName.delete(name);
    return [...managers, ...byName.values()];
  }

  /**
   * A manager that answers and has quorum: the one that did so last time, and when it is slow or silent, whichever of
   * the others answers first, so that a dead one costs no more than {@link HEAD_START_MS}.
   * @throws StepError with each manager's cause when there is none
   */
  async liveManager(swarm: SwarmTarget, context: Context): Promise<LiveManager> {
    return this.askManagers(this.managersOf(swarm), swarm.clusterId, context);
  }

  private async askManagers(
    managers: ManagerEndpoint[],
    clusterId: string | undefined,
    context: Context,
  ): Promise<LiveManager> {
    const favourite = managers.find(({ name }) => name === this.lastManager) ?? managers[0];
    const others = managers.filter((manager) => manager !== favourite);
    const first = favourite
      ? this.askManager(favourite, clusterId, context)
      : Promise.reject(new Error('there is no manager'));
    const hurry = Promise.race([first.catch(() => undefined), sleep(HEAD_START_MS)]);
    const rest = others.map(async (manager) => {
      if ((await hurry) !== undefined) throw new Error('not needed');
      return this.askManager(manager, clusterId, context);
    });
    try {
      const live = await Promise.any([first, ...rest]);
      this.lastManager = live.name;
      return live;
    } catch (error) {
      context.signal.throwIfAborted();
      const errors = error instanceof AggregateError ? error.errors : [error];
      throw new NoManager([...(favourite ? [favourite] : []), ...others], errors);
    }
  }

  private async askManager(
    manager: ManagerEndpoint,
    clusterId: string | undefined,
    context: Context,
  ): Promise<LiveManager> {
    const reached = await this.reach(manager, context);
    const swarm = await reached.api.swarmInspect({ signal: context.signal });
    if (clusterId !== undefined && swarm.ID !== clusterId) throw foreignManager(manager.name, swarm.ID, clusterId);
    return { ...reached, swarm };
  }

  /** Whether the swarm has ended: every manager says so itself, as a silent one may still hold it. */
  async hasEnded(swarm: SwarmTarget, context: Context): Promise<boolean> {
    const isAlive = await this.liveManager(swarm, context).then(
      () => true,
      () => false,
    );
    if (isAlive) return false;
    const states = this.managersOf(swarm).map(async (manager) => {
      const { api } = await this.reach(manager, context);
      return (await api.info({ signal: context.signal })).Swarm.LocalNodeState;
    });
    const answers = await Promise.allSettled(states);
    return answers.every((answer) => answer.status === 'fulfilled' && answer.value === 'inactive');
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

/** A manager that has been demoted, or whose group is electing a leader, answers with an error of the server. */
function isManagerLost(error: unknown): boolean {
  return isConnectionFailure(error) || isServerError(error);
}

function isServerError(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 500;
}

function foreignManager(machine: string, found: string, wanted: string): StepError {
  return new StepError({
    machine,
    step: 'looking for a manager',
    cause: `it is a manager of the swarm ${found}, not of ${wanted}`,
    cure: 'run `pulumi refresh`, so that the state follows what is there',
  });
}

/** No manager answers and has quorum. */
class NoManager extends StepError {
  /** Whether waiting may help: of a swarm whose managers are all locked, nothing will come by itself. */
  readonly mayComeBack: boolean;

  constructor(managers: ManagerEndpoint[], errors: unknown[]) {
    const causes = errors.map((error, index) => {
      const cause = error instanceof StepError ? error.parts.cause : messageOf(error);
      return `${managers[index]?.name ?? '?'}: ${cause.split('\n')[0] ?? ''}`;
    });
    super({
      machine: managers.map(({ name }) => name).join(', '),
      step: 'looking for a manager that answers and has quorum',
      ...whyNone(errors),
      cause: causes.join('; '),
    });
    const others = errors.filter((error) => !isLocked(error));
    this.mayComeBack = others.some(others.length < errors.length ? isServerError : isManagerLost);
  }
}

function whyNone(errors: unknown[]): Pick<FailureParts, 'kind' | 'cure'> {
  if (errors.some(isLocked)) return { kind: 'locked', cure: 'unlock the managers: pulumi up --refresh' };
  const cure = 'start the managers that are down; a majority of them is needed';
  return { kind: errors.some(isManagerLost) ? 'unreachable' : 'failed', cure };
}

function mayComeBack(error: unknown): boolean {
  return error instanceof NoManager ? error.mayComeBack : isManagerLost(error);
}
