/** Environments with something wrong in them, and the lines that are shown for it. */
import { EnvironmentError } from '../../config';
import { readYaml } from './environment-file';

/** The lines that are shown for an environment, with HOME for the folder; none when there is nothing wrong with it. */
export function complaints(yaml: string, home: string): string[] {
  try {
    readYaml(yaml, home);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.message.replaceAll(home, 'HOME').split('\n');
  }
}

/** Keys of an environment with their values as YAML. */
export type Keys = Record<string, string>;

const LAB: Keys = { machines: '{ kind: uml }', nodes: '[{ name: node1, role: manager, address: 10.77.0.11 }]' };
const BOARDS: Keys = {
  machines: '{ kind: existing }',
  ssh: '{ privateKeyFile: HOME/key, knownHostsFile: HOME/known_hosts }',
  nodes: '[{ name: node1, role: manager, address: 10.0.0.1 }]',
};

/** A right environment of lab machines, with these changes. */
export function lab(changes: Keys = {}): string {
  return toYaml({ ...LAB, ...changes });
}

/** A right environment of existing machines, with these changes. It wants `key` and `known_hosts` in the folder. */
export function boards(changes: Keys = {}): string {
  return toYaml({ ...BOARDS, ...changes });
}

/** The key `nodes`, from the fields of each. */
export function nodes(...entries: string[]): Keys {
  return { nodes: `[${entries.map((entry) => `{ ${entry} }`).join(', ')}]` };
}

function toYaml(keys: Keys): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}
