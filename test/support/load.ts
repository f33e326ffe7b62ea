/** A client that asks all the time, as people behind a load balancer do, and counts what becomes of it. */
import * as http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadCount {
  requests: number;
  /** Requests that no node has answered, or whose answer broke off. */
  failed: number;
  /** Attempts that a node didn't answer at all, so that another was asked. */
  detours: number;
  /** Why requests failed, each once. */
  errors: string[];
}

/** Milliseconds without a word after which another node is asked. */
const ANSWER_LIMIT_MS = 2000;

/** A node that did not say a word. It may be down; a load balancer asks the next one. */
class SilentError extends Error {}

/** Asks the given URLs of one service in turn. */
export class Load {
  private readonly count: LoadCount = { requests: 0, failed: 0, detours: 0, errors: [] };
  private readonly running = new Set<Promise<void>>();
  private stopped = false;
  private readonly loop: Promise<void>;

  /** @param intervalMs from the beginning of one request to that of the next */
  constructor(
    private readonly urls: readonly string[],
    intervalMs: number,
  ) {
    this.loop = this.askUntilStopped(intervalMs);
  }

  /** Ends it and waits for what is under way. */
  async stop(): Promise<LoadCount> {
    this.stopped = true;
    await this.loop;
    await Promise.all(this.running);
    return this.count;
  }

  private async askUntilStopped(intervalMs: number): Promise<void> {
    for (let first = 0; !this.stopped; first++) {
      const request = this.ask(first).finally(() => this.running.delete(request));
      this.running.add(request);
      await sleep(intervalMs);
    }
  }

  private async ask(first: number): Promise<void> {
    this.count.requests++;
    const inTurn = this.urls.map((_url, index) => this.urls[(first + index) % this.urls.length] ?? '');
    let last = '';
    for (const url of inTurn) {
      try {
        await get(url);
        return;
      } catch (error) {
        last = `${url}: ${String(error)}`;
        if (!(error instanceof SilentError)) break;
        this.count.detours++;
      }
    }
    this.count.failed++;
    if (!this.count.errors.includes(last)) this.count.errors.push(last);
  }
}

/** Over a connection of its own, as balancing is by connection. */
async function get(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: ANSWER_LIMIT_MS }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200 && response.complete) resolve();
        else reject(new Error(`answered ${String(response.statusCode)}, ${response.complete ? 'whole' : 'cut off'}`));
      });
      response.resume();
    });
    request.on('timeout', () => request.destroy(new SilentError(`silent for ${ANSWER_LIMIT_MS} ms`)));
    // The lab's forwards accept every connection: where nothing listens behind them, they hang up without a word.
    request.on('error', (error) => {
      reject(error instanceof SilentError ? error : new SilentError(error.message));
    });
  });
}
