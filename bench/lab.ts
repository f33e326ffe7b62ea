/** The lab that the benchmark makes its machines in, and the environment in it. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { parse, stringify } from 'yaml';
import { devInLab, type EnvironmentConfig } from '../test/support/e2e-config';
import { run } from './process';

const SUBNET = '10.76.0';
export const labSettings = { LAB: 'bench', LAB_SUBNET: SUBNET };

/** .gitignore knows the environments whose names begin so. */
export const environmentName = 'e2e-bench';

const config = devInLab(labSettings.LAB, SUBNET);
export const machineNames: ReadonlySet<string> = new Set(config.nodes.map(({ name }) => name));
/** Where published ports of the nodes answer on this computer. */
export const endpoints: readonly string[] = config.nodes.map(({ address }) => address.replace(/^\d+/, '127'));

export function environmentFile(root: string): string {
  return path.join(root, `Pulumi.${environmentName}.yaml`);
}

/** Writes `dev`, moved to the benchmark's lab, as an environment of the clone at root. */
export function writeEnvironmentFile(root: string): void {
  writeFileSync(environmentFile(root), stringify({ config: { 'swarm:environment': config } }));
}

export type LabConfig = EnvironmentConfig;

/** Changes the environment's file. What Pulumi has written into it stays, as the state's secrets need it. */
export function changeEnvironmentFile(root: string, change: (config: LabConfig) => LabConfig): void {
  const file = environmentFile(root);
  const written = parse(readFileSync(file, 'utf8')) as { config: Record<'swarm:environment', LabConfig> };
  const changed = change(written.config['swarm:environment']);
  writeFileSync(file, stringify({ ...written, config: { 'swarm:environment': changed } }));
}

/** The same with another label on the last node. */
export function labelled(config: LabConfig, value: string): LabConfig {
  const last = config.nodes.at(-1)?.name;
  const nodes = config.nodes.map((node) => (node.name === last ? { ...node, labels: { bench: value } } : node));
  return { ...config, nodes };
}

/** The same with a sixth node. */
export function withWorker(config: LabConfig): LabConfig {
  return { ...config, nodes: [...config.nodes, { name: 'node6', role: 'worker', address: `${SUBNET}.16` }] };
}

/** Removes the lab, whatever state it is in. Not to be interrupted, and short. */
export async function removeLab(root: string, env: Record<string, string | undefined> = {}): Promise<void> {
  const lab = { ...labSettings, ...env };
  await run('lab/lab', ['down'], { title: 'lab down', cwd: root, env: lab, limitSeconds: 120 });
}

/** Waits until the services of `home` answer at every node. */
export async function waitForAnswers(root: string, signal: AbortSignal): Promise<void> {
  const options = { title: 'waiting for answers', cwd: root, limitSeconds: 240, signal };
  await run('bench/wait-for-answers', [...endpoints], options);
}
