/** What both ways report while they run, and how that becomes the times of the phases. */
import { type EngineEvent } from '@pulumi/pulumi/automation';
import { phases, type Phase, type PhaseSeconds } from './figures';

/** One thing done: a machine answers, a node has joined. */
export interface Step {
  phase: Phase;
  what: string;
}

/** A line of by-hand.sh: `done docker node3`. */
export function stepOfLine(line: string): Step | undefined {
  const [word, phase, what] = line.split(' ');
  const known = phases.find((name) => name === phase);
  return word === 'done' && known && what ? { phase: known, what } : undefined;
}

/** Which resource stands for which step; a stack is done before the service answers, so that has no phase here. */
const resourcePhases: Record<string, Phase> = {
  'command:local:Command': 'machines',
  'swarm:index:Engine': 'docker',
  'swarm:index:Node': 'swarm',
};

/**
 * A resource that the engine has made. What the preview before it announces doesn't count, nor do the lab's network and
 * forwards, which are no machine.
 */
export function stepOfEvent(event: EngineEvent, machines: ReadonlySet<string>): Step | undefined {
  const made = madeBy(event);
  const phase = made && resourcePhases[made.type];
  return phase && machines.has(made.name) ? { phase, what: made.name } : undefined;
}

/** Whether the event says that the compose stack runs. */
export function isStackDone(event: EngineEvent): boolean {
  return madeBy(event)?.type === 'swarm:index:Stack';
}

/** The resource that an event says has been made, if it says so. */
export function madeBy(event: EngineEvent): { type: string; name: string } | undefined {
  const outputs = event.resOutputsEvent;
  if (!outputs || outputs.planning) return undefined;
  const { type, urn, op } = outputs.metadata;
  return op === 'create' ? { type, name: urn.split('::').pop() ?? '' } : undefined;
}

/** Takes the time of every step; a phase ends with its last one. */
export class Stopwatch {
  private readonly begin = performance.now();
  private readonly ends = new Map<Phase, number>();

  /** Seconds since the start. */
  get elapsed(): number {
    return (performance.now() - this.begin) / 1000;
  }

  took(phase: Phase): void {
    this.ends.set(phase, this.elapsed);
  }

  /** @throws Error when a phase never came */
  result(): PhaseSeconds {
    const missing = phases.filter((phase) => !this.ends.has(phase));
    if (missing.length > 0) throw new Error(`nothing was reported of: ${missing.join(', ')}`);
    return Object.fromEntries(this.ends) as PhaseSeconds;
  }
}
