/** A number of bytes, seconds and the like is written as docker reads it; see units.ts. */
export type Duration = string;

/** A compose file as swarm will run it: short forms expanded, values typed, order-insensitive lists sorted. */
export interface StackModel {
  services: Record<string, ServiceModel>;
  networks: Record<string, NetworkModel>;
  volumes: Record<string, VolumeModel>;
  configs: Record<string, FileObjectModel>;
  secrets: Record<string, FileObjectModel>;
}

/** A service. Keys are the compose file's own, so that a path in the model is a path in the file. */
export interface ServiceModel {
  image: string;
  command?: string[];
  entrypoint?: string[];
  environment: Record<string, string>;
  labels: Record<string, string>;
  deploy: DeployModel;
  ports: PortModel[];
  networks: Record<string, { aliases: string[] }>;
  volumes: MountModel[];
  configs: FileReferenceModel[];
  secrets: FileReferenceModel[];
  healthcheck?: HealthcheckModel;
  logging?: { driver?: string; options: Record<string, string> };
  hostname?: string;
  user?: string;
  working_dir?: string;
  stop_grace_period?: Duration;
  stop_signal?: string;
  init?: boolean;
  read_only?: boolean;
  tty?: boolean;
  stdin_open?: boolean;
  dns: string[];
  dns_search: string[];
  extra_hosts: string[];
  cap_add: string[];
  cap_drop: string[];
  sysctls: Record<string, string>;
  ulimits: Record<string, { soft: number; hard: number }>;
}

/** The modes of a service; jobs run to completion. */
export type ServiceMode = 'replicated' | 'global' | 'replicated-job' | 'global-job';

export interface DeployModel {
  mode: ServiceMode;
  /** Absent in the global modes. */
  replicas?: number;
  endpoint_mode: 'vip' | 'dnsrr';
  labels: Record<string, string>;
  placement: { constraints: string[]; preferences: { spread: string }[]; max_replicas_per_node?: number };
  resources: { limits: ResourceModel; reservations: ResourceModel };
  update_config?: UpdateModel;
  rollback_config?: UpdateModel;
  restart_policy?: {
    condition?: 'none' | 'on-failure' | 'any';
    delay?: Duration;
    max_attempts?: number;
    window?: Duration;
  };
}

/** `cpus`: a fraction of a processor, as text; `memory`: bytes. */
export interface ResourceModel {
  cpus?: string;
  memory?: number;
  pids?: number;
  generic_resources?: { kind: string; value: number }[];
}

export interface UpdateModel {
  parallelism?: number;
  delay?: Duration;
  failure_action?: 'continue' | 'pause' | 'rollback';
  monitor?: Duration;
  max_failure_ratio?: number;
  order?: 'start-first' | 'stop-first';
}

/** A published port; without `published` swarm picks one from 30000 on. */
export interface PortModel {
  target: number;
  published?: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  mode: 'ingress' | 'host';
}

export interface MountModel {
  type: 'bind' | 'volume' | 'tmpfs';
  /** Absent for tmpfs and for anonymous volumes. */
  source?: string;
  target: string;
  read_only: boolean;
  bind?: { propagation: string };
  volume?: { nocopy: boolean };
  /** `size`: bytes. */
  tmpfs?: { size: number };
}

/** How a config or secret appears in a container; `mode` is a file mode. */
export interface FileReferenceModel {
  source: string;
  target: string;
  uid: string;
  gid: string;
  mode: number;
}

export interface HealthcheckModel {
  test?: string[];
  interval?: Duration;
  timeout?: Duration;
  retries?: number;
  start_period?: Duration;
  start_interval?: Duration;
  disable?: boolean;
}

export interface NetworkModel {
  /** The name in the swarm, where the file fixes it. */
  name?: string;
  external: boolean;
  driver?: string;
  driver_opts: Record<string, string>;
  attachable: boolean;
  internal: boolean;
  labels: Record<string, string>;
  ipam?: { driver?: string; config: { subnet: string }[] };
}

export interface VolumeModel {
  name?: string;
  external: boolean;
  driver?: string;
  driver_opts: Record<string, string>;
  labels: Record<string, string>;
}

/** A config or secret. Its content is `content`, or comes from `file`, or is given by the environment under its key. */
export interface FileObjectModel {
  name?: string;
  external: boolean;
  /** Relative to the compose file. */
  file?: string;
  content?: string;
  labels: Record<string, string>;
}
