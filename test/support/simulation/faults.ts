/** What goes wrong on simulated machines, and when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type SimulatedMachine } from './machine';
import { type Refusal } from './refusal';

export interface Fault {
  /** Name of the machine that the request is for. Default: any. */
  machine?: string;
  /** `POST /swarm/join`, or for a command: `exec facts`. */
  request: string | RegExp;
  /** Before the engine has done what it is asked, or after it and before its answer. Default before. */
  when?: 'before' | 'after';
  /** How often it happens. Default once. */
  times?: number;
  /** Milliseconds the answer takes longer. */
  delay?: number;
  /** The answer instead. */
  refusal?: Refusal;
  /** Whatever else happens: `(machine) => machine.setPower('off')`. */
  happens?: (machine: SimulatedMachine) => void;
}

export class Faults {
  private readonly pending: (Fault & { left: number })[] = [];

  add(fault: Fault): void {
    this.pending.push({ ...fault, left: fault.times ?? 1 });
  }

  before(machine: SimulatedMachine, request: string): Promise<void> {
    return this.strike(machine, request, 'before');
  }

  after(machine: SimulatedMachine, request: string): Promise<void> {
    return this.strike(machine, request, 'after');
  }

  private async strike(machine: SimulatedMachine, request: string, when: Fault['when']): Promise<void> {
    for (const fault of this.pending) {
      if (fault.left === 0 || (fault.when ?? 'before') !== when || !concerns(fault, machine, request)) continue;
      fault.left--;
      if (fault.delay !== undefined) await sleep(fault.delay);
      fault.happens?.(machine);
      if (fault.refusal) throw fault.refusal;
    }
  }
}

function concerns(fault: Fault, machine: SimulatedMachine, request: string): boolean {
  if (fault.machine !== undefined && fault.machine !== machine.name) return false;
  return typeof fault.request === 'string' ? fault.request === request : fault.request.test(request);
}
