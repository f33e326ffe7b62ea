/** A swarm in memory, as its managers' engines tell of it; enough for what is done to the swarm as a whole. */
import { ApiError, type EngineApi, type SwarmRotation } from '../../core/docker/engine-api';
import { type ApiInfo, type ApiNode, type ApiSwarm, type SwarmSpec } from '../../core/docker/types';
import { StepError } from '../../core/errors';
import { Access, type MachineEndpoint, type ManagerEndpoint, type Reached } from '../../provider/access';
import { type OperationContext } from '../../provider/protocol/resource';

type State = 'active' | 'locked' | 'inactive' | 'silent';

export class FakeSwarm {
  key = 'SWMKEY-1';
  /** The key that a manager still asks for which was down when it was changed. */
  readonly oldKeys = new Map<string, string>();
  readonly states = new Map<string, State>();
  readonly unlocked: string[] = [];
  readonly rotations: SwarmRotation[] = [];
  /** Updates that another change comes before. */
  collisions = 0;
  nodes: ApiNode[] = [];
  swarm: ApiSwarm = {
    ...{ ID: 'ours', Version: { Index: 1 }, CreatedAt: '2026-01-01T00:00:00Z', Spec: {} },
    ...{ DefaultAddrPool: ['10.0.0.0/8'], SubnetSize: 24, DataPathPort: 4789 },
    JoinTokens: { Worker: 'SWMTKN-worker', Manager: 'SWMTKN-manager' },
  };

  /** @param states by name of the machine */
  constructor(states: Record<string, State>) {
    for (const [name, state] of Object.entries(states)) this.states.set(name, state);
  }

  get managers(): ManagerEndpoint[] {
    return [...this.states.keys()].map((name, index) => {
      return { name, address: `10.0.0.${index + 1}`, connection: { host: name, hostKey: 'ssh-ed25519 AAAA' } };
    });
  }

  get access(): Access {
    return new FakeAccess(this);
  }

  engine(name: string): EngineApi {
    const engine: Partial<EngineApi> = {
      info: () => Promise.resolve({ Swarm: this.info(name) } as ApiInfo),
      swarmInspect: () => this.asManager(name, () => this.swarm),
      nodes: () => this.asManager(name, () => this.nodes),
      swarmLeave: () =>
        this.asManager(name, () => {
          this.states.set(name, 'inactive');
        }),
      swarmUnlockKey: () => this.asManager(name, () => this.key),
      swarmUnlock: (key) => this.unlock(name, key),
      swarmUpdate: (version, spec, rotation) =>
        this.asManager(name, () => {
          this.update(name, version, spec, rotation);
        }),
    };
    return engine as EngineApi;
  }

  private info(name: string): ApiInfo['Swarm'] {
    const state = this.states.get(name);
    const isManager = state === 'active';
    return {
      ...{ NodeID: `id-${name}`, NodeAddr: '', Error: '', RemoteManagers: null, ControlAvailable: isManager },
      LocalNodeState: state === 'silent' || state === undefined ? '' : state,
      ...(isManager ? { Cluster: { ID: this.swarm.ID, CreatedAt: '' } } : {}),
    };
  }

  private asManager<T>(name: string, work: () => T): Promise<T> {
    const why = { locked: 'Swarm is encrypted and needs to be unlocked', active: undefined }[
      this.states.get(name) as 'locked' | 'active'
    ];
    if (this.states.get(name) === 'active') return Promise.resolve().then(work);
    return Promise.reject(new ApiError(name, 'asking', 503, why ?? 'This node is not a swarm manager'));
  }

  private unlock(name: string, key: string): Promise<void> {
    if (key !== (this.oldKeys.get(name) ?? this.key)) {
      const message = 'swarm could not be unlocked: invalid key provided';
      return Promise.reject(new ApiError(name, 'unlocking the swarm', 400, message));
    }
    this.states.set(name, 'active');
    this.unlocked.push(name);
    return Promise.resolve();
  }

  private update(name: string, version: number, spec: SwarmSpec, rotation: SwarmRotation = {}): void {
    if (this.collisions > 0) {
      this.collisions -= 1;
      this.swarm = { ...this.swarm, Version: { Index: version + 1 } };
      throw new ApiError(name, 'changing the swarm', 500, 'update out of sequence');
    }
    this.swarm = { ...this.swarm, Version: { Index: version + 1 }, Spec: spec };
    this.rotations.push(rotation);
  }
}

class FakeAccess extends Access {
  constructor(private readonly swarm: FakeSwarm) {
    super();
  }

  override reach({ name }: MachineEndpoint): Promise<Reached> {
    if (this.swarm.states.get(name) === 'silent') {
      const parts = { machine: name, step: 'connecting over SSH', cause: 'nothing answers' } as const;
      return Promise.reject(new StepError({ ...parts, kind: 'unreachable' }));
    }
    return Promise.resolve({ name, api: this.swarm.engine(name), ssh: undefined as never });
  }
}

/** The context of an operation, and what was said in it. */
export function contextOf(environment: string): OperationContext & { said: string[] } {
  const said: string[] = [];
  const say = (message: string): void => {
    said.push(message);
  };
  const urn = `urn:pulumi:${environment}::swarm::swarm:index:Cluster::${environment}`;
  return { urn, signal: new AbortController().signal, status: say, info: say, warn: say, said };
}
