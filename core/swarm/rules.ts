import { isIP } from 'node:net';
import { canonicalAddress } from './addresses';
import { checkLabels } from './labels';
import { tolerates } from './quorum';

/** Something wrong with what the user asked for. `path` names the place as the user wrote it, such as `nodes[1].address`. */
export interface Problem {
  path: string;
  message: string;
}

/** The part of a node's declaration that rules look at. */
export interface DeclaredNode {
  name: string;
  address: string;
  role: 'manager' | 'worker';
  labels?: Record<string, string>;
}

/** Every problem of a list of nodes that is to become one swarm, in the order of the list. */
export function checkNodes(nodes: readonly DeclaredNode[], path = 'nodes'): Problem[] {
  const managers = nodes.filter((node) => node.role === 'manager').length;
  return [
    ...checkManagerCount(managers, path),
    ...nodes.flatMap((node, index) => checkNode(node, `${path}[${index}]`)),
    ...checkUnique(nodes, path, 'name', (node) => node.name.toLowerCase()),
    ...checkUnique(nodes, path, 'address', (node) => canonicalAddress(node.address)),
  ];
}

/** Every problem of one node by itself. */
export function checkNode(node: DeclaredNode, path: string): Problem[] {
  return [
    ...checkNodeName(node.name, `${path}.name`),
    ...checkAddress(node.address, `${path}.address`),
    ...checkLabels(node.labels ?? {}, `${path}.labels`),
  ];
}

/**
 * A swarm wants an odd number of managers: an even one tolerates no more losses than the odd number below it.
 * Source: https://docs.docker.com/engine/swarm/admin_guide/
 */
export function checkManagerCount(managers: number, path: string): Problem[] {
  if (managers % 2 === 1) return [];
  if (managers === 0) return [{ path, message: 'no node is a manager: a swarm needs 1, 3, 5 or 7 managers' }];
  const message =
    `${managers} managers: an odd number is needed, for example 1, 3, 5 or 7 ` +
    `(${managers} managers tolerate the loss of ${tolerates(managers)}, ` +
    `${managers - 1} of ${tolerates(managers - 1)}, ` +
    `${managers + 1} of ${tolerates(managers + 1)})`;
  return [{ path, message }];
}

/** The longest label of a host name and the longest whole name (RFC 1123 section 2.1); Linux ends a host name at 64. */
const LONGEST_HOSTNAME_LABEL = 63;
const LONGEST_HOSTNAME = 64;

/** A node's name is its machine's host name: labels of letters, digits and inner hyphens, parted by dots (RFC 1123). */
export function checkNodeName(name: string, path: string): Problem[] {
  const problem = (why: string): Problem[] => [{ path, message: `${JSON.stringify(name)} is not a host name: ${why}` }];
  if (name === '') return problem('it is empty');
  if (name.length > LONGEST_HOSTNAME) return problem(`it has ${name.length} characters, at most 64 are allowed`);
  for (const label of name.split('.')) {
    if (label === '') return problem('a part between dots is empty');
    if (label.length > LONGEST_HOSTNAME_LABEL) return problem('a part has more than 63 characters');
    if (!/^[a-z0-9-]+$/i.test(label)) return problem('only letters, digits, hyphens and dots are allowed');
    if (label.startsWith('-') || label.endsWith('-')) return problem('a part begins or ends with a hyphen');
  }
  return /^[0-9.]+$/.test(name) ? problem('it is a number or an address') : [];
}

/** An advertise address is an IPv4 or IPv6 address that other machines can reach: not a name, not a wildcard, not loopback. */
export function checkAddress(address: string, path: string): Problem[] {
  const shown = JSON.stringify(address);
  if (isIP(address) === 0) return [{ path, message: `${shown} is not an IPv4 or IPv6 address` }];
  const canonical = canonicalAddress(address);
  const unusable = UNUSABLE_ADDRESSES.find(({ pattern }) => pattern.test(canonical));
  return unusable ? [{ path, message: `${shown} is ${unusable.what}: other nodes cannot reach it` }] : [];
}

const UNUSABLE_ADDRESSES = [
  { pattern: /^(0\.0\.0\.0|::)$/, what: 'the wildcard address' },
  { pattern: /^(127\.|::1$)/, what: 'a loopback address' },
  { pattern: /^(2(2[4-9]|3\d)\.|ff[0-9a-f]{2}:)/, what: 'a multicast address' },
  { pattern: /^255\.255\.255\.255$/, what: 'the broadcast address' },
];

function checkUnique<T extends DeclaredNode>(
  nodes: readonly T[],
  path: string,
  field: 'name' | 'address',
  key: (node: T) => string,
): Problem[] {
  const first = new Map<string, number>();
  return nodes.flatMap((node, index) => {
    const earlier = first.get(key(node));
    if (earlier === undefined) {
      first.set(key(node), index);
      return [];
    }
    const other = field === 'name' ? '' : ` of ${nodes[earlier]?.name ?? ''}`;
    const message = `${field} ${node[field]} is already used by ${path}[${earlier}]${other}: every node needs its own`;
    return [{ path: `${path}[${index}].${field}`, message }];
  });
}
