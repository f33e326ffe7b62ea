/** The provider's own resources on simulated machines, within this process and without SSH. */
import { duplexPair, type Duplex } from 'node:stream';
import { EngineApi } from '../../../core/docker/engine-api';
import { StepError } from '../../../core/errors';
import { type SshConnection } from '../../../core/ssh/connection';
import { Access, type MachineEndpoint, type Reached } from '../../../provider/access';
import { ClusterResource } from '../../../provider/cluster';
import { type ClusterInputs, type ClusterOutputs } from '../../../provider/cluster/properties';
import { Duplicates } from '../../../provider/duplicates';
import { Importer } from '../../../provider/importer';
import { NodeResource } from '../../../provider/node';
import { type NodeInputs, type NodeOutputs } from '../../../provider/node/properties';
import { type Existing, type OperationContext } from '../../../provider/protocol/resource';
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

/**
 * An environment's cluster and nodes, taken through runs in the order in which the Pulumi engine does it: look at what
 * is there, the cluster, all nodes side by side, and last what is no longer wanted.
 */
export class Deployment {
  private cluster: Existing<ClusterInputs, ClusterOutputs> | undefined;
  private readonly nodes = new Map<string, Existing<NodeInputs, NodeOutputs>>();

  constructor(private readonly simulation: Simulation) {}

  /** One run with refresh. @returns why what could not be done was not */
  async up(wanted: Wanted): Promise<unknown[]> {
    const access = new MemoryAccess(this.simulation);
    const [cluster, node] = [
      new ClusterResource(access, new Importer()),
      new NodeResource(access, new Duplicates(), new Importer()),
    ];
    const refreshed = await settled([...this.nodes.keys()], (name) => this.refresh(node, name));
    if (refreshed.length > 0) return refreshed;
    const formed = await settled([wanted], () => this.upCluster(cluster, wanted));
    if (formed.length > 0) return formed;
    const changed = await settled([...wanted], ([name, entry]) => this.upNode(node, name, entry, wanted));
    const gone = [...this.nodes.keys()].filter((name) => !wanted.has(name));
    return [...changed, ...(await settled(gone, (name) => this.remove(node, name)))];
  }

  private async refresh(node: NodeResource, name: string): Promise<void> {
    const old = this.existing(name);
    const found = await node.read(old, contextOf('Node', name));
    if (found) this.nodes.set(name, { ...found, inputs: old.inputs });
    else this.nodes.delete(name);
  }

  private async upCluster(cluster: ClusterResource, wanted: Wanted): Promise<void> {
    const context = contextOf('Cluster', 'test');
    const inputs: ClusterInputs = { name: 'test', managers: this.managers(wanted) };
    assertNoFailure(cluster.check(inputs).failures);
    if (!this.cluster) this.cluster = { inputs, ...(await cluster.create(inputs, context)) };
    else if (Object.keys(cluster.diff(this.cluster, inputs, context).changes).length > 0) {
      this.cluster = { ...this.cluster, inputs, outputs: await cluster.update(this.cluster, inputs, context) };
    } else this.cluster = { ...this.cluster, inputs };
  }

  private async upNode(node: NodeResource, name: string, entry: SimulatedNode, wanted: Wanted): Promise<void> {
    const context = contextOf('Node', name);
    const clusterId = this.cluster?.outputs.clusterId ?? '';
    const inputs: NodeInputs = { ...entry, ...this.endpoint(name), clusterId, managers: this.managers(wanted) };
    assertNoFailure(node.check(inputs, { urn: context.urn, secretPaths: new Set() }).failures);
    const old = this.nodes.get(name);
    if (!old) this.nodes.set(name, { inputs, ...(await node.create(inputs, context)) });
    else if (Object.keys(node.diff(old, inputs).changes).length > 0) {
      this.nodes.set(name, { id: old.id, inputs, outputs: await node.update(old, inputs, context) });
    } else this.nodes.set(name, { ...old, inputs });
  }

  private async remove(node: NodeResource, name: string): Promise<void> {
    await node.delete(this.existing(name), contextOf('Node', name));
    this.nodes.delete(name);
  }

  private existing(name: string): Existing<NodeInputs, NodeOutputs> {
    const old = this.nodes.get(name);
    if (!old) throw new RangeError(`${name} is not deployed`);
    return old;
  }

  private managers(wanted: Wanted): NodeInputs['managers'] {
    return [...wanted].filter(([, { role }]) => role === 'manager').map(([name]) => this.endpoint(name));
  }

  private endpoint(name: string): NodeInputs['managers'][number] {
    const { address } = this.simulation.machine(name);
    return { name, address, connection: { host: address, hostKey: `key of ${name}`, privateKey: 'a key' } };
  }
}

function contextOf(type: string, name: string): OperationContext {
  const nothing = (): void => undefined;
  const urn = `urn:pulumi:test::swarm::swarm:index:${type}::${name}`;
  return { urn, signal: new AbortController().signal, status: nothing, info: nothing, warn: nothing };
}

/** Does the work on all items side by side. @returns what went wrong */
async function settled<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<unknown[]> {
  const results = await Promise.allSettled(items.map(work));
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}

function assertNoFailure(failures: { property: string; reason: string }[]): void {
  if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join('; '));
}
