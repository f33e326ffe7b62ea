/** Decides what has to be done to an engine, without doing it. */
import { isDeepStrictEqual } from 'node:util';
import { type DaemonConfiguration, type MachineFacts } from './facts';

/** Docker from the distribution, with its command line. */
export const DEFAULT_PACKAGES = ['docker.io', 'docker-cli'];

/** Keys that dockerd takes over on SIGHUP. Source: Docker documentation, dockerd, "Configuration reload behavior". */
const RELOADABLE_KEYS = new Set([
  'authorization-plugins',
  'debug',
  'default-runtime',
  'features',
  'insecure-registries',
  'labels',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'registry-mirrors',
  'runtimes',
  'shutdown-timeout',
]);

export interface EnginePlan {
  /** Packages have to be installed, or brought to another version. */
  install: boolean;
  /** What has to happen with daemon.json. `write`: no engine runs yet, it will start with it. */
  daemon: 'keep' | 'write' | 'reload' | 'restart';
  /** Containers on the machine will stop: a member of a swarm has to be drained first. */
  disruptive: boolean;
}

export interface WantedEngine {
  packages: string[];
  version?: string;
  daemon?: DaemonConfiguration;
}

/** Whether the installed package version fits the pin: the same, or the pin is its beginning up to a non-digit. */
export function fitsPin(installed: string | undefined, pin: string | undefined): boolean {
  if (pin === undefined || pin === '') return true;
  return installed?.startsWith(pin) === true && !/^\d/.test(installed.slice(pin.length));
}

/** Keys of daemon.json that differ. */
export function changedDaemonKeys(
  wanted: DaemonConfiguration | undefined,
  found: DaemonConfiguration | string | undefined,
): string[] {
  if (wanted === undefined) return [];
  if (typeof found === 'string') return ['(not valid JSON)'];
  const keys = new Set([...Object.keys(wanted), ...Object.keys(found ?? {})]);
  return [...keys].filter((key) => !isDeepStrictEqual(wanted[key], found?.[key])).sort();
}

/** What has to be done to make the engine as wanted. A Docker that is there from another source is used as it is. */
export function planEngine(wanted: WantedEngine, facts: MachineFacts): EnginePlan {
  const versions = wanted.packages.map((name) => facts.packages[name]);
  const pinBroken = wanted.version !== undefined && !versions.some((version) => fitsPin(version, wanted.version));
  const install = !facts.hasDocker || pinBroken;
  const changed = changedDaemonKeys(wanted.daemon, facts.daemonFile);
  const daemon = daemonAction(changed, facts.hasDocker);
  return { install, daemon, disruptive: facts.hasDocker && (install || daemon === 'restart') };
}

function daemonAction(changedKeys: string[], hasDocker: boolean): EnginePlan['daemon'] {
  if (changedKeys.length === 0) return 'keep';
  if (!hasDocker) return 'write';
  return changedKeys.every((key) => RELOADABLE_KEYS.has(key)) ? 'reload' : 'restart';
}
