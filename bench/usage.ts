/** What the processes behind one `pulumi` command use: processor time and memory, by their part in it. */
import { readFileSync } from 'node:fs';
import { descendants } from './process';

const INTERVAL = 100; // ms
/** Clock ticks per second in /proc, the same on every Linux (proc_pid_stat(5), sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/** The program, the provider `swarm`, and the plugin `command`; all else is the command line's. */
export const roles = ['program', 'provider', 'command'] as const;
export type Role = (typeof roles)[number];

export interface Usage {
  /** User and system time of all processes of the role together. */
  cpuSeconds: number;
  /** The highest resident memory that any of them had. */
  peakBytes: number;
}

const NOTHING: Usage = { cpuSeconds: 0, peakBytes: 0 };

/** Watches all processes below one process. */
export class UsageWatch {
  private readonly seen = new Map<number, Usage & { role: Role }>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => {
      this.look();
    }, INTERVAL);
  }

  stop(): Record<Role, Usage> {
    clearInterval(this.timer);
    const usage = { program: NOTHING, provider: NOTHING, command: NOTHING };
    for (const { role, cpuSeconds, peakBytes } of this.seen.values()) {
      const sum = usage[role];
      usage[role] = {
        cpuSeconds: sum.cpuSeconds + cpuSeconds,
        peakBytes: Math.max(sum.peakBytes, peakBytes),
      };
    }
    return usage;
  }

  /** The kernel keeps both figures, so nothing between two looks is missed, but for the time after the last one. */
  private look(): void {
    for (const pid of descendants(this.pid)) {
      try {
        const role = roleOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        const peak = role && peakBytes(readFileSync(`/proc/${pid}/status`, 'utf8'));
        if (!role || peak === undefined) continue;
        this.seen.set(pid, {
          role,
          peakBytes: peak,
          cpuSeconds: cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
        });
      } catch {
        // It has ended since it was listed.
      }
    }
  }
}

/** @param commandLine of a process, its words separated by NUL characters */
export function roleOf(commandLine: string): Role | undefined {
  if (commandLine.includes('\0provider-swarm\0')) return 'provider';
  if (/\0provider-command\0|pulumi-resource-command/.test(commandLine)) return 'command';
  return /^[^\0]*node\0.*(@pulumi\/pulumi\/cmd\/run|tools\/run-program)/.test(commandLine) ? 'program' : undefined;
}

/** VmHWM of a /proc/<pid>/status file, which is in KiB (proc_pid_status(5)). */
export function peakBytes(status: string): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** utime and stime of a /proc/<pid>/stat file; the name before them may have spaces and parentheses in it. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
