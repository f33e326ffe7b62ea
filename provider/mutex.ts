/** Things of which only one may happen at a time within a run, though Pulumi works on many resources side by side. */

/** A mutual exclusion; those who wait get in in the order they came. */
export class Mutex {
  private busy = false;
  private readonly waiters: (() => void)[] = [];

  /**
   * Runs the work when it is its turn.
   * @throws the signal's reason when it is aborted while waiting
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.acquire(signal);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.busy) {
      this.busy = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.waiters.splice(this.waiters.indexOf(start), 1);
        reject(signal.reason as Error);
      };
      const start = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiters.push(start);
    });
  }

  private release(): void {
    const next = this.waiters.shift();
    if (next) next();
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
