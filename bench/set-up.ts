/** From a fresh clone to a working service, with an empty cache and with a filled one. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { environmentName, removeLab, waitForAnswers, writeEnvironmentFile } from './lab';
import { run } from './process';
import { type Context } from './ways';

/** Seconds after which `make up` is given up. */
const LIMIT = 1800;

/** What a clone doesn't have. */
const NOT_CLONED = new Set(['node_modules', 'dist', '.state', '.git', 'coverage']);

/**
 * `make up` in a copy of the sources, twice: the first time with an empty cache, npm's included. Debian packages that
 * are installed on this computer stay so.
 * @returns seconds until the services answer
 */
export async function measureSetup(context: Context): Promise<{ coldSeconds: number; warmSeconds: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'setup-'));
  const env = freshSettings(context.root, folder);
  try {
    context.say('setup: cold');
    const coldSeconds = await measureClone(path.join(folder, 'cold'), env, context);
    context.say('setup: warm');
    const warmSeconds = await measureClone(path.join(folder, 'warm'), env, context);
    return { coldSeconds, warmSeconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureClone(
  clone: string,
  env: Record<string, string | undefined>,
  { root, signal, say }: Context,
): Promise<number> {
  cpSync(root, clone, { recursive: true, filter: (source) => !NOT_CLONED.has(path.basename(source)) });
  writeEnvironmentFile(clone);
  const begin = performance.now();
  try {
    const make = ['up', `ENV=${environmentName}`];
    await run('make', make, { title: 'make up', cwd: clone, env, limitSeconds: LIMIT, signal, onLine: say });
    await waitForAnswers(root, signal);
    return (performance.now() - begin) / 1000;
  } finally {
    await removeLab(clone, env);
  }
}

/** The environment of a person who has just logged in: none of what `make env` has set for this process. */
function freshSettings(root: string, folder: string): Record<string, string | undefined> {
  const { SWARM_CACHE: cache = root } = process.env;
  const own = (directory: string): boolean => directory.startsWith(cache) || directory.startsWith(root);
  const pulumi = Object.keys(process.env).filter((name) => name.startsWith('PULUMI_'));
  return {
    ...Object.fromEntries(pulumi.map((name) => [name, undefined])),
    ...{ TMPDIR: undefined, MAKEFLAGS: undefined, MAKELEVEL: undefined },
    PATH: (process.env.PATH ?? '')
      .split(':')
      .filter((directory) => !own(directory))
      .join(':'),
    SWARM_CACHE: path.join(folder, 'cache'),
    npm_config_cache: path.join(folder, 'npm'),
  };
}
