/** Errors made to be read by the person at the command line. */

/**
 * What went wrong, for code that goes on differently:
 * - `unreachable`: nothing answers (name, refused, time-out, reset, connection lost before): the step has not begun;
 * - `host-key`, `login`, `credentials`: the connection was made, but trust or login failed; trying again is no use;
 * - `dropped`: the connection was lost in the middle; whether the step took effect is not known;
 * - `time-limit`: the step took longer than allowed;
 * - `locked`: every manager that answers waits for its swarm's unlock key;
 * - `cancelled`: the caller's signal was aborted;
 * - `failed`: the step itself reported a failure.
 */
export type FailureKind =
  'unreachable' | 'host-key' | 'login' | 'credentials' | 'dropped' | 'time-limit' | 'locked' | 'cancelled' | 'failed';

export interface FailureParts {
  /** Name of the machine, as the user calls it. */
  machine: string;
  /** What was being done, as a phrase: `installing Docker`. */
  step: string;
  /** Why it failed. */
  cause: string;
  /** What the user can do about it. */
  cure?: string;
  /** Default `failed`. */
  kind?: FailureKind;
}

/** A step on a machine failed. The message has two lines at most: what and why; then the cure. */
export class StepError extends Error {
  readonly kind: FailureKind;

  constructor(readonly parts: FailureParts) {
    super(render(parts));
    this.name = 'StepError';
    this.kind = parts.kind ?? 'failed';
  }
}

function render({ machine, step, cause, cure }: FailureParts): string {
  const failure = `${machine}: ${step} failed: ${oneLine(cause)}`;
  return cure ? `${failure}\n  cure: ${oneLine(cure)}` : failure;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, '; ');
}

/** Whether another machine may well answer where this one didn't: the caller can go on to the next manager. */
export function isConnectionFailure(error: unknown): error is StepError {
  return error instanceof StepError && !['failed', 'cancelled', 'locked'].includes(error.kind);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
