import type { Problem } from './rules';

/**
 * Namespaces that Docker keeps for itself.
 * Source: https://docs.docker.com/engine/manage-resources/labels/#key-format-recommendations
 */
const RESERVED_NAMESPACES = ['com.docker.', 'io.docker.', 'org.dockerproject.'];

/**
 * Node label that a roll leaves while it has a node drained: the availability to give back, should it be interrupted.
 * It is the provider's own, never part of what an environment wants.
 */
export const AVAILABILITY_LABEL = 'pulumi-swarm.availability-before-change';

/** A node's labels without what the provider itself keeps there. */
export function userLabels(labels: Record<string, string> | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => key !== AVAILABILITY_LABEL));
}

/** What happens to labels that the environment doesn't know: somebody has set them by hand. */
export type OtherLabels = 'remove' | 'keep';

/**
 * The labels that a node should have.
 * @param found those it has
 * @param formerly keys that the environment has set earlier: they go when they are wanted no more, whatever `others` says
 */
export function targetLabels(
  found: Record<string, string>,
  wanted: Record<string, string>,
  formerly: readonly string[],
  others: OtherLabels,
): Record<string, string> {
  if (others === 'remove') return wanted;
  const kept = Object.entries(found).filter(([key]) => !formerly.includes(key));
  return { ...Object.fromEntries(kept), ...wanted };
}

/** Every problem of a set of node or engine labels. */
export function checkLabels(labels: Record<string, string>, path: string): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkLabelKey(key, `${path}.${key}`),
    ...checkLabelValue(value, `${path}.${key}`),
  ]);
}

/**
 * A label key: letters, digits, dots, hyphens and underscores, a letter or digit at both ends.
 *
 * Docker stores any key; the limit is that of placement constraints, which can name no other (swarmkit
 * manager/constraint), so a node label outside it could never be used. The same rule holds for engine labels.
 */
export function checkLabelKey(key: string, path: string): Problem[] {
  const shown = JSON.stringify(key);
  const typed = SCOPE_PREFIX.exec(key);
  if (typed) {
    return [
      {
        path,
        message: `${shown} is not a label key: write ${key.slice(typed[0].length)} without ${typed[0]}, which only constraints need`,
      },
    ];
  }
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(key)) {
    const message = `${shown} is not a label key: letters, digits, dots, hyphens and underscores are allowed, with a letter or digit at both ends`;
    return [{ path, message }];
  }
  const reserved = RESERVED_NAMESPACES.find((namespace) => key.toLowerCase().startsWith(namespace));
  return reserved
    ? [{ path, message: `${shown} is not allowed: Docker keeps ${reserved}* for itself; use a namespace of your own` }]
    : [];
}

const SCOPE_PREFIX = /^(node|engine)\.labels\./;

/** A label value is one line of text. */
export function checkLabelValue(value: string, path: string): Problem[] {
  const bad = /[\u0000-\u001f\u007f]/.test(value);
  return bad ? [{ path, message: 'a label value is one line of text without control characters' }] : [];
}
