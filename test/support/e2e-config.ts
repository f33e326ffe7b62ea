/** The environment of the end-to-end tests: `dev` as it is shipped, in a lab of its own. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from './plugin';

export interface NodeConfig {
  name: string;
  role: string;
  address: string;
  labels?: Record<string, string>;
  [more: string]: unknown;
}

export interface EnvironmentConfig {
  machines: Record<string, unknown>;
  nodes: NodeConfig[];
  stacks: Record<string, { compose: string; variables: Record<string, string> }>;
  [more: string]: unknown;
}

/** `dev`, moved to another lab, so that both can be up at the same time. */
export function devInLab(lab: string, subnet: string): EnvironmentConfig {
  const file = parse(readFileSync(path.join(projectRoot, 'Pulumi.dev.yaml'), 'utf8')) as {
    config: Record<'swarm:environment', EnvironmentConfig>;
  };
  const environment = file.config['swarm:environment'];
  const moved = (address: string): string => `${subnet}.${address.split('.').pop() ?? ''}`;
  return {
    ...environment,
    machines: { ...environment.machines, lab, subnet },
    nodes: environment.nodes.map((node) => ({ ...node, address: moved(node.address) })),
  };
}
