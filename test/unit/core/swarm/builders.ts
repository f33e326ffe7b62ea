import type { ApiNode, ApiService, ApiTask, ServiceSpec } from '../../../../core/docker/types';

const TIME = '2026-01-01T00:00:00Z';

/** What tests say of a node; the rest is that of a healthy one. */
export interface NodeTraits {
  name: string;
  id?: string;
  address?: string;
  role?: 'manager' | 'worker';
  state?: ApiNode['Status']['State'];
  availability?: ApiNode['Spec']['Availability'];
  labels?: Record<string, string>;
  leader?: boolean;
  /** Takes part in Raft; by default a manager does unless it is down. */
  reachable?: boolean;
}

export function aNode(traits: NodeTraits): ApiNode {
  const { name, id = `id-${name}`, address = '10.0.0.1', role = 'worker', state = 'ready' } = traits;
  const { availability = 'active', labels = {}, leader = false, reachable = state !== 'down' } = traits;
  const manager = {
    Leader: leader,
    Reachability: reachable ? 'reachable' : 'unreachable',
    Addr: `${address}:2377`,
  } as const;
  return {
    ID: id,
    Version: { Index: 1 },
    CreatedAt: TIME,
    Spec: { Role: role, Availability: availability, Labels: labels },
    Description: {
      Hostname: name,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Engine: { EngineVersion: '26.1.5' },
    },
    Status: { State: state, Addr: address },
    ...(role === 'manager' ? { ManagerStatus: manager } : {}),
  };
}

export interface ServiceTraits {
  name?: string;
  image?: string;
  mode?: ServiceSpec['Mode'];
  constraints?: string[];
  update?: ApiService['UpdateStatus'];
  ports?: NonNullable<ServiceSpec['EndpointSpec']>['Ports'];
}

export function aService(traits: ServiceTraits = {}): ApiService {
  const {
    name = 'home_web',
    image = 'web:1',
    mode = { Replicated: { Replicas: 3 } },
    constraints = [],
    update,
    ports = [],
  } = traits;
  return {
    ID: `id-${name}`,
    Version: { Index: 10 },
    CreatedAt: TIME,
    UpdatedAt: TIME,
    Spec: {
      Name: name,
      Mode: mode,
      TaskTemplate: { ContainerSpec: { Image: image }, Placement: { Constraints: constraints } },
      EndpointSpec: { Mode: 'vip', Ports: ports },
    },
    Endpoint: { Ports: ports },
    ...(update ? { UpdateStatus: update } : {}),
  };
}

export interface TaskTraits {
  slot?: number;
  node?: string;
  state?: string;
  wanted?: string;
  image?: string;
  error?: string;
  id?: string;
  created?: string;
}

let count = 0;

/** A task of a service, made from its current version unless the image says otherwise. */
export function aTask(service: ApiService, traits: TaskTraits = {}): ApiTask {
  count += 1;
  const { slot, node, state = 'running', wanted = 'running', error, id = `task-${count}`, created = TIME } = traits;
  const image = traits.image ?? service.Spec.TaskTemplate.ContainerSpec?.Image ?? '';
  return {
    ID: id,
    CreatedAt: created,
    UpdatedAt: created,
    ServiceID: service.ID,
    ...(node === undefined ? {} : { NodeID: `id-${node}` }),
    ...(slot === undefined ? {} : { Slot: slot }),
    Spec: { ...service.Spec.TaskTemplate, ContainerSpec: { Image: image } },
    DesiredState: wanted,
    Status: { Timestamp: created, State: state, ...(error === undefined ? {} : { Err: error }) },
  };
}
