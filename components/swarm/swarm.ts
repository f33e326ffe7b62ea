import * as pulumi from '@pulumi/pulumi';
import type { Host } from '../hosts';
import { replacedWith, type Machine } from '../machines';
import {
  Cluster,
  Node,
  type ClusterArgs,
  type Limits,
  type ManagerEndpoint,
  type NodeAvailability,
  type NodeRole,
  type OtherLabels,
} from '../resources';

/** A host and what it is in the swarm. */
export interface Member {
  host: Host;
  role: NodeRole;
  /** Default: none. */
  labels?: Record<string, string>;
  /** What happens to labels set by hand. Default: remove. */
  otherLabels?: OtherLabels;
  /** Default: active. */
  availability?: NodeAvailability;
}

export interface SwarmArgs {
  members: readonly Member[];
  managers: readonly ManagerEndpoint[];
  cluster?: Omit<ClusterArgs, 'name' | 'managers'>;
  /** Longest waits for nodes. */
  limits?: Limits;
}

/** A node, for people and tools. */
export interface NodeSummary {
  name: string;
  role: NodeRole;
  /** Advertise address. */
  address: string;
  nodeId: pulumi.Output<string>;
  labels: Record<string, string>;
}

/** The swarm and its nodes. */
export class Swarm extends pulumi.ComponentResource {
  readonly clusterId: pulumi.Output<string>;
  readonly nodes: readonly NodeSummary[];

  constructor(
    name: string,
    { members, managers, cluster, limits }: SwarmArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('swarm:swarm:Swarm', name, {}, options);
    const { clusterId } = new Cluster(
      name,
      { name, managers, ...cluster },
      { parent: this, dependsOn: members.filter(({ role }) => role === 'manager').map(({ host }) => host.engine) },
    );
    this.clusterId = clusterId;
    this.nodes = members.map((member) => this.join(member, managers, limits));
    this.registerOutputs({ nodes: this.nodes });
  }

  private join(member: Member, managers: readonly ManagerEndpoint[], limits: Limits | undefined): NodeSummary {
    const { host, role, labels = {}, otherLabels, availability = 'active' } = member;
    const { name, address, connection } = host.machine;
    const { nodeId } = new Node(
      name,
      {
        clusterId: this.clusterId,
        name,
        address,
        role,
        labels,
        otherLabels,
        availability,
        connection,
        managers,
        limits,
      },
      { parent: this, dependsOn: host.engine, ...replacedWith(host.machine) },
    );
    return { name, role, address, nodeId, labels };
  }
}

/** The machines that are to be managers, as everything that asks the swarm wants them. */
export function managerEndpoints(machines: readonly { machine: Machine; role: NodeRole }[]): ManagerEndpoint[] {
  return machines
    .filter(({ role }) => role === 'manager')
    .map(({ machine: { name, address, connection } }) => ({ name, address, connection }));
}

/** What to give the docker command as its host, `ssh://user@host[:port]`. */
export function dockerHost({ connection }: ManagerEndpoint): pulumi.Output<string> {
  return pulumi
    .all([connection.user, connection.host, connection.port])
    .apply(([user = 'root', host, port = 22]) => `ssh://${user}@${bracketed(host)}${port === 22 ? '' : `:${port}`}`);
}

/** A host as URLs have it: IPv6 addresses in brackets (RFC 3986). */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
