import { checkClusterSettings } from '../core/swarm/cluster-settings';
import { checkNodes, type Problem } from '../core/swarm/rules';
import type { EnvironmentFile, NodeEntry } from './schema';

/** What a file breaks of the rules that span several of its keys. */
export function ruleProblems(file: EnvironmentFile): Problem[] {
  const settings = { ...file.cluster, autolock: file.cluster.autolock ?? false };
  return [
    ...checkNodes(file.nodes),
    ...checkClusterSettings(settings, (setting) => `cluster.${setting}`),
    ...(file.machines.kind === 'uml' ? labProblems(file, file.machines.subnet) : []),
  ];
}

/** Keys of a node that say how to reach a machine; a lab machine is reached as the lab says. */
const REACH = [
  'host',
  'hostKey',
  'user',
  'port',
  'privateKeyFile',
  'privateKeyPassword',
  'password',
  'agentSocketPath',
  'sudo',
  'jumpHost',
] as const satisfies readonly (keyof NodeEntry)[];

function labProblems({ nodes, ssh }: EnvironmentFile, subnet: string): Problem[] {
  const unused = (path: string): Problem => ({
    path,
    message: 'has no meaning for uml machines, which the lab says how to reach; remove it',
  });
  return [
    ...Object.keys(ssh).map((key) => unused(`ssh.${key}`)),
    ...nodes.flatMap((node, index) => [
      ...REACH.filter((key) => node[key] !== undefined).map((key) => unused(`nodes[${index}].${key}`)),
      ...labNodeProblems(node, `nodes[${index}]`, subnet),
    ]),
  ];
}

function labNodeProblems(node: NodeEntry, at: string, subnet: string): Problem[] {
  const problems: Problem[] = [];
  if (!/^[a-z0-9-]+$/.test(node.name)) {
    problems.push({ path: `${at}.name`, message: 'a uml machine has small letters, digits and dashes in its name' });
  }
  const last = node.address.startsWith(`${subnet}.`) ? Number(node.address.slice(subnet.length + 1)) : NaN;
  if (!(last >= 2 && last <= 254)) {
    const message = `${node.address} is not in the lab's network; give it one from ${subnet}.2 to ${subnet}.254`;
    problems.push({ path: `${at}.address`, message });
  }
  return problems;
}
