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
  /**
   * The resource that makes the machine: what is set up on the machine is gone when that is deleted, and is to be made
   * anew when that is replaced. None when the machine outlives the environment.
   */
  readonly madeBy?: pulumi.Resource;
}

/** The resource option that makes what is on a machine anew when the machine is. */
export function replacedWith({ madeBy }: Machine): Pick<pulumi.CustomResourceOptions, 'replaceWith'> {
  return madeBy ? { replaceWith: [madeBy] } : {};
}
