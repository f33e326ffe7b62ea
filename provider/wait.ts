/** Waiting for something on a machine: always with a limit, a visible reason and, on expiry, what was last seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StepError } from '../core/errors';
import { type OperationContext } from './protocol/resource';

/** What one look found: the thing waited for, or why it isn't there yet. */
export type Observation<T> = { done: T } | { pending: string };

export interface Wait {
  machine: string;
  /** What is waited for, as the end of "waiting for …". */
  step: string;
  /** Seconds after which it is an error. */
  limitSeconds: number;
  /** What the user can do when the limit is over. */
  cure: string;
  /** Milliseconds between two looks. Default 250. */
  intervalMs?: number;
}

/**
 * Looks until the thing is there.
 * @throws StepError when the limit is over, with what was last seen; the signal's reason when cancelled
 */
export async function waitUntil<T>(
  wait: Wait,
  context: Pick<OperationContext, 'signal' | 'status'>,
  look: () => Promise<Observation<T>>,
): Promise<T> {
  const deadline = Date.now() + wait.limitSeconds * 1000;
  let shown = '';
  for (;;) {
    const seen = await look();
    if ('done' in seen) return seen.done;
    if (seen.pending !== shown) context.status(`waiting for ${wait.step}: ${seen.pending}`);
    shown = seen.pending;
    if (Date.now() > deadline) {
      const cause = `not within ${wait.limitSeconds} s; last seen: ${seen.pending}`;
      throw new StepError({ machine: wait.machine, step: `waiting for ${wait.step}`, cause, cure: wait.cure });
    }
    await sleep(wait.intervalMs ?? 250, undefined, { signal: context.signal }).catch(() => {
      throw context.signal.reason;
    });
  }
}
