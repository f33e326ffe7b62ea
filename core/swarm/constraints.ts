import { BlockList, isIP } from 'node:net';
import type { ApiNode } from '../docker/types';
import { addressOf, hostnameOf } from './nodes';

/** A placement constraint: `node.labels.zone == a`. */
export interface Constraint {
  key: string;
  equal: boolean;
  value: string;
}

/** The keys swarm knows; any other never matches a node. Source: swarmkit manager/constraint. */
const PLAIN_KEYS = ['node.id', 'node.hostname', 'node.ip', 'node.role', 'node.platform.os', 'node.platform.arch'];
const PREFIXES = ['node.labels.', 'engine.labels.'];

/** Reads a constraint as swarm does, or says in words why swarm would not take it or never match it. */
export function parseConstraint(text: string): Constraint | { problem: string } {
  const operator = text.includes('==') ? '==' : '!=';
  const position = text.indexOf(operator);
  if (position === -1) return { problem: 'a constraint has == or != in it, such as node.role == worker' };
  const key = text.slice(0, position).trim();
  const value = text.slice(position + 2).trim();
  const lower = key.toLowerCase();
  const known =
    PLAIN_KEYS.includes(lower) || PREFIXES.some((prefix) => lower.startsWith(prefix) && lower.length > prefix.length);
  if (!known)
    return {
      problem: `${key === '' ? 'an empty key' : key} is none of ${[...PLAIN_KEYS, 'node.labels.*', 'engine.labels.*'].join(', ')}`,
    };
  if (!/^[a-z_][a-z0-9\-_.]+$/i.test(key))
    return { problem: `${key} has characters that swarm does not take in a key` };
  if (!/^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i.test(value)) {
    return {
      problem: value === '' ? 'the value is missing' : `${value} has characters that swarm does not take in a value`,
    };
  }
  return { key, equal: operator === '==', value };
}

/** Whether a node satisfies all constraints. Values are compared without regard to case, label keys with it, as swarm does. */
export function matchesConstraints(node: ApiNode, constraints: readonly string[]): boolean {
  return constraints.every((text) => {
    const constraint = parseConstraint(text);
    return !('problem' in constraint) && matches(node, constraint);
  });
}

function matches(node: ApiNode, constraint: Constraint): boolean {
  if (constraint.key.toLowerCase() === 'node.ip')
    return inSubnet(addressOf(node), constraint.value) === constraint.equal;
  const actual = factOf(node, constraint.key) ?? '';
  return (actual.toLowerCase() === constraint.value.toLowerCase()) === constraint.equal;
}

function factOf(node: ApiNode, key: string): string | undefined {
  const lower = key.toLowerCase();
  if (lower.startsWith('node.labels.')) return node.Spec.Labels?.[key.slice('node.labels.'.length)];
  if (lower.startsWith('engine.labels.')) return engineLabelsOf(node)[key.slice('engine.labels.'.length)];
  const facts: Record<string, string | undefined> = {
    'node.id': node.ID,
    'node.hostname': hostnameOf(node),
    'node.role': node.Spec.Role,
    'node.platform.os': node.Description.Platform.OS,
    'node.platform.arch': node.Description.Platform.Architecture,
  };
  return facts[lower];
}

function engineLabelsOf(node: ApiNode): Record<string, string> {
  const engine: { EngineVersion: string; Labels?: Record<string, string> | null } = node.Description.Engine;
  return engine.Labels ?? {};
}

function inSubnet(address: string, value: string): boolean {
  const [network = '', prefix] = value.split('/');
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(network) === 0 || isIP(address) !== isIP(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  return list.check(address, family);
}
