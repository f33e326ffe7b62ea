/** A roll through the nodes of a swarm: Pulumi works on many side by side and in any order, here they take turns. */
import { StepError } from '../core/errors';
import { nextTurn, turnsBefore, type RollProgress, type TurnRank, type TurnTaker } from '../core/swarm/turns';
import { type OperationContext } from './protocol/resource';

type Context = Pick<OperationContext, 'signal' | 'status'>;

/** What preparing a node has shown. */
export interface Prepared {
  rank: TurnRank;
  /** Node id, where it is known. */
  nodeId?: string;
}

export interface Turn<Result> {
  /** Name of the machine. */
  machine: string;
  /** As far as it is known before the preparation. */
  rank: TurnRank;
  /** What is being done, for messages: `changing its engine`. */
  step: string;
  /** How long one other turn may last while this one waits. */
  limitSeconds: number;
  /** What can be done before anything is disturbed. */
  prepare: () => Promise<Prepared>;
  /** The change itself. */
  work: () => Promise<Result>;
  /** Node id of the leader of now. */
  findLeader: () => Promise<string | undefined>;
}

interface Waiter {
  begin: () => void;
  fail: (error: unknown) => void;
  findLeader: Turn<unknown>['findLeader'];
  status: (message: string) => void;
  limit: NodeJS.Timeout;
  rearm: () => void;
}

interface Entry extends TurnTaker {
  nodeId?: string;
  waiter?: Waiter;
}

/** The turns of one run. A failure in anybody's preparation or turn ends the roll: whoever waits fails untouched. */
export class Turns {
  private readonly entries = new Map<string, Entry>();
  private stoppedAt: string | undefined;
  private begun = false;
  private arrivedAt = 0;
  private progressAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private deciding = false;

  /** Announces a node that will need a turn, so that nodes which go after it wait for it a while. */
  expect(name: string, rank: TurnRank): void {
    if (this.entries.has(name)) return;
    this.entries.set(name, { name, rank, state: 'expected' });
    this.noteArrival();
  }

  /** Takes back an announcement: the node needs no turn, or can't be reached. */
  dismiss(name: string): void {
    if (this.entries.get(name)?.state !== 'expected') return;
    this.entries.delete(name);
    void this.decide();
  }

  /**
   * Prepares a node, waits for its turn and does the work in it.
   * @throws what preparation and work throw, and StepError when the roll has stopped elsewhere
   */
  async take<Result>(turn: Turn<Result>, context: Context): Promise<Result> {
    const { machine: name } = turn;
    const entry: Entry = { name, rank: turn.rank, state: 'preparing' };
    this.assertNotStopped(turn);
    this.entries.set(name, entry);
    this.noteArrival();
    try {
      Object.assign(entry, await this.guarded(name, turn.prepare));
      await this.wait(entry, turn, context);
      return await this.guarded(name, turn.work);
    } finally {
      this.leave(name);
    }
  }

  /** Stops the roll when the work fails. */
  private async guarded<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.stop(name);
      throw error;
    }
  }

  private stop(name: string): void {
    this.stoppedAt ??= name;
    for (const { waiter, ...entry } of [...this.entries.values()]) {
      if (entry.state === 'expected') this.entries.delete(entry.name);
      waiter?.fail(undefined);
    }
  }

  private assertNotStopped({ machine, step }: Pick<Turn<unknown>, 'machine' | 'step'>): void {
    if (this.stoppedAt === undefined) return;
    throw new StepError({
      machine,
      step,
      cause: `not begun: the roll stopped at ${this.stoppedAt}`,
      cure: `mend what failed at ${this.stoppedAt} and run it again: it goes on from there`,
    });
  }

  private async wait(entry: Entry, turn: Turn<unknown>, { signal, status }: Context): Promise<void> {
    signal.throwIfAborted();
    this.assertNotStopped(turn);
    const waiting = new Promise<void>((resolve, reject) => {
      const expire = (): void => {
        reject(this.overtime(turn));
      };
      const arm = (): NodeJS.Timeout => setTimeout(expire, turn.limitSeconds * 1000);
      const waiter: Waiter = {
        begin: resolve,
        fail: reject,
        findLeader: turn.findLeader,
        status,
        limit: arm(),
        rearm: () => {
          clearTimeout(waiter.limit);
          waiter.limit = arm();
        },
      };
      entry.waiter = waiter;
    });
    const abort = (): void => entry.waiter?.fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    entry.state = 'waiting';
    void this.decide();
    try {
      await waiting;
    } catch (error) {
      this.assertNotStopped(turn);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(entry.waiter?.limit);
      entry.waiter = undefined;
    }
  }

  private overtime({ machine, step, limitSeconds }: Turn<unknown>): StepError {
    const changing = [...this.entries.values()].find(({ state }) => state === 'changing')?.name;
    return new StepError({
      machine,
      step: `waiting for its turn before ${step}`,
      cause: `nothing went on for ${limitSeconds} s${changing ? `; ${changing} is being changed` : ''}`,
      cure: 'see what that machine is busy with; the limit is limits.turnSeconds',
    });
  }

  private leave(name: string): void {
    this.entries.delete(name);
    this.progressAt = Date.now();
    for (const { waiter } of this.entries.values()) waiter?.rearm();
    void this.decide();
  }

  private noteArrival(): void {
    this.arrivedAt = this.progressAt = Date.now();
    void this.decide();
  }

  /** Gives the next turn if it is time; else shows who waits for what, and looks again later. */
  private async decide(): Promise<void> {
    if (this.deciding) return;
    clearTimeout(this.timer);
    this.deciding = true;
    try {
      const leader = await this.leaderIfNeeded();
      const decision = nextTurn(this.takers(), this.progress(), leader);
      if (decision.kind === 'begin') this.begin(decision.name, leader);
      if (decision.kind === 'hold') this.show(decision.reason, leader);
      if (decision.kind === 'hold' && decision.seconds !== undefined) this.lookAgain(decision.seconds);
    } finally {
      this.deciding = false;
    }
  }

  /** The leader may move with every turn of a manager, so it is asked for only when a manager would be next. */
  private async leaderIfNeeded(): Promise<string | undefined> {
    const decision = nextTurn(this.takers(), this.progress());
    const next = decision.kind === 'begin' ? this.entries.get(decision.name) : undefined;
    if (next?.rank !== 'manager' || !next.waiter) return undefined;
    // Without an answer, the turn's own look at the managers says what is wrong with them.
    const leaderId = await next.waiter.findLeader().catch(() => undefined);
    return [...this.entries.values()].find(({ nodeId }) => nodeId !== undefined && nodeId === leaderId)?.name;
  }

  private begin(name: string, leader: string | undefined): void {
    const entry = this.entries.get(name);
    if (!entry?.waiter) return;
    entry.state = 'changing';
    this.begun = true;
    entry.waiter.begin();
    this.show(`${name} is being changed`, leader);
  }

  private show(reason: string, leader: string | undefined): void {
    for (const { name, state, waiter } of this.entries.values()) {
      if (state !== 'waiting') continue;
      const before = turnsBefore(this.takers(), name, leader);
      waiter?.status(`waiting for its turn: ${reason}, ${before} before this one`);
    }
  }

  private lookAgain(seconds: number): void {
    this.timer = setTimeout(() => void this.decide(), Math.ceil(seconds * 1000));
  }

  private takers(): TurnTaker[] {
    return [...this.entries.values()];
  }

  private progress(): RollProgress {
    const now = Date.now();
    const seconds = { sinceArrival: (now - this.arrivedAt) / 1000, sinceProgress: (now - this.progressAt) / 1000 };
    return { ...seconds, begun: this.begun };
  }
}
