/** daemon.json of a machine: checked by its dockerd, put in place, taken over. */
import { StepError } from '../../core/errors';
import { type SshConnection } from '../../core/ssh/connection';
import { type OperationContext } from '../protocol/resource';
import daemonScript from './daemon.sh';
import { type DaemonConfiguration } from './facts';
import { type EnginePlan } from './plan';

/** Seconds for dockerd to look at a file, on a slow machine. */
const VALIDATE_SECONDS = 60;

/**
 * Has dockerd look at a file before anything is touched: the one that is about to be installed, else the one in use.
 * @throws StepError with dockerd's complaint, which names the key
 */
export async function validateDaemonFile(
  ssh: SshConnection,
  daemon: DaemonConfiguration,
  context: OperationContext,
): Promise<void> {
  context.status('checking daemon.json');
  const { code, stderr } = await ssh.exec(command('validate'), {
    stdin: render(daemon),
    timeoutSeconds: VALIDATE_SECONDS,
    signal: context.signal,
  });
  if (code === 0) return;
  throw new StepError({
    machine: ssh.machine,
    step: 'checking daemon.json (nothing was changed)',
    cause: dockerdComplaint(stderr),
    cure: 'mend engine.daemon in the environment file: see the reference of dockerd for the version that is to run',
  });
}

/** Puts daemon.json in place, if one is wanted, and does with the engine what the plan says. */
export async function applyDaemonFile(
  ssh: SshConnection,
  action: Exclude<EnginePlan['daemon'], 'keep'>,
  daemon: DaemonConfiguration | undefined,
  limitSeconds: number,
  context: OperationContext,
): Promise<void> {
  context.status(
    { write: 'writing daemon.json', reload: 'reloading daemon.json', restart: 'restarting Docker' }[action],
  );
  const { code, stderr } = await ssh.exec(command(action), {
    stdin: daemon === undefined ? '' : render(daemon),
    timeoutSeconds: limitSeconds,
    signal: context.signal,
  });
  if (code === 0) return;
  throw new StepError({
    machine: ssh.machine,
    step: action === 'restart' ? 'restarting Docker' : 'changing daemon.json',
    cause: stderr,
    cure: 'see why on the machine: journalctl -u docker --no-pager -n 50; then run it again, it goes on from there',
  });
}

/** What dockerd says of a file it refuses, without the file's temporary name and the values of conflicting keys. */
export function dockerdComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const complaint = lines.find((line) => line.includes('unable to configure the Docker daemon')) ?? lines.join('; ');
  return complaint
    .replace(/^.*unable to configure the Docker daemon with file \S+: /, 'dockerd refuses it: ')
    .replace(/: \(from flag: [^)]*, from file: [^)]*\)/g, '');
}

function command(action: string): string {
  return `ACTION=${action} sh -c '${daemonScript.replaceAll("'", `'\\''`)}'`;
}

function render(daemon: DaemonConfiguration): string {
  return `${JSON.stringify(daemon, undefined, 2)}\n`;
}
