import * as pulumi from '@pulumi/pulumi';
import { managersWithSecrets, type ManagerEndpoint } from './connection';

export interface StackArgs {
  clusterId: pulumi.Input<string>;
  /** Name of the stack on the swarm. */
  name: pulumi.Input<string>;
  /** The compose file's text. */
  compose: pulumi.Input<string>;
  /** The compose file's path, for messages. */
  file: pulumi.Input<string>;
  /** What `${NAME}` stands for in the compose file. */
  variables?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Contents of the configs of the compose file, by name. */
  configs?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Contents of the secrets of the compose file, by name. */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  managers: readonly ManagerEndpoint[];
  /** How long services may take to converge, in seconds. Default: 300. */
  convergeTimeoutSeconds?: pulumi.Input<number>;
}

/** A port that a service publishes. */
export interface PublishedPort {
  /** Port on the node. */
  published: number;
  /** Port in the container. */
  target: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  /** `ingress`: every node answers; `host`: only nodes that run a task. */
  mode: 'ingress' | 'host';
}

/** A service of a deployed stack. */
export interface StackService {
  image: string;
  mode: string;
  replicas?: number;
  ports: PublishedPort[];
}

/** A compose application on the swarm. Created means: every service has converged. */
export class Stack extends pulumi.CustomResource {
  declare readonly clusterId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly file: pulumi.Output<string>;
  declare readonly services: pulumi.Output<Record<string, StackService>>;

  constructor(name: string, args: StackArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      secrets: args.secrets && pulumi.secret(args.secrets),
      managers: managersWithSecrets(args.managers),
    };
    super('swarm:index:Stack', name, { services: undefined, ...inputs }, options);
  }
}
