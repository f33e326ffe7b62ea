/** How long a simulated swarm takes for what a real one does slowly, in milliseconds. */
export interface Pace {
  /** From a join to Ready. A real one: 700. */
  join: number;
  /** From a change of role to its effect. A real one: 400. */
  role: number;
  /** From a node's last sign of life to Down. A real one: 13,000. */
  down: number;
  /** From the loss of a leader to the next one. A real one: 13,000. */
  election: number;
  /** From a task's notice to its end. A real one: up to its grace period, 10,000. */
  stop: number;
}

/** Long enough that whoever doesn't wait is caught at it, short enough for tests. */
export const QUICK: Pace = { join: 30, role: 30, down: 120, election: 80, stop: 40 };
