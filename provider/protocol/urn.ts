/** The parts of a resource's name as Pulumi writes it: `urn:pulumi:<environment>::<project>::<types>::<name>`. */

/** Name of the Pulumi stack, which is the environment. */
export function environmentOf(urn: string): string {
  return urn.split('::')[0]?.split(':').pop() ?? '';
}

/** Type of the resource itself: `swarm:index:Node`. */
export function typeOf(urn: string): string {
  return urn.split('::')[2]?.split('$').pop() ?? '';
}

/** Name of the resource within the program. */
export function nameOf(urn: string): string {
  return urn.split('::').slice(3).join('::');
}
