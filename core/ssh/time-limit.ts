/** Bounds for whatever waits on a machine. */
import { setMaxListeners } from 'node:events';

/** Limits of one operation. */
export interface Limits {
  /** Ends the wait at once when aborted. */
  signal?: AbortSignal;
  /** Longest wait in seconds; Infinity for none. */
  seconds: number;
}

/** The operation took longer than it may. */
export class TimeLimitError extends Error {
  constructor(readonly seconds: number) {
    super(`no end within ${seconds} s`);
    this.name = 'TimeLimitError';
  }
}

/**
 * Does the work under a time limit and an abort signal. Returns when either of them fires, even when the work itself
 * doesn't heed the signal it is given.
 *
 * Made by hand rather than of AbortSignal.any and AbortSignal.timeout: in Node 20 a signal made of others can be
 * collected as garbage before it fires, and the timer doesn't keep the process alive.
 * @throws TimeLimitError, or the reason of the aborted signal, or what the work throws
 */
export async function within<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  limits.signal?.throwIfAborted();
  const controller = new AbortController();
  const forget = whenAborted(limits.signal, (reason) => {
    controller.abort(reason);
  });
  const timer = Number.isFinite(limits.seconds)
    ? setTimeout(() => {
        controller.abort(new TimeLimitError(limits.seconds));
      }, limits.seconds * 1000)
    : undefined;
  try {
    return await untilAborted(controller.signal, work(controller.signal));
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** Waits for the promise, or throws the signal's reason as soon as it is aborted. */
export function untilAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, reject);
    promise.then(resolve, reject).finally(forget);
  });
}

/**
 * Calls back when the signal is aborted, at once if it is already.
 * @returns ends the interest
 */
export function whenAborted(signal: AbortSignal | undefined, callback: (reason: Error) => void): () => void {
  if (!signal) return () => undefined;
  const listener = (): void => {
    callback(signal.reason as Error);
  };
  if (signal.aborted) listener();
  // One signal cancels all that goes on, which is more than Node thinks normal.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}

/** Waits, but no longer than until the signal is aborted; throws its reason then. */
export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await untilAborted(
      signal,
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, seconds * 1000);
      }),
    );
  } finally {
    clearTimeout(timer);
  }
}
