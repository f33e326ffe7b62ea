/** Machines that carry the provider to places where real ones would be too many, too slow or too hard to break. */
import { type Server } from 'node:http';
import { engineOf } from './engine';
import { Faults } from './faults';
import { SimulatedMachine } from './machine';
import { type Pace, QUICK } from './pace';
import { StepRecord } from './record';
import { type SimulatedSwarm } from './swarm';

/** Several machines, the swarms they are in, and all that was asked of them. */
export class Simulation {
  readonly machines: SimulatedMachine[] = [];
  readonly swarms: SimulatedSwarm[] = [];
  readonly record = new StepRecord();
  readonly faults = new Faults();
  private readonly engines = new Map<SimulatedMachine, Server>();

  constructor(readonly pace: Pace = QUICK) {}

  /** Adds machines, `n1` the first of them. */
  addMachines(count: number): SimulatedMachine[] {
    const added = Array.from({ length: count }, (_, index) => {
      const number = this.machines.length + index + 1;
      return new SimulatedMachine(`n${number}`, addressOf(number));
    });
    this.machines.push(...added);
    return added;
  }

  /** @throws RangeError when there is none of that name */
  machine(name: string): SimulatedMachine {
    const found = this.machines.find((machine) => machine.name === name);
    if (!found) throw new RangeError(`there is no simulated machine ${name}`);
    return found;
  }

  engine(machine: SimulatedMachine): Server {
    const engine = this.engines.get(machine) ?? engineOf(this, machine);
    this.engines.set(machine, engine);
    return engine;
  }

  /** The one swarm that lives. @throws RangeError when there is none, or more than one */
  get swarm(): SimulatedSwarm {
    for (const swarm of this.swarms) swarm.settle();
    const [swarm, ...others] = this.swarms.filter(({ isAlive }) => isAlive);
    if (!swarm || others.length > 0) throw new RangeError(`there are ${others.length + (swarm ? 1 : 0)} swarms`);
    return swarm;
  }
}

/** 10.64.1.1 and on; nothing listens there. */
function addressOf(number: number): string {
  return `10.64.${1 + Math.floor((number - 1) / 200)}.${1 + ((number - 1) % 200)}`;
}
