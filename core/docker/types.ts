/**
 * Answers and requests of the Docker Engine API, as far as the project uses them, in the API's own spelling.
 * Source: Docker Engine API reference, version 1.45 (docs.docker.com/reference/api/engine).
 */

/** Durations in the API are nanoseconds. */
export const NANOSECONDS_PER_SECOND = 1e9;

export interface ApiVersion {
  /** Of the engine, `26.1.5+dfsg1`. */
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
}

export interface ApiInfo {
  ID: string;
  /** Host name. */
  Name: string;
  ServerVersion: string;
  /** Storage driver. */
  Driver: string;
  DockerRootDir: string;
  Architecture: string;
  OperatingSystem: string;
  KernelVersion: string;
  CgroupVersion?: string;
  NCPU: number;
  /** Bytes. */
  MemTotal: number;
  ContainersRunning: number;
  LiveRestoreEnabled: boolean;
  Warnings: string[] | null;
  Swarm: ApiSwarmInfo;
}

/** What an engine knows of its own place in a swarm. */
export interface ApiSwarmInfo {
  /** Empty outside of a swarm. */
  NodeID: string;
  NodeAddr: string;
  LocalNodeState: '' | 'inactive' | 'pending' | 'active' | 'error' | 'locked';
  /** Whether it is a manager. */
  ControlAvailable: boolean;
  Error: string;
  RemoteManagers: { NodeID: string; Addr: string }[] | null;
  /** The rest only on a manager that has quorum. */
  Nodes?: number;
  Managers?: number;
  Cluster?: { ID: string; CreatedAt: string } | null;
}

/** Given along with an update, so that it doesn't overwrite someone else's. */
export interface ObjectVersion {
  Index: number;
}

export interface SwarmSpec {
  Name?: string;
  Labels?: Record<string, string> | null;
  Orchestration?: { TaskHistoryRetentionLimit?: number };
  Raft?: {
    SnapshotInterval?: number;
    KeepOldSnapshots?: number;
    LogEntriesForSlowFollowers?: number;
    ElectionTick?: number;
    HeartbeatTick?: number;
  };
  Dispatcher?: { HeartbeatPeriod?: number };
  CAConfig?: { NodeCertExpiry?: number; ExternalCAs?: unknown[]; ForceRotate?: number };
  EncryptionConfig?: { AutoLockManagers?: boolean };
  TaskDefaults?: object;
}

export interface ApiSwarm {
  ID: string;
  Version: ObjectVersion;
  CreatedAt: string;
  Spec: SwarmSpec;
  DefaultAddrPool?: string[] | null;
  SubnetSize?: number;
  DataPathPort?: number;
  RootRotationInProgress?: boolean;
  /** Secret: who has one can join. */
  JoinTokens: { Worker: string; Manager: string };
}

export interface NodeSpec {
  Name?: string;
  Role: 'manager' | 'worker';
  Availability: 'active' | 'pause' | 'drain';
  Labels?: Record<string, string> | null;
}

export interface ApiNode {
  ID: string;
  Version: ObjectVersion;
  CreatedAt: string;
  Spec: NodeSpec;
  Description: {
    Hostname: string;
    Platform: { Architecture: string; OS: string };
    Engine: { EngineVersion: string };
  };
  Status: { State: 'unknown' | 'down' | 'ready' | 'disconnected'; Message?: string; Addr: string };
  /** Only of managers. */
  ManagerStatus?: { Leader?: boolean; Reachability: 'unknown' | 'unreachable' | 'reachable'; Addr: string };
}

export interface ApiMount {
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
}

export interface ContainerSpec {
  Image: string;
  Command?: string[];
  Args?: string[];
  Env?: string[];
  Labels?: Record<string, string>;
  Mounts?: ApiMount[];
  Secrets?: { SecretID: string; SecretName: string; File?: object }[];
  Configs?: { ConfigID: string; ConfigName: string; File?: object }[];
  [more: string]: unknown;
}

export interface TaskSpec {
  ContainerSpec?: ContainerSpec;
  Resources?: object;
  RestartPolicy?: object;
  Placement?: { Constraints?: string[]; [more: string]: unknown };
  Networks?: { Target: string; Aliases?: string[] }[];
  ForceUpdate?: number;
  [more: string]: unknown;
}

export interface ServiceMode {
  Replicated?: { Replicas?: number };
  Global?: object;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: object;
}

export interface ApiPort {
  Protocol: 'tcp' | 'udp' | 'sctp';
  TargetPort: number;
  PublishedPort?: number;
  PublishMode?: 'ingress' | 'host';
}

export interface ServiceSpec {
  Name: string;
  Labels?: Record<string, string>;
  TaskTemplate: TaskSpec;
  Mode: ServiceMode;
  UpdateConfig?: object;
  RollbackConfig?: object;
  EndpointSpec?: { Mode?: string; Ports?: ApiPort[] };
}

export interface ApiService {
  ID: string;
  Version: ObjectVersion;
  CreatedAt: string;
  UpdatedAt: string;
  Spec: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint?: { Ports?: ApiPort[] };
  UpdateStatus?: { State: string; StartedAt?: string; CompletedAt?: string; Message?: string };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks?: number };
}

export interface ApiTask {
  ID: string;
  CreatedAt: string;
  UpdatedAt: string;
  ServiceID: string;
  /** Absent until the task has been given to a node. */
  NodeID?: string;
  /** Number of the replica, from 1; absent for global services. */
  Slot?: number;
  Spec: TaskSpec;
  DesiredState: string;
  Status: {
    Timestamp: string;
    State: string;
    Message?: string;
    Err?: string;
    ContainerStatus?: { ContainerID?: string; ExitCode?: number };
  };
}

export interface ApiNetwork {
  Id: string;
  Name: string;
  Driver: string;
  Scope: 'swarm' | 'local' | 'global';
  Attachable: boolean;
  Ingress: boolean;
  Labels: Record<string, string> | null;
  Options: Record<string, string> | null;
}

/** A config or a secret. Only configs come with their data. */
export interface ApiSwarmFile {
  ID: string;
  Version: ObjectVersion;
  CreatedAt: string;
  Spec: { Name: string; Labels?: Record<string, string>; /** Base64. */ Data?: string };
}

export interface ApiEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: 'local' | 'swarm';
  timeNano: number;
}

/** Filters of a list, `{ label: ['com.docker.stack.namespace=home'] }`. Values of one key are alternatives, keys add up. */
export type ApiFilter = Record<string, string[]>;
