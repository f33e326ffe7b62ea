import * as pulumi from '@pulumi/pulumi';
import { managersWithSecrets, withSecrets, type ConnectionArgs, type ManagerEndpoint } from './connection';
import type { Limits } from './limits';

export interface EngineArgs {
  /** Name of the machine, as messages and the swarm call it. */
  name: pulumi.Input<string>;
  connection: ConnectionArgs;
  /** Package version to hold the engine at. Default: the newest its source has, then left alone. */
  version?: pulumi.Input<string>;
  /** Default: docker.io and docker-cli. */
  packages?: pulumi.Input<pulumi.Input<string>[]>;
  /** Content of /etc/docker/daemon.json. */
  daemon?: pulumi.Input<Record<string, unknown>>;
  /** Managers of the swarm the engine is in, so that it is changed without a loss of quorum. */
  managers?: readonly ManagerEndpoint[];
  /** Longest waits. */
  limits?: Limits;
}

/** Docker on one machine: its version and its daemon.json. Deleting it leaves Docker in place. */
export class Engine extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string | undefined>;
  declare readonly packages: pulumi.Output<string[] | undefined>;
  declare readonly daemon: pulumi.Output<Record<string, unknown> | undefined>;
  /** Version of the installed package. */
  declare readonly installedVersion: pulumi.Output<string>;
  /** Newest version of the Engine API that it speaks. */
  declare readonly apiVersion: pulumi.Output<string>;
  declare readonly storageDriver: pulumi.Output<string>;
  declare readonly architecture: pulumi.Output<string>;
  declare readonly operatingSystem: pulumi.Output<string>;
  declare readonly kernelVersion: pulumi.Output<string>;
  /** daemon.json as it is on the machine. */
  declare readonly daemonFile: pulumi.Output<Record<string, unknown>>;
  /** Whether the engine answered when it was last looked at. */
  declare readonly answers: pulumi.Output<boolean>;

  constructor(name: string, args: EngineArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      connection: withSecrets(args.connection),
      managers: args.managers && managersWithSecrets(args.managers),
    };
    const outputs = {
      installedVersion: undefined,
      apiVersion: undefined,
      storageDriver: undefined,
      architecture: undefined,
      operatingSystem: undefined,
      kernelVersion: undefined,
      daemonFile: undefined,
      answers: undefined,
    };
    super('swarm:index:Engine', name, { ...outputs, ...inputs }, options);
  }
}
