/** Time and memory against the number of nodes, on simulated machines (test/support/simulation). */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parse, stringify } from 'yaml';
import { SimulationProcess } from '../test/support/simulation/process';
import { type ScaleRun, type SizeFigures } from './figures';
import { pulumi } from './pulumi';
import { roles, UsageWatch } from './usage';
import { type Context } from './ways';

/** .gitignore knows the environments whose names begin so. */
const ENVIRONMENT = 'e2e-scale';

/** Seconds after which one command is given up. */
const LIMIT = 900;

/** As `make up` runs it. */
const UP = ['up', '--yes', '--skip-preview', '--suppress-outputs', '--continue-on-error'];

/** From nothing, again with nothing to change, and with another label on every node. */
export async function measureSize(context: Context, nodes: number): Promise<SizeFigures> {
  const environment = new ScaleEnvironment(context, await SimulationProcess.start(nodes));
  try {
    await environment.initialize();
    const figures = {
      nodes,
      managers: managersOf(nodes),
      runs: {
        create: await environment.up('create', { zone: 'a' }),
        again: await environment.up('again', { zone: 'a' }, ['--expect-no-changes']),
        label: await environment.up('label', { zone: 'b' }),
      },
    };
    return { ...figures, violations: await environment.violations() };
  } finally {
    await environment.forget();
  }
}

/** Docker advises against more than seven. */
function managersOf(nodes: number): number {
  return nodes >= 50 ? 7 : nodes >= 25 ? 5 : 3;
}

class ScaleEnvironment {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'scale-'));

  constructor(
    private readonly context: Context,
    private readonly simulation: SimulationProcess,
  ) {}

  private get keyFile(): string {
    return path.join(this.folder, 'id_ed25519');
  }

  private get file(): string {
    return path.join(this.context.root, `Pulumi.${ENVIRONMENT}.yaml`);
  }

  async initialize(): Promise<void> {
    writeFileSync(this.keyFile, this.simulation.privateKey, { mode: 0o600 });
    this.configure({});
    await this.pulumi(['stack', 'init']);
  }

  async up(title: string, labels: Record<string, string>, more: string[] = []): Promise<ScaleRun> {
    this.configure(labels);
    let usage: UsageWatch | undefined;
    try {
      const seconds = await this.pulumi([...UP, ...more], (pid) => (usage = new UsageWatch(pid)));
      const used = usage?.stop();
      if (!used) throw new Error('pulumi has not been started');
      const shown = roles.map((role) => `${role} ${used[role].cpuSeconds.toFixed(1)} s`).join(', ');
      this.context.say(`${this.simulation.machines.length} nodes, ${title}: ${seconds.toFixed(1)} s; CPU: ${shown}`);
      return { seconds, used };
    } finally {
      usage?.stop();
    }
  }

  async violations(): Promise<number> {
    return (await this.simulation.account()).violations.length;
  }

  async forget(): Promise<void> {
    await this.simulation.stop();
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.file, { force: true });
  }

  private configure(labels: Record<string, string>): void {
    const { machines } = this.simulation;
    const managers = managersOf(machines.length);
    const value = {
      machines: { kind: 'existing' },
      ssh: { user: 'root', privateKeyFile: this.keyFile },
      nodes: machines.map((machine, index) => {
        const role = index < managers ? 'manager' : 'worker';
        return { ...machine, role, labels: { ...labels } };
      }),
    };
    // Pulumi keeps a salt there, without which it can't read the secrets in the state.
    const written = existsSync(this.file) ? (parse(readFileSync(this.file, 'utf8')) as object) : {};
    writeFileSync(this.file, stringify({ ...written, config: { 'swarm:environment': value } }));
  }

  private async pulumi(args: string[], onStart?: (pid: number) => void): Promise<number> {
    const options = { environment: ENVIRONMENT, stateFolder: this.folder, limitSeconds: LIMIT, onStart };
    return pulumi(this.context, args, options);
  }
}
