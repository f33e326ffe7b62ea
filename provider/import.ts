/**
 * What exists becomes a resource by its id alone (`pulumi import`). An id doesn't say how to reach a machine: that stands
 * in the environment file, which Pulumi gives the provider as its configuration. Loaded only when something is imported.
 */
import * as path from 'node:path';
import { environmentSchema, type EnvironmentFile } from '../config/schema';
import { Connections } from '../config/ssh';
import { readText } from '../config/files';
import { type Connection } from '../core/ssh/connection';
import { type ManagerEndpoint } from './access';
import { refused } from './importer';

/** An environment as far as an import needs it. */
export interface ImportSource {
  managers: ManagerEndpoint[];
  nodes: { name: string; address: string; connection: Connection }[];
  /** By name. */
  stacks: Record<string, { file: string; compose: string; variables: Record<string, string> }>;
}

/**
 * Reads the value of `swarm:environment`.
 * @param what is imported, for messages: `node4`
 * @throws StepError when it is missing, or describes machines that don't exist yet
 */
export function importSource(configuration: string | undefined, what: string): ImportSource {
  const file = environmentSchema.safeParse(parse(configuration));
  if (!file.success) {
    throw refused(what, 'the environment file does not say how to reach the machines', 'describe them there first');
  }
  if (file.data.machines.kind !== 'existing') {
    const cause = `machines of the kind ${file.data.machines.kind} are made by pulumi up, and don't exist before`;
    throw refused(what, cause, 'run `pulumi up`: a swarm that these machines form already is taken in as it is');
  }
  const nodes = connectionsOf(file.data, what);
  const roles = new Map(file.data.nodes.map(({ name, role }) => [name, role]));
  return {
    nodes,
    managers: nodes.filter(({ name }) => roles.get(name) === 'manager'),
    stacks: stacksOf(file.data, what),
  };
}

function connectionsOf({ nodes, ssh }: EnvironmentFile, what: string): ImportSource['nodes'] {
  const connections = new Connections(ssh, false);
  const reached = nodes.map((node, index) => ({
    name: node.name,
    address: node.address,
    connection: connections.forExisting(node, `nodes[${index}]`),
  }));
  const [problem] = connections.problems;
  if (problem) throw refused(what, `${problem.path}: ${problem.message}`, 'mend the environment file');
  return reached;
}

function stacksOf({ stacks }: EnvironmentFile, what: string): ImportSource['stacks'] {
  return Object.fromEntries(
    Object.entries(stacks).map(([name, { compose: file, variables }]) => {
      const read = readText(path.resolve(file));
      if ('failure' in read) throw refused(what, `${file}: ${read.failure}`, 'mend the environment file');
      return [name, { file, compose: read.text, variables }];
    }),
  );
}

function parse(configuration: string | undefined): unknown {
  try {
    return JSON.parse(configuration ?? '');
  } catch {
    return undefined;
  }
}
