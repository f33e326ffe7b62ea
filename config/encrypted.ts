import { parse } from 'yaml';
import type { Problem } from '../core/swarm/rules';
import { pathText } from './problems';

type Path = readonly (string | number)[];

/**
 * Where an environment file has values encrypted by `pulumi config set --secret --path`. Pulumi hands the program one
 * decrypted object without saying which parts were encrypted, so this is read from the file.
 */
export function encryptedPaths(fileText: string): Path[] {
  // The limit of 100 aliases is against hostile files; here it would be one against many nodes with the same labels.
  const { config } = (parse(fileText, { maxAliasCount: -1 }) ?? {}) as { config?: Record<string, unknown> };
  return walk(config?.['swarm:environment'], []);
}

function walk(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 1 && typeof (value as { secure?: unknown }).secure === 'string') return [path];
  return entries.flatMap(([key, child]) => walk(child, [...path, Array.isArray(value) ? Number(key) : key]));
}

/** Encrypted values in places where they would be shown nevertheless. */
export function encryptedProblems(paths: readonly Path[]): Problem[] {
  return paths
    .filter((path) => !canBeSecret(path))
    .map((path) => ({
      path: pathText(path),
      message:
        'is encrypted, but would be shown: only passwords, and variables and secrets of stacks, can be encrypted',
    }));
}

function canBeSecret(path: Path): boolean {
  const [room, , kind] = path;
  if (room === 'stacks') return path.length === 4 && (kind === 'variables' || kind === 'secrets');
  return ['password', 'privateKeyPassword'].includes(String(path.at(-1)));
}
