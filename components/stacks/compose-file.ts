import * as fs from 'node:fs';
import * as path from 'node:path';
import { RunError } from '@pulumi/pulumi';
import type { FileObjectModel } from '../../core/swarm/compose/model';
import { parseCompose, type ComposeFile } from '../../core/swarm/compose/parse';

/** Contents by name. */
export type Contents = Record<string, string>;

/** The text of a compose file. @throws RunError when it can't be read */
export function readComposeFile(file: string, stack: string): string {
  return readText(file, `stack ${stack}: compose file`);
}

/**
 * What a compose file's configs and secrets take from files beside it. A compose file with problems yields nothing here;
 * they are reported where the stack itself is checked.
 * @throws RunError when a file can't be read
 */
export function readReferencedFiles(compose: ComposeFile): { configs: Contents; secrets: Contents } {
  const { model } = parseCompose(compose);
  const read = (objects: Record<string, FileObjectModel> = {}): Contents => {
    const entries = Object.entries(objects).flatMap(([name, { file }]): [string, string][] =>
      file === undefined
        ? []
        : [[name, readText(path.resolve(path.dirname(compose.file), file), `${compose.file}: ${name}`)]],
    );
    return Object.fromEntries(entries);
  };
  return { configs: read(model?.configs), secrets: read(model?.secrets) };
}

function readText(file: string, what: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new RunError(`${what}: ${(error as Error).message}`);
  }
}
