/** The Engine API of a remote engine, one method per call. */
import { type SshConnection } from '../ssh/connection';
import { type CallOptions, type ClientOptions, EngineClient } from './engine-client';
import { type LogOptions, type SwarmInitOptions, type SwarmJoinOptions, type SwarmRotation } from './requests';
import { jsonLines, unpackLog } from './engine-streams';
import {
  type ApiEvent,
  type ApiFilter,
  type ApiInfo,
  type ApiNetwork,
  type ApiNode,
  type ApiService,
  type ApiSwarm,
  type ApiSwarmFile,
  type ApiTask,
  type ApiVersion,
  type NodeSpec,
  type ServiceSpec,
  type SwarmSpec,
} from './types';

export { type LogOptions, type SwarmInitOptions, type SwarmJoinOptions, type SwarmRotation } from './requests';
export { ApiError, isLocked, isNotFound, type CallOptions, type ClientOptions } from './engine-client';

/** Port of the swarm's managers, and address to listen on. Source: docker swarm init. */
const DEFAULT_LISTEN_ADDRESS = '0.0.0.0:2377';

/** Becoming a member of a swarm or leaving it takes 12 s on a slow machine; a join alone may take 20 s (moby). */
const MEMBERSHIP_SECONDS = 60;

/**
 * Every call ends within its time limit (default 30 s; 60 s to become a member of a swarm or to leave it) and at once when its signal is aborted.
 * Every method throws ApiError when the engine answers with an error, StepError when it doesn't answer.
 */
export class EngineApi {
  private readonly client: EngineClient;

  constructor(ssh: Pick<SshConnection, 'machine' | 'openUnixSocket'>, options: ClientOptions = {}) {
    this.client = new EngineClient(ssh, options);
  }

  get machine(): string {
    return this.client.machine;
  }

  info(options?: CallOptions): Promise<ApiInfo> {
    return this.client.json({ step: 'asking the engine for its state', path: '/info' }, options);
  }

  version(options?: CallOptions): Promise<ApiVersion> {
    return this.client.json({ step: 'asking the engine for its version', path: '/version' }, options);
  }

  swarmInspect(options?: CallOptions): Promise<ApiSwarm> {
    return this.client.json({ step: 'reading the swarm', path: '/swarm' }, options);
  }

  /** @returns the id of the node, the first of the new swarm */
  swarmInit(init: SwarmInitOptions, options?: CallOptions): Promise<string> {
    const body = {
      ListenAddr: init.listenAddress ?? DEFAULT_LISTEN_ADDRESS,
      AdvertiseAddr: init.advertiseAddress,
      DefaultAddrPool: init.defaultAddressPools,
      SubnetSize: init.subnetSize,
      DataPathPort: init.dataPathPort,
      Availability: init.availability,
      Spec: init.spec ?? {},
    };
    return this.client.json(
      { step: 'initialising the swarm', method: 'POST', path: '/swarm/init', body },
      patient(options),
    );
  }

  async swarmJoin(join: SwarmJoinOptions, options?: CallOptions): Promise<void> {
    const body = {
      ListenAddr: join.listenAddress ?? DEFAULT_LISTEN_ADDRESS,
      AdvertiseAddr: join.advertiseAddress,
      RemoteAddrs: join.managers,
      JoinToken: join.token,
      Availability: join.availability,
    };
    await this.client.bytes({ step: 'joining the swarm', method: 'POST', path: '/swarm/join', body }, patient(options));
  }

  async swarmLeave(force: boolean, options?: CallOptions): Promise<void> {
    const query = { force };
    await this.client.bytes(
      { step: 'leaving the swarm', method: 'POST', path: '/swarm/leave', query },
      patient(options),
    );
  }

  /**
   * @param version as last read: the engine refuses when the swarm has changed since
   * @param rotate what is made anew along with it
   */
  async swarmUpdate(
    version: number,
    spec: SwarmSpec,
    rotate: SwarmRotation = {},
    options?: CallOptions,
  ): Promise<void> {
    const call = { step: 'changing the swarm', method: 'POST', path: '/swarm/update' } as const;
    const { joinTokens = false, unlockKey = false } = rotate;
    const tokens = { rotateWorkerToken: joinTokens, rotateManagerToken: joinTokens };
    await this.client.bytes(
      { ...call, query: { version, ...tokens, rotateManagerUnlockKey: unlockKey }, body: spec },
      options,
    );
  }

  /** The key that unlocks managers after a restart. Secret. */
  async swarmUnlockKey(options?: CallOptions): Promise<string> {
    const call = { step: 'reading the unlock key', path: '/swarm/unlockkey' };
    return (await this.client.json<{ UnlockKey: string }>(call, options)).UnlockKey;
  }

  async swarmUnlock(key: string, options?: CallOptions): Promise<void> {
    const call = { step: 'unlocking the swarm', method: 'POST', path: '/swarm/unlock' } as const;
    await this.client.bytes({ ...call, body: { UnlockKey: key } }, options);
  }

  nodes(filter?: ApiFilter, options?: CallOptions): Promise<ApiNode[]> {
    return this.client.json({ step: 'listing the nodes', path: '/nodes', filter }, options);
  }

  node(id: string, options?: CallOptions): Promise<ApiNode> {
    return this.client.json({ step: 'reading a node', path: `/nodes/${id}` }, options);
  }

  /** @param version as last read: the engine refuses when the node has changed since */
  async nodeUpdate(id: string, version: number, spec: NodeSpec, options?: CallOptions): Promise<void> {
    const call = { step: 'changing a node', method: 'POST', path: `/nodes/${id}/update` } as const;
    await this.client.bytes({ ...call, query: { version }, body: spec }, options);
  }

  async nodeRemove(id: string, force: boolean, options?: CallOptions): Promise<void> {
    const call = { step: 'removing a node', method: 'DELETE', path: `/nodes/${id}` } as const;
    await this.client.bytes({ ...call, query: { force } }, options);
  }

  /** With the number of running and desired tasks of each. */
  services(filter?: ApiFilter, options?: CallOptions): Promise<ApiService[]> {
    return this.client.json(
      { step: 'listing the services', path: '/services', query: { status: true }, filter },
      options,
    );
  }

  service(id: string, options?: CallOptions): Promise<ApiService> {
    return this.client.json({ step: 'reading a service', path: `/services/${id}` }, options);
  }

  /** @param version as last read: the engine refuses when the service has changed since */
  async serviceUpdate(id: string, version: number, spec: ServiceSpec, options?: CallOptions): Promise<void> {
    const call = { step: 'changing a service', method: 'POST', path: `/services/${id}/update` } as const;
    await this.client.bytes({ ...call, query: { version }, body: spec }, options);
  }

  async serviceRemove(id: string, options?: CallOptions): Promise<void> {
    await this.client.bytes({ step: 'removing a service', method: 'DELETE', path: `/services/${id}` }, options);
  }

  tasks(filter?: ApiFilter, options?: CallOptions): Promise<ApiTask[]> {
    return this.client.json({ step: 'listing the tasks', path: '/tasks', filter }, options);
  }

  networks(filter?: ApiFilter, options?: CallOptions): Promise<ApiNetwork[]> {
    return this.client.json({ step: 'listing the networks', path: '/networks', filter }, options);
  }

  async networkRemove(id: string, options?: CallOptions): Promise<void> {
    await this.client.bytes({ step: 'removing a network', method: 'DELETE', path: `/networks/${id}` }, options);
  }

  secrets(filter?: ApiFilter, options?: CallOptions): Promise<ApiSwarmFile[]> {
    return this.client.json({ step: 'listing the secrets', path: '/secrets', filter }, options);
  }

  /** @returns its id */
  secretCreate(name: string, data: Buffer, labels: Record<string, string>, options?: CallOptions): Promise<string> {
    return this.createFile('secrets', name, data, labels, options);
  }

  async secretRemove(id: string, options?: CallOptions): Promise<void> {
    await this.client.bytes({ step: 'removing a secret', method: 'DELETE', path: `/secrets/${id}` }, options);
  }

  configs(filter?: ApiFilter, options?: CallOptions): Promise<ApiSwarmFile[]> {
    return this.client.json({ step: 'listing the configs', path: '/configs', filter }, options);
  }

  /** @returns its id */
  configCreate(name: string, data: Buffer, labels: Record<string, string>, options?: CallOptions): Promise<string> {
    return this.createFile('configs', name, data, labels, options);
  }

  async configRemove(id: string, options?: CallOptions): Promise<void> {
    await this.client.bytes({ step: 'removing a config', method: 'DELETE', path: `/configs/${id}` }, options);
  }

  async taskLogs(id: string, options: LogOptions): Promise<string> {
    return this.logs(`/tasks/${id}/logs`, options);
  }

  async serviceLogs(id: string, options: LogOptions): Promise<string> {
    return this.logs(`/services/${id}/logs`, options);
  }

  /** What happens from now on, until the signal is aborted. */
  events(filter?: ApiFilter, signal?: AbortSignal): AsyncGenerator<ApiEvent> {
    return jsonLines(this.client.stream({ step: 'watching the engine', path: '/events', filter }, signal));
  }

  private async logs(path: string, { tail, ...options }: LogOptions): Promise<string> {
    const query = { stdout: true, stderr: true, tail };
    return unpackLog(await this.client.bytes({ step: 'reading a log', path, query }, options));
  }

  private async createFile(
    kind: 'secrets' | 'configs',
    name: string,
    data: Buffer,
    labels: Record<string, string>,
    options?: CallOptions,
  ): Promise<string> {
    const body = { Name: name, Labels: labels, Data: data.toString('base64') };
    const call = { step: `creating ${name}`, method: 'POST', path: `/${kind}/create`, body } as const;
    return (await this.client.json<{ ID: string }>(call, options)).ID;
  }
}

function patient(options?: CallOptions): CallOptions {
  return { timeoutSeconds: MEMBERSHIP_SECONDS, ...options };
}
