import { isIPv4 } from 'node:net';
import { type Problem } from './rules';

/** Settings of a whole swarm, as far as rules look at them. */
export interface ClusterSettings {
  autolock?: boolean;
  taskHistoryLimit?: number;
  heartbeatPeriodSeconds?: number;
  certificateExpiryHours?: number;
  snapshotInterval?: number;
  rotateUnlockKey?: string;
  defaultAddressPools?: string[];
  subnetSize?: number;
  dataPathPort?: number;
}

type NumberSetting = {
  [Key in keyof ClusterSettings]-?: NonNullable<ClusterSettings[Key]> extends number ? Key : never;
}[keyof ClusterSettings];

/** The longest duration that the engine can hold: 2^63 - 1 nanoseconds (Go, time.Duration). */
const LONGEST_SECONDS = Math.floor(2 ** 63 / 1e9);
const HOUR_SECONDS = 3600;

/**
 * What the engine takes, both ends included. Zero for heartbeat and snapshots it would take and ignore.
 * Sources: swarmkit, manager/controlapi and ca (certificates); Docker documentation, `docker swarm init`.
 */
const BOUNDS: Record<NumberSetting, [least: number, most: number]> = {
  taskHistoryLimit: [0, 2 ** 31 - 1],
  heartbeatPeriodSeconds: [1, LONGEST_SECONDS],
  certificateExpiryHours: [1, Math.floor(LONGEST_SECONDS / HOUR_SECONDS)],
  snapshotInterval: [1, 2 ** 31 - 1],
  // Each network needs addresses for load balancing besides those of its tasks: 8 are the least.
  subnetSize: [1, 29],
  dataPathPort: [1024, 49151],
};

/** Docker's own subnet size. */
const DEFAULT_SUBNET_SIZE = 24;

/**
 * Every problem of a swarm's settings.
 * @param pathOf where the user wrote a setting
 */
export function checkClusterSettings(
  settings: ClusterSettings,
  pathOf: (setting: keyof ClusterSettings) => string,
): Problem[] {
  const numbers = (Object.keys(BOUNDS) as NumberSetting[]).flatMap((key) => {
    const problem = outOfBounds(settings[key], ...BOUNDS[key]);
    return problem === undefined ? [] : [{ path: pathOf(key), message: problem }];
  });
  const useless = settings.rotateUnlockKey !== undefined && settings.autolock === false;
  const message = 'there is no unlock key without autolock: turn autolock on, or remove this';
  return [
    ...numbers,
    ...(useless ? [{ path: pathOf('rotateUnlockKey'), message }] : []),
    ...checkAddressPools(settings, pathOf('defaultAddressPools')),
  ];
}

function outOfBounds(value: number | undefined, least: number, most: number): string | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return undefined;
  return `${String(value)} is not a whole number from ${least} to ${most}`;
}

/** A range of IPv4 addresses, both ends included. */
interface Pool {
  prefix: number;
  first: number;
  last: number;
}

function checkAddressPools(settings: ClusterSettings, path: string): Problem[] {
  const { defaultAddressPools = [], subnetSize = DEFAULT_SUBNET_SIZE } = settings;
  const seen: { text: string; pool: Pool }[] = [];
  return defaultAddressPools.flatMap((text, index) => {
    const problem = (message: string): Problem[] => [{ path: `${path}[${index}]`, message }];
    const pool = parsePool(text);
    if (!pool) return problem(`${JSON.stringify(text)} is not an IPv4 network such as 10.20.0.0/16`);
    if (pool.prefix > subnetSize) {
      return problem(`${text} is smaller than one of its networks, which have a prefix of /${subnetSize} (subnetSize)`);
    }
    const overlapping = seen.find((other) => pool.first <= other.pool.last && other.pool.first <= pool.last);
    if (overlapping) return problem(`${text} overlaps ${overlapping.text}`);
    seen.push({ text, pool });
    return [];
  });
}

/** Undefined when the text is no network, or its address has bits behind the prefix. */
function parsePool(text: string): Pool | undefined {
  const [address = '', bits = '', ...more] = text.split('/');
  const prefix = Number(bits);
  if (more.length > 0 || !isIPv4(address) || !/^\d{1,2}$/.test(bits) || prefix > 32) return undefined;
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { prefix, first, last: first + size - 1 } : undefined;
}
