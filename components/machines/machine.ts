import type * as pulumi from '@pulumi/pulumi';
import type { ConnectionArgs } from '../resources';

/** A computer reachable over SSH, however it came to be. What uses its connection waits until it is there. */
export interface Machine {
  /** Name of the machine, and of the node that it becomes. */
  readonly name: string;
  /** The address that other machines reach it at; its advertise address. */
  readonly address: string;
  /** The address at which its published ports answer from this computer. */
  readonly endpoint: string;
  readonly connection: ConnectionArgs;
  /** What takes everything on the machine along when it is deleted; none when the machine outlives the environment. */
  readonly destroyedWith?: pulumi.Resource;
}
