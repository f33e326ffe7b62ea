/** Whose turn it is in a roll: a change that goes through a swarm's nodes one at a time. */

/**
 * What decides the order. `unfinished`: an earlier roll stopped there, or its engine doesn't run, so nobody relies on
 * it. Then workers, then managers; the leader is the last of them, as each change of the leader costs an election.
 */
export type TurnRank = 'unfinished' | 'worker' | 'manager';

/**
 * A node of the roll. `expected`: known to need a change, not seen yet. `preparing`: it does what can be done before
 * anything is disturbed. `waiting`: only its turn is missing. `changing`: it is its turn.
 */
export interface TurnTaker {
  name: string;
  /** Of one that is not `waiting`, as far as is known. */
  rank: TurnRank;
  state: 'expected' | 'preparing' | 'waiting' | 'changing';
}

export interface RollProgress {
  /** Whether a turn has been given already. */
  begun: boolean;
  /** Seconds since a node was last seen for the first time. */
  sinceArrival: number;
  /** Seconds since anything last happened: an arrival, or the end of a turn. */
  sinceProgress: number;
}

export type TurnDecision =
  | { kind: 'begin'; name: string }
  /** `seconds`: when to decide anew though nothing has happened. Without it something is under way that will end. */
  | { kind: 'hold'; reason: string; seconds?: number }
  | { kind: 'idle' };

/** Nodes arrive side by side, in any order; after so many seconds without another, the first turn is given. */
export const SETTLE_SECONDS = 1.5;

/**
 * How long nodes are waited for that are known only by expectation: all before the first turn, later those that should
 * go before the next. They may never come: what they depend on has failed, or those who wait hold all the slots of
 * `--parallel`.
 */
export const PATIENCE_SECONDS = 15;

/**
 * Decides who is next. One at a time, lowest rank first, those of one rank in the order of the list; and nobody while
 * a node is still being prepared, as what is refused there shall stop the roll before anything is disturbed.
 * @param leader name of the leader, which goes after the other managers; needed only when it is the managers' turn
 */
export function nextTurn(takers: readonly TurnTaker[], progress: RollProgress, leader?: string): TurnDecision {
  const inState = (state: TurnTaker['state']): TurnTaker[] => takers.filter((taker) => taker.state === state);
  const [changing] = inState('changing');
  if (changing) return { kind: 'hold', reason: `${changing.name} is being changed` };
  const first = inOrder(inState('waiting'), leader)[0];
  if (!first) return { kind: 'idle' };
  const [preparing] = inState('preparing');
  if (preparing) return { kind: 'hold', reason: `${preparing.name} is being prepared` };
  if (progress.sinceArrival < SETTLE_SECONDS) {
    return { kind: 'hold', reason: 'other nodes may come first', seconds: SETTLE_SECONDS - progress.sinceArrival };
  }
  const missing = inState('expected').find(
    (taker) => !progress.begun || orderOf(taker, leader) < orderOf(first, leader),
  );
  if (missing && progress.sinceProgress < PATIENCE_SECONDS) {
    const reason = `${missing.name} has not come yet`;
    return { kind: 'hold', reason, seconds: PATIENCE_SECONDS - progress.sinceProgress };
  }
  return { kind: 'begin', name: first.name };
}

/** How many nodes have their turn before this one, as far as is known; the one whose turn it is now doesn't count. */
export function turnsBefore(takers: readonly TurnTaker[], name: string, leader?: string): number {
  const others = takers.filter((taker) => taker.state !== 'changing' || taker.name === name);
  return inOrder(others, leader).findIndex((taker) => taker.name === name);
}

function inOrder(takers: readonly TurnTaker[], leader: string | undefined): TurnTaker[] {
  return [...takers].sort((one, other) => orderOf(one, leader) - orderOf(other, leader));
}

function orderOf({ name, rank }: TurnTaker, leader: string | undefined): number {
  const order = { unfinished: 0, worker: 1, manager: 2 }[rank];
  return rank === 'manager' && name === leader ? order + 1 : order;
}
