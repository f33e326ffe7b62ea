import type * as pulumi from '@pulumi/pulumi';
import type { MachineDeclaration } from '../components/machines';
import type { ClusterArgs, NodeAvailability, NodeRole, OtherLabels } from '../components/resources';
import type { EnvironmentFile } from './schema';

/** An environment: one Pulumi stack, from machines to compose stacks, checked and with every default filled in. */
export interface Environment {
  /** Name of the Pulumi stack. */
  name: string;
  engine: EnvironmentFile['engine'];
  limits: EnvironmentFile['limits'];
  cluster: Omit<ClusterArgs, 'name' | 'managers'>;
  /** Sorted by name, so that their order in the file means nothing. */
  nodes: NodeSettings[];
  /** Sorted by name. */
  stacks: StackSettings[];
}

/** A node and the machine that becomes it. */
export interface NodeSettings {
  name: string;
  role: NodeRole;
  labels: Record<string, string>;
  otherLabels?: OtherLabels;
  availability: NodeAvailability;
  machine: MachineDeclaration;
}

/** A compose application. */
export interface StackSettings {
  name: string;
  /** Path of the compose file from the project's folder. */
  file: string;
  variables: Record<string, pulumi.Input<string>>;
  secrets: Record<string, pulumi.Output<string>>;
  convergeTimeoutSeconds?: number;
}
