/** Processes that a test has started through others. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kills the provider `swarm` of the Pulumi run that this test process has started. @returns its process id */
export function endProviderOf(ancestor: number): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const provider = processes.find(
    (id) => read(`/proc/${id}/cmdline`).includes('provider-swarm') && descendsFrom(id, ancestor),
  );
  if (provider === undefined) throw new Error('no provider is running');
  process.kill(Number(provider), 'SIGKILL');
  return Number(provider);
}

function descendsFrom(id: string, ancestor: number): boolean {
  for (let at = id; at !== '0' && at !== ''; at = parentOf(at)) {
    if (Number(at) === ancestor) return true;
  }
  return false;
}

function parentOf(id: string): string {
  return /^PPid:\s*(\d+)$/m.exec(read(`/proc/${id}/status`))?.[1] ?? '';
}

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
