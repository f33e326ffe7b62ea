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
  /** Networks in CIDR form that overlay networks are cut from. A change rebuilds the swarm. */
  defaultAddressPools?: pulumi.Input<pulumi.Input<string>[]>;
  /** Prefix length of each overlay network. A change rebuilds the swarm. */
  subnetSize?: pulumi.Input<number>;
  /** UDP port of overlay traffic. A change rebuilds the swarm. */
  dataPathPort?: pulumi.Input<number>;
  /** Refuses changes that rebuild the swarm. Not Pulumi's option of that name: a destroy goes through. Default: true. */
  protect?: pulumi.Input<boolean>;
  /** Any text; when it changes, both join tokens are made anew. */
  rotateJoinTokens?: pulumi.Input<string>;
  /** Any text; when it changes, the unlock key is made anew. */
  rotateUnlockKey?: pulumi.Input<string>;
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
  /** Names of the managers that waited for the unlock key when last seen. */
  declare readonly locked: pulumi.Output<string[] | undefined>;
  /** Secret: what managers ask for after a restart; undefined without autolock. */
  declare readonly unlockKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: ClusterArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = { ...args, managers: managersWithSecrets(args.managers) };
    const outputs = { clusterId: undefined, createdAt: undefined, locked: undefined, unlockKey: undefined };
    const secret = pulumi.mergeOptions({ additionalSecretOutputs: ['unlockKey'] }, options);
    super('swarm:index:Cluster', name, { ...outputs, ...inputs }, secret);
  }
}
