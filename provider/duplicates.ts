/** Finds two resources of one run that claim the same name or address, though each is checked by itself. */
import { type Problem } from '../core/swarm/rules';
import { nameOf } from './protocol/urn';

/** What has been claimed so far in this run. A resource that is checked again replaces its earlier claim. */
export class Duplicates {
  /** kind -> URN -> value */
  private readonly claims = new Map<string, Map<string, string>>();

  /** Records a claim; returns a problem when another resource has made the same. */
  check(urn: string, kind: string, value: string): Problem[] {
    const claims = this.claims.get(kind) ?? new Map<string, string>();
    this.claims.set(kind, claims.set(urn, value.toLowerCase()));
    const other = [...claims].find(([otherUrn, claimed]) => otherUrn !== urn && claimed === value.toLowerCase());
    if (!other) return [];
    return [{ path: kind, message: `${value} is already the ${kind} of the node ${nameOf(other[0])}` }];
  }
}
