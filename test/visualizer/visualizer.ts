import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Builds the visualizer as its image does and returns the path of the program. */
export function buildVisualizer(folder: string): string {
  const program = join(folder, 'visualizer');
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: join(__dirname, '../../stacks/home/visualizer'),
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  return program;
}

/** A visualizer that runs on a free port of this computer. */
export interface RunningVisualizer {
  url: string;
  process: ChildProcess;
}

export async function startVisualizer(program: string, socket: string): Promise<RunningVisualizer> {
  const child = spawn(program, ['-listen', '127.0.0.1:0', '-socket', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /serving on (\S+),/.exec(line)?.[1];
    if (address) return { url: `http://${address}/`, process: child };
  }
  throw new Error('the visualizer ended before it served; see its error above');
}

/** Starts Chromium; as root, and without any traffic of its own. */
export async function startChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `There is no Chromium at ${CHROMIUM}. Install Debian's package chromium (apt-get install chromium), ` +
        'or name another one in the environment variable CHROMIUM.',
    );
  }
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
