/** Environment files for tests: a folder to put files in, and YAML that is read as Pulumi would hand it over. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { readEnvironment } from '../../config/read';
import type { Environment } from '../../config';

export const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\n';

/** Makes a folder that is also the cache of the project, with the lab's key and the given files in it. */
export function makeHome(files: Record<string, string> = {}): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'environment-'));
  process.env.SWARM_CACHE = home;
  for (const [name, text] of Object.entries({ 'lab/id_ed25519': `${PRIVATE_KEY}lab`, ...files })) {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.writeFileSync(path.join(home, name), text);
  }
  return home;
}

export function removeHome(home: string): void {
  delete process.env.SWARM_CACHE;
  fs.rmSync(home, { recursive: true });
}

/** The file text of an environment, whose value is given as YAML; HOME in it stands for the folder. */
export function fileText(yaml: string, home: string): string {
  const indented = yaml.replace(/^(?=.)/gm, '    ');
  return `config:\n  swarm:environment:\n${indented}`.replaceAll('HOME', home);
}

/** Reads an environment as if nothing in it had been encrypted. */
export function readYaml(yaml: string, home: string): Environment {
  const text = fileText(yaml, home);
  const { config } = parse(text) as { config: Record<string, unknown> };
  return readEnvironment({
    name: 'test',
    file: 'Pulumi.test.yaml',
    fileText: text,
    value: config['swarm:environment'],
  });
}
