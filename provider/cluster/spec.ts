/** The swarm's settings that can be changed while it runs, and how the Engine API spells them. */
import { isDeepStrictEqual } from 'node:util';
import { type SwarmSpec } from '../../core/docker/types';
import { type PreviewInputs } from '../protocol/resource';
import { UNKNOWN, type Unknown } from '../protocol/values';

export interface ClusterSpec {
  /** Managers need a key to start again after a stop. Default false. */
  autolock?: boolean;
  /** How many ended tasks are kept per slot. Default 5. */
  taskHistoryLimit?: number;
  /** Seconds between two heartbeats of a node. Default 5. */
  heartbeatPeriodSeconds?: number;
  /** Hours that a node's certificate is valid. Default 2160 (90 days), at least 1. */
  certificateExpiryHours?: number;
  /** Raft log entries between two snapshots. Default 10000. */
  snapshotInterval?: number;
}

/** What `docker swarm init` sets. Source: Docker documentation, `docker swarm init` and `docker swarm update`. */
const DEFAULTS: Required<ClusterSpec> = {
  autolock: false,
  taskHistoryLimit: 5,
  heartbeatPeriodSeconds: 5,
  certificateExpiryHours: 2160,
  snapshotInterval: 10000,
};

const NANOSECONDS = 1e9;
const HOUR_SECONDS = 3600;

/** The settings with every default filled in. */
export function withSpecDefaults(spec: PreviewInputs<ClusterSpec> | Unknown | undefined): Required<ClusterSpec> {
  return (spec === UNKNOWN ? UNKNOWN : { ...DEFAULTS, ...spec }) as Required<ClusterSpec>;
}

/** The settings a running swarm has. */
export function fromApi(spec: SwarmSpec): Required<ClusterSpec> {
  return {
    autolock: spec.EncryptionConfig?.AutoLockManagers ?? DEFAULTS.autolock,
    taskHistoryLimit: spec.Orchestration?.TaskHistoryRetentionLimit ?? DEFAULTS.taskHistoryLimit,
    heartbeatPeriodSeconds: (spec.Dispatcher?.HeartbeatPeriod ?? 5 * NANOSECONDS) / NANOSECONDS,
    certificateExpiryHours:
      (spec.CAConfig?.NodeCertExpiry ?? DEFAULTS.certificateExpiryHours * HOUR_SECONDS * NANOSECONDS) /
      (HOUR_SECONDS * NANOSECONDS),
    snapshotInterval: spec.Raft?.SnapshotInterval ?? DEFAULTS.snapshotInterval,
  };
}

/** The whole spec to send for the wanted settings, all else kept; undefined when it is so already. */
export function swarmSpec(current: SwarmSpec, wanted: Required<ClusterSpec>): SwarmSpec | undefined {
  if (isDeepStrictEqual(fromApi(current), wanted)) return undefined;
  return {
    ...current,
    EncryptionConfig: { ...current.EncryptionConfig, AutoLockManagers: wanted.autolock },
    Orchestration: { ...current.Orchestration, TaskHistoryRetentionLimit: wanted.taskHistoryLimit },
    Dispatcher: { ...current.Dispatcher, HeartbeatPeriod: wanted.heartbeatPeriodSeconds * NANOSECONDS },
    CAConfig: {
      ...current.CAConfig,
      NodeCertExpiry: wanted.certificateExpiryHours * HOUR_SECONDS * NANOSECONDS,
    },
    Raft: { ...current.Raft, SnapshotInterval: wanted.snapshotInterval },
  };
}
