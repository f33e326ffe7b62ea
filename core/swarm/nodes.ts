import type { ApiNode } from '../docker/types';
import { canonicalAddress, hostOf } from './addresses';

/** A node's advertise address. A manager's own entry can say 0.0.0.0 in Status.Addr, so ManagerStatus.Addr goes first. */
export function addressOf(node: ApiNode): string {
  return node.ManagerStatus ? hostOf(node.ManagerStatus.Addr) : canonicalAddress(node.Status.Addr);
}

/** A node's host name; empty for one that has never reported: the API leaves out what is empty. */
export function hostnameOf({ Description }: { Description: { Hostname?: string } }): string {
  return Description.Hostname ?? '';
}

/** What people call a node: its host name, else its id. */
export function nameOf(node: ApiNode): string {
  return hostnameOf(node) || node.ID;
}

/** Whether swarm may give the node tasks. */
export function takesTasks(node: ApiNode): boolean {
  return isReady(node) && node.Spec.Availability === 'active';
}

/** Whether the node is alive in the managers' eyes. */
export function isReady(node: ApiNode): boolean {
  return node.Status.State === 'ready';
}
