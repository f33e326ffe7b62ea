/** Starts a simulation as a process of its own, and ends it. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, type Writable } from 'node:stream';
import { type Account, type Announcement } from './main';

export class SimulationProcess {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string, undefined>,
    readonly machines: Announcement['machines'],
    readonly privateKey: string,
  ) {}

  /** @param count of machines */
  static async start(count: number): Promise<SimulationProcess> {
    const main = path.join(__dirname, 'main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, String(count)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { machines, privateKey } = await read<Announcement>(lines);
    return new SimulationProcess(child, lines, machines, privateKey);
  }

  /** What has been asked of it so far. */
  async account(): Promise<Account> {
    this.child.stdin.write('account\n');
    return read<Account>(this.lines);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin.end();
    await ended;
  }
}

async function read<Line>(lines: AsyncIterator<string, undefined>): Promise<Line> {
  const { value } = await lines.next();
  if (value === undefined) throw new Error('the simulation has ended');
  return JSON.parse(value) as Line;
}
