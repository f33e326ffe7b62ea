/** The resident memory of the provider's process while `pulumi` runs. */
import { readFileSync } from 'node:fs';
import { descendants } from './process';

const INTERVAL = 250; // ms

/** Watches all processes of the provider below one process. */
export class MemoryWatch {
  private readonly peaks = new Map<number, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => {
      this.look();
    }, INTERVAL);
  }

  /** @returns the highest that any of them had, bytes */
  stop(): number {
    clearInterval(this.timer);
    return Math.max(0, ...this.peaks.values());
  }

  /** The kernel keeps the peak, so nothing between two looks is missed, but for the time after the last one. */
  private look(): void {
    for (const pid of descendants(this.pid)) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0provider-swarm\0')) continue;
        const peak = peakBytes(readFileSync(`/proc/${pid}/status`, 'utf8'));
        if (peak !== undefined) this.peaks.set(pid, peak);
      } catch {
        // It has ended since it was listed.
      }
    }
  }
}

/** VmHWM of a /proc/<pid>/status file, which is in KiB (proc_pid_status(5)). */
export function peakBytes(status: string): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
