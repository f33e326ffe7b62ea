import * as pulumi from '@pulumi/pulumi';
import type { ConnectionArgs } from '../resources';
import type { Machine } from './machine';

export interface ExistingMachineArgs {
  /** Advertise address. */
  address: string;
  connection: ConnectionArgs & { host: string };
}

/** A machine that is there already. Nothing is made, and nothing is destroyed. */
export class ExistingMachine extends pulumi.ComponentResource implements Machine {
  readonly address: string;
  readonly endpoint: string;
  readonly connection: ConnectionArgs;

  constructor(
    readonly name: string,
    { address, connection }: ExistingMachineArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('swarm:machines:Existing', name, {}, options);
    this.address = address;
    this.endpoint = connection.host;
    this.connection = connection;
    this.registerOutputs({ address });
  }
}
