import * as pulumi from '@pulumi/pulumi';
import { Stack, type ManagerEndpoint, type StackService } from '../resources';
import { bracketed } from '../swarm';
import { readComposeFile, readReferencedFiles } from './compose-file';

type Texts = Record<string, pulumi.Input<string>>;

export interface ComposeStackArgs {
  clusterId: pulumi.Input<string>;
  /** Path of the compose file. Configs and secrets that it takes from files are read from beside it. */
  file: string;
  /** What `${NAME}` stands for in the compose file. */
  variables?: Texts;
  /** Contents of secrets that the compose file declares without a file, by name. */
  secrets?: Texts;
  managers: readonly ManagerEndpoint[];
  /** Addresses at which the nodes' published ports answer. */
  endpoints: readonly string[];
  /** How long services may take to converge, in seconds. Default: 300. */
  convergeTimeoutSeconds?: number;
}

/** A compose application on a swarm. */
export class ComposeStack extends pulumi.ComponentResource {
  /** By service, the URLs that answer. */
  readonly endpoints: pulumi.Output<Record<string, string[]>>;

  constructor(name: string, args: ComposeStackArgs, options?: pulumi.ComponentResourceOptions) {
    // What the component itself depended on would be waited for, but could be deleted before the stack is; and where it
    // fails, Pulumi would complain that the component was never registered.
    const { dependsOn, ...rest } = options ?? {};
    super('swarm:stacks:ComposeStack', name, {}, rest);
    const { clusterId, file, variables = {}, secrets = {}, managers, convergeTimeoutSeconds } = args;
    const compose = readComposeFile(file, name);
    const files = pulumi
      .output(variables)
      .apply((values) => readReferencedFiles({ text: compose, file, variables: values }));
    const stack = new Stack(
      name,
      {
        ...{ clusterId, name, compose, file, variables },
        configs: files.configs,
        secrets: pulumi.all([files.secrets, secrets]).apply(([read, given]) => ({ ...read, ...given })),
        ...{ managers, convergeTimeoutSeconds },
      },
      { parent: this, dependsOn },
    );
    this.endpoints = stack.services.apply((services) => urlsOf(services, args.endpoints));
    this.registerOutputs({ endpoints: this.endpoints });
  }
}

/**
 * The URLs that answer, for every service that publishes TCP ports through the routing mesh: one for each port and node.
 * Ports in host mode are left out, as only nodes that run a task answer there.
 */
export function urlsOf(
  services: Record<string, Pick<StackService, 'ports'>>,
  endpoints: readonly string[],
): Record<string, string[]> {
  const urls = Object.entries(services).map(([service, { ports }]): [string, string[]] => {
    const meshed = ports.filter(({ protocol, mode }) => protocol === 'tcp' && mode === 'ingress');
    const numbers = meshed.map(({ published }) => published).sort((one, other) => one - other);
    return [service, numbers.flatMap((port) => endpoints.map((endpoint) => urlOf(endpoint, port)))];
  });
  return Object.fromEntries(urls.filter(([, answering]) => answering.length > 0));
}

function urlOf(endpoint: string, port: number): string {
  return `http://${bracketed(endpoint)}${port === 80 ? '' : `:${port}`}/`;
}
