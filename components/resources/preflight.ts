import * as pulumi from '@pulumi/pulumi';
import { withSecrets, type ConnectionArgs } from './connection';

export interface PreflightArgs {
  /** Name of the machine. */
  name: pulumi.Input<string>;
  connection: ConnectionArgs;
}

/** The first contact with a machine, and the proof that it can carry a node: kernel, disk, clock. Changes nothing. */
export class Preflight extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly kernelVersion: pulumi.Output<string>;
  declare readonly architecture: pulumi.Output<string>;
  /** `debian 13`. */
  declare readonly distribution: pulumi.Output<string>;

  constructor(name: string, { connection, ...args }: PreflightArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { kernelVersion: undefined, architecture: undefined, distribution: undefined };
    super('swarm:index:Preflight', name, { ...outputs, ...args, connection: withSecrets(connection) }, options);
  }
}
