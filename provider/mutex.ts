/** Things of which only one may happen at a time within a run, though Pulumi works on many resources side by side. */
interface Waiter {
  /** Waiters with a lower rank go first; those of one rank in the order they came. */
  rank: number;
  start: () => void;
}

/** A mutual exclusion with an order among those who wait. */
export class Mutex {
  private busy = false;
  private readonly waiters: Waiter[] = [];

  /**
   * Runs the work when it is its turn.
   * @param rank lower goes first among those waiting. Default 0
   * @throws the signal's reason when it is aborted while waiting
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>, rank = 0): Promise<T> {
    await this.acquire(signal, rank);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private acquire(signal: AbortSignal, rank: number): Promise<void> {
    signal.throwIfAborted();
    if (!this.busy) {
      this.busy = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        rank,
        start: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      const later = this.waiters.findIndex((other) => other.rank > rank);
      this.waiters.splice(later === -1 ? this.waiters.length : later, 0, waiter);
    });
  }

  private release(): void {
    const next = this.waiters.shift();
    if (next) next.start();
    else this.busy = false;
  }
}

/** One {@link Mutex} for each key. */
export class Mutexes {
  private readonly byKey = new Map<string, Mutex>();

  get(key: string): Mutex {
    const mutex = this.byKey.get(key) ?? new Mutex();
    this.byKey.set(key, mutex);
    return mutex;
  }
}
