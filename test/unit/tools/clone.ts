import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const project = resolve(__dirname, '../../..');

/**
 * A copy of the project's scripts in a folder with an awkward name, with a cache of its own and with a `pulumi` on PATH
 * that records how it's called.
 */
export class Clone {
  readonly base = mkdtempSync(join(tmpdir(), 'clone-'));
  readonly root = join(this.base, "it's a  $clone");
  readonly cache = join(this.base, 'cache');
  readonly programs = join(this.base, 'bin');

  constructor() {
    cpSync(join(project, 'tools'), join(this.root, 'tools'), {
      recursive: true,
      filter: (path) => !/\.ts$|command-plugin/.test(path),
    });
    cpSync(join(project, 'package.json'), join(this.root, 'package.json'));
    mkdirSync(join(this.root, 'node_modules/@pulumi/pulumi'), { recursive: true });
    this.write('Pulumi.yaml', 'name: swarm\n');
    this.program('pulumi', `echo "$*" >>'${this.calls}'`);
    this.program('pulumi-language-nodejs', 'true');
  }

  /** Where the pulumi of this clone records its arguments. */
  get calls(): string {
    return join(this.base, 'calls');
  }

  /** The state of the clone's file backend. */
  get state(): string {
    return join(this.root, '.state');
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Puts a shell script on PATH. */
  program(name: string, script: string): void {
    mkdirSync(this.programs, { recursive: true });
    writeFileSync(join(this.programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.programs, name), 0o755);
  }

  /** Runs bash in the clone, with nothing of the surrounding settings but PATH. */
  bash(script: string, environment: Record<string, string> = {}): SpawnSyncReturns<string> {
    return spawnSync('bash', ['-c', script], {
      cwd: this.root,
      encoding: 'utf8',
      env: {
        HOME: this.base,
        SWARM_CACHE: this.cache,
        PATH: `${this.programs}:/usr/bin:/bin`,
        ...environment,
      },
    });
  }

  remove(): void {
    rmSync(this.base, { recursive: true });
  }
}
