/** The provider's own resources on simulated machines, within this process and without SSH. */
import { duplexPair, type Duplex } from 'node:stream';
import { EngineApi } from '../../../core/docker/engine-api';
import { StepError } from '../../../core/errors';
import { type SshConnection } from '../../../core/ssh/connection';
import { Access, type MachineEndpoint, type Reached } from '../../../provider/access';
import { type AnyResource, type Existing, type OperationContext } from '../../../provider/protocol/resource';
import { type PropertyMap } from '../../../provider/protocol/values';
import { provider } from '../../../provider/provider';
import { type SimulatedNode } from './environment';
import { type SimulatedMachine } from './machine';
import { type Simulation } from './simulation';

/** Reaches engines by streams in memory. */
class MemoryAccess extends Access {
  constructor(private readonly simulation: Simulation) {
    super();
  }

  override reach({ name }: MachineEndpoint): Promise<Reached> {
    const machine = this.simulation.machine(name);
    const openUnixSocket = (): Promise<Duplex> => this.open(machine);
    const ssh = { machine: name, openUnixSocket } as unknown as SshConnection;
    return Promise.resolve({ name, ssh, api: new EngineApi(ssh) });
  }

  private open(machine: SimulatedMachine): Promise<Duplex> {
    if (!machine.isOnline) {
      const failure = { machine: machine.name, step: 'connecting over SSH', cause: 'no answer' };
      return Promise.reject(new StepError({ ...failure, kind: 'unreachable' }));
    }
    const [ours, theirs] = duplexPair();
    machine.connections.add(ours.on('error', () => undefined));
    ours.once('close', () => machine.connections.delete(ours));
    this.simulation.engine(machine).emit(
      'connection',
      theirs.on('error', () => undefined),
    );
    return Promise.resolve(ours);
  }
}

/** Nodes by the name of their machine. */
export type Wanted = ReadonlyMap<string, SimulatedNode>;

/** Key of the cluster among the resources; no machine is called so. */
const CLUSTER = 'the cluster';

/**
 * An environment's cluster and nodes, taken through runs in the order in which the Pulumi engine does it: look at what
 * is there, the cluster, all nodes side by side, and last what is no longer wanted.
 */
export class Deployment {
  private readonly state = new Map<string, Existing<PropertyMap, PropertyMap>>();

  constructor(private readonly simulation: Simulation) {}

  /** One run with refresh. @returns why what could not be done was not */
  async up(wanted: Wanted): Promise<unknown[]> {
    const { resources } = provider('0.0.0', new MemoryAccess(this.simulation));
    const of = (token: string): AnyResource => {
      const found = resources.find((resource) => resource.token === token);
      if (!found) throw new RangeError(`there is no resource ${token}`);
      return found;
    };
    const [cluster, node] = [of('swarm:index:Cluster'), of('swarm:index:Node')];
    const refreshed = await settled([...this.state.keys()], (name) =>
      this.refresh(name === CLUSTER ? cluster : node, name),
    );
    if (refreshed.length > 0) return refreshed;
    const managers = [...wanted].filter(([, { role }]) => role === 'manager').map(([name]) => this.endpoint(name));
    const formed = await settled([CLUSTER], (name) => this.put(cluster, name, { name: 'test', managers }));
    if (formed.length > 0) return formed;
    const clusterId = this.state.get(CLUSTER)?.outputs.clusterId;
    const changed = await settled([...wanted], ([name, entry]) =>
      this.put(node, name, { ...entry, ...this.endpoint(name), clusterId, managers }),
    );
    const gone = [...this.state.keys()].filter((name) => name !== CLUSTER && !wanted.has(name));
    return [...changed, ...(await settled(gone, (name) => this.remove(node, name)))];
  }

  private async refresh(resource: AnyResource, name: string): Promise<void> {
    const old = this.existing(name);
    const found = await resource.read(old, contextOf(resource, name));
    if (found) this.state.set(name, { ...old, id: found.id, outputs: found.outputs });
    else this.state.delete(name);
  }

  /** Creates it, or updates it where it differs. */
  private async put(resource: AnyResource, name: string, declared: PropertyMap): Promise<void> {
    const context = contextOf(resource, name);
    const { failures, derived } = resource.check(declared, { urn: context.urn, secretPaths: new Set() });
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join('; '));
    const inputs = { ...declared, ...derived };
    const old = this.state.get(name);
    if (!old) this.state.set(name, { inputs, ...(await resource.create(inputs, context)) });
    else {
      const isSame = Object.keys(resource.diff(old, inputs, context).changes).length === 0;
      const outputs = isSame ? old.outputs : await resource.update(old, inputs, context);
      this.state.set(name, { id: old.id, inputs, outputs });
    }
  }

  private async remove(resource: AnyResource, name: string): Promise<void> {
    await resource.delete(this.existing(name), contextOf(resource, name));
    this.state.delete(name);
  }

  private existing(name: string): Existing<PropertyMap, PropertyMap> {
    const old = this.state.get(name);
    if (!old) throw new RangeError(`${name} is not deployed`);
    return old;
  }

  private endpoint(name: string): PropertyMap {
    const { address } = this.simulation.machine(name);
    return { name, address, connection: { host: address, hostKey: `key of ${name}`, privateKey: 'a key' } };
  }
}

function contextOf({ token }: AnyResource, name: string): OperationContext {
  const nothing = (): void => undefined;
  const urn = `urn:pulumi:test::swarm::${token}::${name}`;
  return { urn, signal: new AbortController().signal, status: nothing, info: nothing, warn: nothing };
}

/** Does the work on all items side by side. @returns what went wrong */
async function settled<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<unknown[]> {
  const results = await Promise.allSettled(items.map(work));
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}
