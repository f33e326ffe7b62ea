import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A path as a person writes it: `~` is the home folder, anything relative is taken from the project's folder. */
export function expandHome(file: string): string {
  return file === '~' || file.startsWith('~/') ? path.join(homeFolder(), file.slice(1)) : file;
}

function homeFolder(): string {
  return process.env.HOME ?? os.homedir();
}

/** A file's text, or in a few words why it can't be read. */
export function readText(file: string): { text: string } | { failure: string } {
  try {
    return { text: fs.readFileSync(file, 'utf8') };
  } catch (error) {
    return { failure: REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message };
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'not readable by this user',
  EISDIR: 'a folder, not a file',
  ENOTDIR: 'no such file',
};

/** Where everything is kept that is made outside the project's folder. Also in lab/lib/common.sh and tools/lib.sh. */
export function cacheFolder(): string {
  const { SWARM_CACHE, XDG_CACHE_HOME } = process.env;
  const caches = XDG_CACHE_HOME ?? path.join(homeFolder(), '.cache');
  return SWARM_CACHE ?? path.join(caches, 'pulumi-swarm');
}
