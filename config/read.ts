import * as pulumi from '@pulumi/pulumi';
import type { MachineDeclaration, UmlMachineArgs } from '../components/machines';
import { withSecrets } from '../components/resources';
import { encryptedPaths, encryptedProblems } from './encrypted';
import type { Environment, NodeSettings, StackSettings } from './environment';
import { EnvironmentError, problemLine, schemaProblems } from './problems';
import { ruleProblems } from './rules';
import { environmentSchema, type EnvironmentFile, type NodeEntry } from './schema';
import { Connections, type LabLogin } from './ssh';
import { inspectStacks } from './stacks';

/** The value of `swarm:environment`, and where it comes from. */
export interface EnvironmentSource {
  /** Name of the environment. */
  name: string;
  /** Name of its file, for messages. */
  file: string;
  /** The file as it is on disk, encrypted values included; undefined when it is somewhere else. */
  fileText?: string;
  value: unknown;
}

/** Checks and completes an environment. @throws EnvironmentError */
export function readEnvironment({ name, file, fileText, value }: EnvironmentSource): Environment {
  const encrypted = fileText === undefined ? undefined : encryptedPaths(fileText);
  const misfits = [...schemaProblems(environmentSchema, value), ...encryptedProblems(encrypted ?? [])];
  if (misfits.length > 0) throw new EnvironmentError(misfits.map((problem) => problemLine(file, problem)));

  const entries = environmentSchema.parse(value);
  const connections = new Connections(entries.ssh, pulumi.runtime.isDryRun());
  const { ports, problems, composeProblems } = inspectStacks(entries.stacks);
  const nodes = entries.nodes.map((node, index): NodeSettings => {
    const machine = declareMachine(entries.machines, node, `nodes[${index}]`, connections, ports);
    const availability = node.availability ?? defaultAvailability(entries, node.role);
    const { otherLabels } = entries.membership;
    return { name: node.name, role: node.role, labels: node.labels, otherLabels, availability, machine };
  });
  const broken = [...ruleProblems(entries), ...connections.problems, ...problems];
  const lines = [...broken.map((problem) => problemLine(file, problem)), ...composeProblems];
  if (lines.length > 0) throw new EnvironmentError(lines);

  const stacks = Object.entries(entries.stacks).map(([stack, entry]) => stackSettings(stack, entry, encrypted));
  const { protect, rotateJoinTokens, rotateUnlockKey, defaultAddressPools, subnetSize, dataPathPort, ...spec } =
    entries.cluster;
  return {
    name,
    engine: entries.engine,
    limits: entries.limits,
    cluster: { spec, protect, rotateJoinTokens, rotateUnlockKey, defaultAddressPools, subnetSize, dataPathPort },
    nodes: nodes.sort(byName),
    stacks: stacks.sort(byName),
  };
}

function defaultAvailability({ membership, nodes }: EnvironmentFile, role: NodeEntry['role']): 'active' | 'drain' {
  const spared = role === 'manager' && membership.drainManagers === true;
  return spared && nodes.some((node) => node.role === 'worker') ? 'drain' : 'active';
}

function declareMachine(
  machines: EnvironmentFile['machines'],
  node: NodeEntry,
  at: string,
  connections: Connections,
  ports: readonly number[],
): MachineDeclaration {
  const { name, address } = node;
  if (machines.kind === 'uml')
    return { ...machines, name, address, ports, login: secretLogin(connections.forLab(name)) };
  return { ...machines, name, address, connection: withSecrets(connections.forExisting(node, at)) };
}

function secretLogin({ user, privateKey }: LabLogin): UmlMachineArgs['login'] {
  return { user, privateKey: privateKey && pulumi.secret(privateKey) };
}

/** Where it can't be told which variables are encrypted, all are kept secret. */
function stackSettings(
  name: string,
  entry: EnvironmentFile['stacks'][string],
  encrypted: readonly (readonly (string | number)[])[] | undefined,
): StackSettings {
  const isSecret = (variable: string): boolean =>
    encrypted?.some(
      (path) => path[0] === 'stacks' && path[1] === name && path[2] === 'variables' && path[3] === variable,
    ) ?? true;
  const variables = Object.entries(entry.variables).map(([variable, text]) => [
    variable,
    isSecret(variable) ? pulumi.secret(text) : text,
  ]);
  const secrets = Object.entries(entry.secrets).map(([key, content]) => [key, pulumi.secret(content)]);
  return {
    name,
    file: entry.compose,
    variables: Object.fromEntries(variables) as StackSettings['variables'],
    secrets: Object.fromEntries(secrets) as StackSettings['secrets'],
    convergeTimeoutSeconds: entry.convergeTimeoutSeconds,
  };
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
