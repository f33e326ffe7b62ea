/** What is known of a machine before its engine is touched, and whether it can carry a swarm. */
import script from './facts.sh';
import { StepError } from '../../core/errors';
import { type SshConnection } from '../../core/ssh/connection';

export type DaemonConfiguration = Record<string, unknown>;

export interface MachineFacts {
  kernel: string;
  architecture: string;
  /** `debian 13`, from /etc/os-release. */
  distribution: string;
  hasApt: boolean;
  /** Docker is there, from whatever source. */
  hasDocker: boolean;
  /** Its engine is up. */
  isRunning: boolean;
  /** A change was interrupted before the engine had taken it over. */
  isRestartDue: boolean;
  isRoot: boolean;
  /** Seconds by which the machine's clock is ahead of this computer's. */
  clockAheadSeconds: number;
  diskFreeMegabytes: number;
  /** Kernel features by module name; none when they were not looked for. */
  features: Record<string, 'loaded' | 'available' | 'builtin' | 'missing'>;
  /** Version of each package asked about; absent when it isn't installed. */
  packages: Record<string, string>;
  /** Packages that an interrupted installation left half done. */
  unfinishedPackages: string[];
  /** daemon.json as it is on disk; undefined when there is none, a string when it is no JSON. */
  daemonFile?: DaemonConfiguration | string;
}

/** Runs the script on standard input; all of it is read first, so that no command in it can swallow the rest. */
export const RUN_STDIN = 'sh -c "$(cat)"';

/**
 * Collects the facts in one command.
 * @param withFeatures whether to look for kernel features, which a slow machine takes a second for
 */
export async function collectFacts(
  ssh: Pick<SshConnection, 'run'>,
  packages: string[],
  signal: AbortSignal,
  withFeatures: boolean,
): Promise<MachineFacts> {
  const output = await ssh.run('looking at the machine', RUN_STDIN, {
    stdin: `PACKAGES='${packages.join(' ')}' FEATURES=${withFeatures ? 'yes' : 'no'}\n${script}`,
    timeoutSeconds: 60,
    signal,
  });
  return parseFacts(output, Date.now() / 1000);
}

/**
 * Reads the script's `key=value` lines.
 * @param now seconds since the epoch by this computer's clock
 */
export function parseFacts(output: string, now: number): MachineFacts {
  const values = new Map(output.split('\n').map((line): [string, string] => splitOnce(line, '=')));
  const get = (key: string): string => values.get(key) ?? '';
  const under = (prefix: string): [string, string][] =>
    [...values].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]);
  // `<status> <version>`, or nothing for a package that was never there.
  const packages = under('package.').map(([name, state]): [string, string, string] => [name, ...splitOnce(state, ' ')]);
  const installed = packages.filter(([, status]) => status === 'installed');
  const settled = ['', 'installed', 'not-installed', 'config-files'];
  return {
    kernel: get('kernel'),
    architecture: get('architecture'),
    distribution: get('distribution'),
    hasApt: get('apt') !== '',
    hasDocker: get('dockerd') !== '',
    isRunning: get('running') === 'yes',
    isRestartDue: get('restartDue') !== '',
    isRoot: get('user') === '0',
    clockAheadSeconds: Math.round(Number(get('clock')) - now),
    diskFreeMegabytes: Number(get('diskFreeMegabytes')),
    features: Object.fromEntries(under('feature.')) as MachineFacts['features'],
    packages: Object.fromEntries(installed.map(([name, , version]) => [name, version])),
    unfinishedPackages: packages.filter(([, status]) => !settled.includes(status)).map(([name]) => name),
    daemonFile: parseDaemonFile(get('daemonFile')),
  };
}

function parseDaemonFile(base64: string): DaemonConfiguration | string | undefined {
  if (base64 === '') return undefined;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  try {
    return JSON.parse(text) as DaemonConfiguration;
  } catch {
    return text;
  }
}

function splitOnce(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + separator.length)];
}

/** Why each kernel feature is needed, in the words of what breaks without it. Source: moby `contrib/check-config.sh`. */
const NEEDED_FEATURES: { anyOf: string[]; why: string }[] = [
  { anyOf: ['overlay'], why: "image layers (storage driver 'overlay2')" },
  { anyOf: ['bridge'], why: 'container networks' },
  { anyOf: ['br_netfilter'], why: 'published ports between containers of one machine' },
  { anyOf: ['veth'], why: 'container networks' },
  { anyOf: ['vxlan'], why: 'overlay networks between machines' },
  { anyOf: ['ip_vs'], why: 'the routing mesh and load balancing over replicas' },
  { anyOf: ['nf_conntrack'], why: 'the routing mesh' },
  { anyOf: ['iptable_nat', 'nf_tables'], why: 'published ports' },
];

/** Room that the packages and a first image take. Measured with docker.io 26.1 on Debian 13: 330 MB. */
const NEEDED_DISK_MEGABYTES = 600;

/** Manager certificates and raft heartbeats suffer beyond this. */
const MAX_CLOCK_DIFFERENCE_SECONDS = 30;

/** Every reason why this machine can't carry a swarm node; empty when it can. */
export function preflight(facts: MachineFacts, willInstall: boolean): { cause: string; cure: string }[] {
  const present = (name: string): boolean => ['loaded', 'available', 'builtin'].includes(facts.features[name] ?? '');
  const unasked = Object.keys(facts.features).length === 0;
  const missing = NEEDED_FEATURES.filter(({ anyOf }) => !unasked && !anyOf.some(present));
  const problems = [];
  if (missing.length > 0) {
    const list = missing.map(({ anyOf, why }) => `${anyOf.join(' or ')} (${why})`).join(', ');
    const cure = 'boot a kernel that has them as modules or built in, for instance the distribution’s own';
    problems.push({ cause: `kernel ${facts.kernel} lacks ${list}`, cure });
  }
  if (willInstall && facts.diskFreeMegabytes < NEEDED_DISK_MEGABYTES) {
    const cause = `no space on disk: ${facts.diskFreeMegabytes} MB free under /var/lib, ${NEEDED_DISK_MEGABYTES} MB needed`;
    problems.push({ cause, cure: 'free some space or give the machine a larger disk' });
  }
  if (willInstall && !facts.hasApt) {
    const cause = `${facts.distribution} has no apt-get, and Docker is not installed`;
    problems.push({ cause, cure: 'install Docker by hand; it is used as it is' });
  }
  if (Math.abs(facts.clockAheadSeconds) > MAX_CLOCK_DIFFERENCE_SECONDS) {
    const [seconds, direction] = [Math.abs(facts.clockAheadSeconds), facts.clockAheadSeconds > 0 ? 'ahead' : 'behind'];
    const cause = `its clock is ${seconds} s ${direction} of this computer's`;
    problems.push({ cause, cure: 'set it right, for instance with systemd-timesyncd' });
  }
  return problems;
}

/** @throws StepError with all problems at once */
export function assertPreflight(machine: string, facts: MachineFacts, willInstall: boolean): void {
  const problems = preflight(facts, willInstall);
  if (problems.length === 0) return;
  throw new StepError({
    machine,
    step: 'preflight (nothing was changed)',
    cause: problems.map(({ cause }) => cause).join('; '),
    cure: problems.map(({ cure }) => cure).join('; '),
  });
}
