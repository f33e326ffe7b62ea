/** The two ways from nothing to a working service, timed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { EventLog } from './event-log';
import { type PhaseSeconds } from './figures';
import {
  changeEnvironmentFile,
  environmentFile,
  environmentName,
  labSettings,
  machineNames,
  type LabConfig,
  waitForAnswers,
  writeEnvironmentFile,
} from './lab';
import { run } from './process';
import { isStackDone, madeBy, stepOfEvent, stepOfLine, Stopwatch, type Step } from './progress';
import { pulumi } from './pulumi';
import { UsageWatch } from './usage';

/** Seconds after which one way is given up. */
const LIMIT = 600;

export interface Context {
  root: string;
  signal: AbortSignal;
  say: (message: string) => void;
}

/** Runs by-hand.sh. Its machines stay. */
export async function byHand({ root, signal, say }: Context): Promise<PhaseSeconds> {
  const stopwatch = new Stopwatch();
  await run('bench/by-hand.sh', [], {
    ...{ title: 'the shell script', cwd: root, env: labSettings, limitSeconds: LIMIT, signal },
    onLine: (line) => {
      const step = stepOfLine(line);
      if (step) note(step, stopwatch, say);
    },
  });
  stopwatch.took('returned');
  return stopwatch.result();
}

function note({ phase, what }: Step, stopwatch: Stopwatch, say: (message: string) => void): void {
  stopwatch.took(phase);
  say(`${phase}: ${what} after ${stopwatch.elapsed.toFixed(1)} s`);
}

/** The environment of the benchmark, with a state of its own. */
export class BenchEnvironment {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'bench-'));

  constructor(private readonly context: Context) {}

  async initialize(): Promise<void> {
    writeEnvironmentFile(this.context.root);
    await this.pulumi(['stack', 'init'], 60);
  }

  /** `pulumi up` from nothing. */
  async up(): Promise<{ seconds: PhaseSeconds; providerBytes: number }> {
    const { root, signal, say } = this.context;
    const eventFile = path.join(this.folder, 'events.json');
    const stopwatch = new Stopwatch();
    let usage: UsageWatch | undefined;
    let answers: Promise<void> | undefined;
    const answered = async (): Promise<void> => {
      await waitForAnswers(root, signal);
      note({ phase: 'service', what: 'home' }, stopwatch, say);
    };
    const log = new EventLog(eventFile, (event) => {
      const step = stepOfEvent(event, machineNames);
      if (step) note(step, stopwatch, say);
      if (isStackDone(event)) answers ??= settled(answered());
    });
    try {
      await this.pulumi(['up', '--yes', '--event-log', eventFile], LIMIT, (pid) => (usage = new UsageWatch(pid)));
      stopwatch.took('returned');
    } finally {
      log.close();
      usage?.stop();
    }
    await answers;
    return { seconds: stopwatch.result(), providerBytes: usage?.stop().provider.peakBytes ?? 0 };
  }

  /** A command that is to find nothing to change. @returns seconds */
  async again(args: string[]): Promise<number> {
    return this.pulumi([...args, '--expect-no-changes'], 120);
  }

  /**
   * Changes the environment's file and runs `pulumi up`.
   * @param onMade told the type of each resource that was made @returns seconds
   */
  async change(change: (config: LabConfig) => LabConfig, onMade?: (type: string) => void): Promise<number> {
    changeEnvironmentFile(this.context.root, change);
    const eventFile = path.join(this.folder, 'changes.json');
    const log = new EventLog(eventFile, (event) => {
      const made = madeBy(event);
      if (made) onMade?.(made.type);
    });
    try {
      return await this.pulumi(['up', '--yes', '--skip-preview', '--event-log', eventFile], LIMIT);
    } finally {
      log.close();
    }
  }

  async preview(): Promise<void> {
    await this.pulumi(['preview'], 120);
  }

  /** Forgets state and configuration; the lab is removed apart. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(environmentFile(this.context.root), { force: true });
  }

  private async pulumi(args: string[], limitSeconds: number, onStart?: (pid: number) => void): Promise<number> {
    const options = { environment: environmentName, stateFolder: this.folder, limitSeconds, onStart };
    return pulumi(this.context, args, options);
  }
}

/** A promise that may be awaited later: until then its failure is nobody's. */
function settled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
