/** What the benchmark measures. Times are in seconds. */
import { type Role, roles, type Usage } from './usage';

/** The steps both ways go through; each one's time is the time since the start at which the last of it was done. */
export const phases = ['machines', 'docker', 'swarm', 'service', 'returned'] as const;
export type Phase = (typeof phases)[number];
export type PhaseSeconds = Record<Phase, number>;

/** Where and when a figure comes from. */
export interface Origin {
  /** ISO 8601, minutes. */
  date: string;
  processor: string;
  cores: number;
  memoryGigabytes: number;
  kernel: string;
  pulumi: string;
  node: string;
  /** Load average of the minute before, a measure of what else the computer was doing. */
  load: number;
}

/** From nothing to a working service, both ways, and what comes after. */
export interface ServiceFigures {
  origin: Origin;
  /** The ways in the order in which they were measured. */
  order: Way[];
  script: PhaseSeconds[];
  pulumi: PhaseSeconds[];
  /** With nothing to change. */
  again: Record<Again, number[]>;
  /** Highest resident memory of the provider's process, bytes, for each `pulumi up`. */
  providerBytes: number[];
  /** Absent until measured. */
  changes?: ChangeFigures;
}

/** Small changes of the running swarm, each by `pulumi up --skip-preview`. */
export interface ChangeFigures {
  /** One label of one node, again and again. */
  label: number[];
  /** A sixth node. `installedSeconds`: when its machine had booted and Docker ran on it. */
  worker: { seconds: number; installedSeconds: number };
}

export type Way = 'script' | 'pulumi';
export type Again = 'preview' | 'up' | 'upSkipPreview';

/** From a fresh clone to a working service. */
export interface SetupFigures {
  origin: Origin;
  coldSeconds: number;
  warmSeconds: number;
}

/** The middle one, or the mean of the two middle ones. @throws RangeError without any value */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no value to take the median of');
  return (lower + upper) / 2;
}

/** The median of each phase. */
export function medianPhases(runs: readonly PhaseSeconds[]): PhaseSeconds {
  const medians = phases.map((phase) => [phase, median(runs.map((run) => run[phase]))]);
  return Object.fromEntries(medians) as PhaseSeconds;
}

/** Each way once per round, the other first every other round: what comes second finds warm file caches. */
export function orderOf(rounds: number): Way[] {
  const pairs = Array.from({ length: rounds }, (_, round): Way[] =>
    round % 2 === 0 ? ['script', 'pulumi'] : ['pulumi', 'script'],
  );
  return pairs.flat();
}

/** One `pulumi up` over many nodes. */
export interface ScaleRun {
  /** From start to exit. */
  seconds: number;
  used: Record<Role, Usage>;
}

/** What a number of nodes takes. */
export interface SizeFigures {
  nodes: number;
  managers: number;
  runs: Record<ScaleStep, ScaleRun>;
  /** Steps asked of the swarm that should never have been. */
  violations: number;
}

export const scaleSteps = ['create', 'again', 'label'] as const;
export type ScaleStep = (typeof scaleSteps)[number];

/** Time and memory against the number of nodes. */
export interface ScaleFigures {
  origin: Origin;
  /** In ascending order of nodes. */
  sizes: SizeFigures[];
}

/** Processor time of all parts together, seconds. */
export function cpuSecondsOf({ used }: ScaleRun): number {
  return roles.reduce((sum, role) => sum + used[role].cpuSeconds, 0);
}

/**
 * Milliseconds of processor time that each further node costs between two sizes, so that what every run costs doesn't
 * count.
 */
export function millisecondsPerNode(step: ScaleStep, from: SizeFigures, to: SizeFigures): number {
  const more = cpuSecondsOf(to.runs[step]) - cpuSecondsOf(from.runs[step]);
  return (more / (to.nodes - from.nodes)) * 1000;
}
