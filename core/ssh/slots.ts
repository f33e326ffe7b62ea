import { whenAborted } from './time-limit';

/** A number of places, and a queue of those who wait for one. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /**
   * Waits for a place.
   * @returns gives the place back; calling it again does nothing
   * @throws the signal's reason when it is aborted before a place is free
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.free > 0) this.free--;
    else await this.queue(signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    };
  }

  private queue(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        forget();
        resolve();
      };
      this.waiting.push(enter);
      const forget = whenAborted(signal, (reason) => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(reason);
      });
    });
  }
}
