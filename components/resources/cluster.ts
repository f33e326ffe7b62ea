import * as pulumi from '@pulumi/pulumi';
import { managersWithSecrets, type ManagerEndpoint } from './connection';

/** Settings of the whole swarm that can be changed while it runs. Docker's own defaults hold for what is left out. */
export interface ClusterSpec {
  /** Managers ask for a key after a restart. */
  autolock?: pulumi.Input<boolean>;
  /** Finished tasks kept per slot. */
  taskHistoryLimit?: pulumi.Input<number>;
  heartbeatPeriodSeconds?: pulumi.Input<number>;
  certificateExpiryHours?: pulumi.Input<number>;
  /** Raft log entries between snapshots. */
  snapshotInterval?: pulumi.Input<number>;
}

export interface ClusterArgs {
  name: pulumi.Input<string>;
  /** Every manager there is to be, an odd number. */
  managers: readonly ManagerEndpoint[];
  spec?: ClusterSpec;
  /** Networks in CIDR form that overlay networks are cut from. A change replaces the cluster. */
  defaultAddressPools?: pulumi.Input<pulumi.Input<string>[]>;
  /** Prefix length of each overlay network. A change replaces the cluster. */
  subnetSize?: pulumi.Input<number>;
  /** UDP port of overlay traffic. A change replaces the cluster. */
  dataPathPort?: pulumi.Input<number>;
}

/** The swarm itself: adopted when a manager is in one already, made otherwise. Never holds a join token. */
export class Cluster extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly spec: pulumi.Output<pulumi.Unwrap<ClusterSpec> | undefined>;
  declare readonly defaultAddressPools: pulumi.Output<string[] | undefined>;
  declare readonly subnetSize: pulumi.Output<number | undefined>;
  declare readonly dataPathPort: pulumi.Output<number | undefined>;
  /** Docker's id of the swarm. */
  declare readonly clusterId: pulumi.Output<string>;
  /** RFC 3339 time. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = { ...args, managers: managersWithSecrets(args.managers) };
    super('swarm:index:Cluster', name, { clusterId: undefined, createdAt: undefined, ...inputs }, options);
  }
}
