/**
 * A simulation as a process of its own, so that its work isn't mistaken for that of what is tried on it. The argument
 * is the number of machines. Says in one line of JSON how to reach them ({@link Announcement}); for each line on
 * standard input, in another one what has been asked of them so far ({@link Account}). Ends with its standard input.
 */
import { createInterface } from 'node:readline';
import { Lan, type ReachableMachine } from './lan';
import { Simulation } from './simulation';

export interface Announcement {
  machines: ReachableMachine[];
  /** Of the key that all machines let in. */
  privateKey: string;
}

export interface Account {
  /** Changes of membership that were asked for. */
  steps: number;
  violations: string[];
  /** SSH connections so far. */
  connections: number;
}

function say(line: Announcement | Account): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(count: number): Promise<void> {
  const simulation = new Simulation();
  simulation.addMachines(count);
  const lan = await new Lan(simulation).connect();
  say({ machines: lan.machines, privateKey: lan.clientKey.private });
  const { record } = simulation;
  for await (const line of createInterface(process.stdin)) {
    if (line === '') continue;
    say({ steps: record.steps.length, violations: record.violations, connections: lan.accepted });
  }
  await lan.close();
}

void main(Number(process.argv[2]));
