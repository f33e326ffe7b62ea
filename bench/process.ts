/** Child processes that are timed, limited in time and never outlive the benchmark. */
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunOptions {
  /** What it is, for messages. */
  title: string;
  cwd?: string;
  /** Additional or changed variables; undefined removes one. */
  env?: Record<string, string | undefined>;
  limitSeconds: number;
  signal?: AbortSignal;
  /** Asks it to end. Default: SIGTERM. */
  endWith?: NodeJS.Signals;
  /** Seconds it gets for that before it's killed with all its descendants. Default: 10 */
  graceSeconds?: number;
  onLine?: (line: string) => void;
  onStart?: (pid: number) => void;
}

/** Lines of output that an error shows. */
const LAST_WORDS = 12;

/**
 * Runs a command in a process group of its own, so that Ctrl-C at the terminal reaches it only through the signal.
 * @returns seconds from start to exit
 * @throws Error with its last words when it fails, takes too long or is interrupted
 */
export async function run(command: string, args: string[], options: RunOptions): Promise<number> {
  const { title, cwd, env, signal } = options;
  signal?.throwIfAborted();
  const begin = performance.now();
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio, detached: true });
  const closed = new Promise<void>((resolve) => child.once('close', resolve));
  const words = readLines(child, options.onLine);
  if (child.pid) options.onStart?.(child.pid);
  const limits = new Limits(child, options);
  try {
    const status = await exitOf(child);
    const seconds = (performance.now() - begin) / 1000;
    // Something it left running may hold the pipes, so this isn't waited for without end.
    await Promise.race([closed, delay(500, undefined, { ref: false })]);
    const cause = limits.broken ?? (status === 0 ? undefined : `ended with ${String(status)}`);
    if (signal?.aborted) throw signal.reason;
    if (cause) throw new Error([`${title} ${cause}`, ...words.slice(-LAST_WORDS)].join('\n  '));
    return seconds;
  } finally {
    limits.lift();
    if (child.pid) kill(-child.pid, 'SIGKILL');
  }
}

/** @returns all lines so far, whenever it's looked at */
function readLines(child: ChildProcessByStdio<null, Readable, Readable>, onLine?: (line: string) => void): string[] {
  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      words.push(line);
      onLine?.(line);
    });
  }
  return words;
}

/** Ends a process when its time is over or the benchmark is interrupted. */
class Limits {
  /** Why it had to be ended. */
  broken?: string;
  private readonly timer: NodeJS.Timeout;
  private readonly interrupt = (): void => {
    this.stop('was interrupted');
  };

  constructor(
    private readonly child: ChildProcess,
    private readonly options: RunOptions,
  ) {
    this.timer = setTimeout(() => {
      this.stop(`has not ended within ${options.limitSeconds} s`);
    }, options.limitSeconds * 1000);
    options.signal?.addEventListener('abort', this.interrupt, { once: true });
  }

  lift(): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.interrupt);
  }

  private stop(why: string): void {
    this.broken ??= why;
    void end(this.child, this.options.endWith ?? 'SIGTERM', this.options.graceSeconds ?? 10);
  }
}

/** @throws Error when it could not be started */
async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? signal);
    });
  });
}

async function end(child: ChildProcess, first: NodeJS.Signals, graceSeconds: number): Promise<void> {
  if (!child.pid || hasEnded(child)) return;
  kill(-child.pid, first);
  await delay(graceSeconds * 1000, undefined, { ref: false });
  if (hasEnded(child)) return;
  // Plugins of Pulumi are in groups of their own.
  for (const pid of [...descendants(child.pid), child.pid]) kill(pid, 'SIGKILL');
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid !== 0) process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The numbers of all processes below one. */
export function descendants(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

/** Each thread of a process has its own children; none when it has ended. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
