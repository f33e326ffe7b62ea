/** The comparison is fair only while the shell script makes what the environment dev says. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { devInLab } from '../../support/e2e-config';
import { projectRoot } from '../../support/plugin';

const script = readFileSync(path.join(projectRoot, 'bench/by-hand.sh'), 'utf8');
const config = devInLab('bench', '10.76.0');

/** The text between single quotes that a variable is set to. */
function variable(name: string): string {
  return new RegExp(`^${name}='([^']*)'`, 'm').exec(script)?.[1] ?? '';
}

describe('the shell script of the benchmark', () => {
  it('makes the same nodes as dev', () => {
    const nodes = config.nodes.map(
      ({ name, address, role, labels }) => `${name} ${address.split('.').pop() ?? ''} ${role} ${labels?.zone ?? ''}`,
    );
    expect(variable('NODES').split('\n')).toEqual(nodes);
    expect(config.nodes.every(({ labels }) => Object.keys(labels ?? {}).join() === 'zone')).toBe(true);
  });

  it('gives the machines the same memory', () => {
    expect(script).toContain(`MACHINE_MEMORY=${String(config.machines.memory)} `);
  });

  it('writes the same daemon.json', () => {
    expect(JSON.parse(variable('DAEMON'))).toEqual((config.engine as { daemon: object }).daemon);
  });

  it('deploys the same stacks with the same images', () => {
    expect(Object.keys(config.stacks)).toEqual(['home']);
    expect(script).toContain(`<${config.stacks.home?.compose ?? 'none'}`);
    const images = Object.entries(config.stacks.home?.variables ?? {});
    expect(variable('IMAGES')).toBe(images.map(([name, image]) => `${name}=${image}`).join(' '));
  });
});
