/** Environments on simulated machines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type ReachableMachine } from './lan';

/** What stands of a node in an environment file, besides how its machine is reached. */
export interface SimulatedNode {
  role: 'manager' | 'worker';
  labels?: Record<string, string>;
  availability?: 'active' | 'pause' | 'drain';
}

/** A value of `swarm:environment`. @param nodes by name of the machine; machines that aren't in it are left out */
export function simulatedEnvironment(
  machines: readonly ReachableMachine[],
  privateKeyFile: string,
  nodes: ReadonlyMap<string, SimulatedNode>,
): object {
  return {
    machines: { kind: 'existing' },
    ssh: { user: 'root', privateKeyFile },
    nodes: machines.flatMap((machine) => {
      const node = nodes.get(machine.name);
      return node ? [{ ...machine, ...node }] : [];
    }),
  };
}

/** A private key in a file of its own. */
export class KeyFile {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'key-'));
  readonly path = path.join(this.folder, 'id_ed25519');

  constructor(privateKey: string) {
    writeFileSync(this.path, privateKey, { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
