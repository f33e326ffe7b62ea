/** How long the provider waits for things on machines and in the swarm. */
import { type CheckFailure, type WithUnknowns } from './protocol/resource';
import { UNKNOWN } from './protocol/values';

/** Longest waits, in seconds. */
export interface Limits {
  /** Tasks end on a drained node, and run elsewhere. Docker's own grace period is 10 s; services may ask for more. */
  drainSeconds: number;
  /** A joined or restarted node is Ready, and services have their replicas again. */
  readySeconds: number;
  /** The managers see a node Down that has left: three missed heartbeats, measured 13 s. */
  downSeconds: number;
  /** Another node's turn ends, where nodes are changed one at a time. */
  turnSeconds: number;
  /** Other managers join or leave first. */
  managersSeconds: number;
  /** Packages are downloaded and installed, on a slow board behind a slow line. */
  installSeconds: number;
  /** An engine answers that was started or restarted. */
  engineSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  drainSeconds: 180,
  readySeconds: 180,
  downSeconds: 90,
  turnSeconds: 3600,
  managersSeconds: 900,
  installSeconds: 1800,
  engineSeconds: 120,
};

/** The limits with every default filled in. */
export function withDefaultLimits(limits: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}

/** What is wrong with limits as they were given. */
export function limitFailures(limits: WithUnknowns<Partial<Limits> | undefined>, path = 'limits'): CheckFailure[] {
  if (limits === UNKNOWN || limits === undefined) return [];
  return Object.entries(limits).flatMap(([name, seconds]): CheckFailure[] => {
    const property = `${path}.${name}`;
    if (!(name in DEFAULT_LIMITS)) {
      return [{ property, reason: `there is no such limit; there are ${Object.keys(DEFAULT_LIMITS).join(', ')}` }];
    }
    const good = (seconds as unknown) === UNKNOWN || (typeof seconds === 'number' && seconds > 0);
    return good ? [] : [{ property, reason: 'must be a number of seconds above 0' }];
  });
}
