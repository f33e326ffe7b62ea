import * as pulumi from '@pulumi/pulumi';
import { managersWithSecrets, withSecrets, type ConnectionArgs, type ManagerEndpoint } from './connection';
import type { Limits } from './limits';

export type NodeRole = 'manager' | 'worker';
export type NodeAvailability = 'active' | 'pause' | 'drain';

/** What happens to labels that somebody has set by hand. */
export type OtherLabels = 'remove' | 'keep';

export interface NodeArgs {
  clusterId: pulumi.Input<string>;
  /** Name of the machine. */
  name: pulumi.Input<string>;
  /** Advertise address, fixed for the node's life. */
  address: pulumi.Input<string>;
  role: pulumi.Input<NodeRole>;
  /** Default: none. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Default: remove. */
  otherLabels?: pulumi.Input<OtherLabels>;
  /** Default: active. */
  availability?: pulumi.Input<NodeAvailability>;
  connection: ConnectionArgs;
  managers: readonly ManagerEndpoint[];
  /** Longest waits. */
  limits?: Limits;
}

/** A machine's membership of the swarm. Its id is Docker's node id, as of the first join. */
export class Node extends pulumi.CustomResource {
  declare readonly clusterId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly address: pulumi.Output<string>;
  declare readonly role: pulumi.Output<NodeRole>;
  declare readonly labels: pulumi.Output<Record<string, string> | undefined>;
  declare readonly availability: pulumi.Output<NodeAvailability | undefined>;
  declare readonly nodeId: pulumi.Output<string>;
  /** As the managers see it: ready, down, unknown or disconnected. */
  declare readonly state: pulumi.Output<string>;
  declare readonly hostname: pulumi.Output<string>;
  declare readonly engineVersion: pulumi.Output<string>;

  constructor(name: string, args: NodeArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      connection: withSecrets(args.connection),
      managers: managersWithSecrets(args.managers),
    };
    const outputs = { nodeId: undefined, state: undefined, hostname: undefined, engineVersion: undefined };
    super('swarm:index:Node', name, { ...outputs, ...inputs }, options);
  }
}
