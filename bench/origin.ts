/** The computer that the figures come from. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { type Origin } from './figures';

export function originNow(): Origin {
  const processors = cpus();
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGigabytes: totalmem() / 1e9,
    kernel: release(),
    pulumi: execFileSync('pulumi', ['version'], { encoding: 'utf8' }).trim(),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}
