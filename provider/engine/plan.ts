/** Decides what has to be done to an engine, without doing it. */
import { isDeepStrictEqual } from 'node:util';
import { type DaemonConfiguration, type MachineFacts } from './facts';

/** Docker from the distribution, with its command line. */
export const DEFAULT_PACKAGES = ['docker.io', 'docker-cli'];

/**
 * Keys that dockerd takes over on SIGHUP, and whether it also does so when the key is taken out of the file; the others
 * keep their old value until a restart. `allow-nondistributable-artifacts` is of Docker up to 27.
 * Sources: Docker documentation, dockerd, "Configuration reload behavior"; moby daemon/reload.go of 26 to 28.
 */
const RELOADABLE_KEYS = new Map<string, { whenRemoved: boolean }>([
  ['allow-nondistributable-artifacts', { whenRemoved: false }],
  ['authorization-plugins', { whenRemoved: true }],
  ['debug', { whenRemoved: false }],
  ['default-runtime', { whenRemoved: false }],
  ['features', { whenRemoved: true }],
  ['insecure-registries', { whenRemoved: false }],
  ['labels', { whenRemoved: false }],
  ['live-restore', { whenRemoved: false }],
  ['max-concurrent-downloads', { whenRemoved: true }],
  ['max-concurrent-uploads', { whenRemoved: true }],
  ['max-download-attempts', { whenRemoved: true }],
  ['registry-mirrors', { whenRemoved: false }],
  ['runtimes', { whenRemoved: false }],
  ['shutdown-timeout', { whenRemoved: false }],
]);

export interface EnginePlan {
  /** Packages have to be installed, or brought to another version. */
  install: boolean;
  /**
   * What has to happen with daemon.json. `write`: the installation, which starts the engine, makes it read the file.
   * `restart`: also where the file is right and the engine doesn't run, or has yet to take it over.
   */
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

/** Whether a changed daemon.json takes a restart of the engine; false too when nothing has changed. */
export function needsRestart(
  wanted: DaemonConfiguration | undefined,
  found: DaemonConfiguration | string | undefined,
): boolean {
  return changedDaemonKeys(wanted, found).some((key) => {
    // dockerd reloads the features, but chooses where images are kept only when it starts.
    if (key === 'features' && snapshotter(wanted) !== snapshotter(found)) return true;
    const reloadable = RELOADABLE_KEYS.get(key);
    return reloadable === undefined || (wanted?.[key] === undefined && !reloadable.whenRemoved);
  });
}

/** What has to be done to make the engine as wanted. A Docker that is there from another source is used as it is. */
export function planEngine(wanted: WantedEngine, facts: MachineFacts): EnginePlan {
  const versions = wanted.packages.map((name) => facts.packages[name]);
  const pinBroken = wanted.version !== undefined && !versions.some((version) => fitsPin(version, wanted.version));
  const install = !facts.hasDocker || pinBroken || facts.unfinishedPackages.length > 0;
  const daemon = daemonAction(wanted.daemon, facts, install);
  const isUp = facts.hasDocker && facts.isRunning;
  return { install, daemon, disruptive: isUp && (install || daemon === 'restart') };
}

function daemonAction(
  wanted: DaemonConfiguration | undefined,
  { daemonFile, hasDocker, isRunning, isRestartDue }: MachineFacts,
  install: boolean,
): EnginePlan['daemon'] {
  const changed = changedDaemonKeys(wanted, daemonFile).length > 0;
  if (install || !hasDocker) return changed ? 'write' : 'keep';
  if (!isRunning || isRestartDue) return 'restart';
  if (!changed) return 'keep';
  return needsRestart(wanted, daemonFile) ? 'restart' : 'reload';
}

function snapshotter(file: DaemonConfiguration | string | undefined): boolean {
  const features = typeof file === 'object' ? file.features : undefined;
  return (features as { 'containerd-snapshotter'?: boolean } | undefined)?.['containerd-snapshotter'] === true;
}
