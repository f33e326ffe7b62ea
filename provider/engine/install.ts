/** Installs Docker's packages on a machine and says what apt is at. */
import { StepError } from '../../core/errors';
import { type SshConnection } from '../../core/ssh/connection';
import { type OperationContext } from '../protocol/resource';
import { RUN_STDIN } from './facts';
import script from './install.sh';

export interface Installation {
  packages: string[];
  /** Pin; default the newest. */
  version?: string;
  /** Seconds for all of it. */
  limitSeconds: number;
}

/**
 * Downloads the packages, so that the installation itself is short. Nothing that is installed is touched.
 * @throws StepError when the version can't be had
 */
export async function downloadPackages(
  ssh: SshConnection,
  installation: Installation,
  context: OperationContext,
): Promise<void> {
  await apt(ssh, 'download', 'downloading Docker (nothing was changed)', installation, context);
}

/**
 * Installs the packages, at a version when one is pinned. Harmless when they are there; goes on where it was interrupted.
 * An engine that was running has been restarted afterwards.
 * @throws StepError with apt's own words and, where the cause is known, a cure
 */
export async function installPackages(
  ssh: SshConnection,
  installation: Installation,
  context: OperationContext,
): Promise<void> {
  await apt(ssh, 'install', 'installing Docker', installation, context);
}

async function apt(
  ssh: SshConnection,
  action: 'download' | 'install',
  step: string,
  { packages, version = '', limitSeconds }: Installation,
  context: OperationContext,
): Promise<void> {
  context.status(`${action === 'download' ? 'downloading' : 'installing'} ${packages.join(', ')}`);
  const { code, stdout, stderr } = await ssh.exec(RUN_STDIN, {
    stdin: `PACKAGES='${packages.join(' ')}' VERSION='${version}' ACTION=${action}\n${script}`,
    timeoutSeconds: limitSeconds,
    signal: context.signal,
    onStdout: (line) => {
      const progress = aptProgress(line);
      if (progress) context.status(progress);
    },
  });
  if (code === 0) return;
  throw new StepError({ machine: ssh.machine, step, ...aptFailure(stdout, stderr) });
}

/** What a line of apt's output means for somebody who waits; undefined when nothing. */
export function aptProgress(line: string): string | undefined {
  const step = /^(Get:\d+|Unpacking|Setting up) .*?([a-z0-9][a-z0-9+.-]+)(?::\w+)? \(?[0-9]/.exec(line);
  if (step?.[1] && step[2]) return `${step[1].startsWith('Get') ? 'downloading' : step[1].toLowerCase()} ${step[2]}`;
  return undefined;
}

/** The cause of a failed installation in apt's own words, and what helps. */
export function aptFailure(stdout: string, stderr: string): { cause: string; cure: string } {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  const isTelling = (line: string): boolean =>
    /^E: |^dpkg: error|No space left|has version|in no repository/.test(line);
  // dpkg gives the reason on the line after its error.
  const telling = lines.filter((line, at) => isTelling(line) || /^dpkg: error .*:$/.test(lines[at - 1] ?? ''));
  // One failure leads to others: the first ones tell most. Without any, the last words are all there is.
  const shown = telling.length > 0 ? [...new Set(telling)].slice(0, 3) : lines.filter(Boolean).slice(-3);
  const cause = shown.join('; ');
  const known = CURES.find(({ pattern }) => pattern.test(cause));
  return {
    cause,
    cure: known?.cure ?? 'see the whole output on the machine: /var/log/apt/term.log; then run it again',
  };
}

const CURES = [
  {
    pattern: /No space left|not have enough free space/i,
    cure: 'free some space or give the machine a larger disk; the next run finishes what dpkg left half done',
  },
  {
    pattern: /has version|in no repository|Unable to locate/,
    cure: 'pin a version that the machine’s repositories offer, or add the repository that has it',
  },
  {
    pattern: /Temporary failure resolving|Could not connect|Unable to fetch|Failed to fetch/,
    cure: 'check the machine’s network, DNS and apt sources',
  },
  { pattern: /lock/, cure: 'another apt is at work on the machine; run it again when that has ended' },
];
