/** How long things may take before they are errors: every wait has one, and the environment file can change it. */

/** Seconds. */
export interface Limits {
  /** For tasks to end after a drain: Docker's default grace period is 10 s, services may ask for more. Default 180. */
  drainSeconds?: number;
  /** Until a joined or restarted node is Ready, on slow machines. Default 180. */
  readySeconds?: number;
  /** Until a manager calls a node Down that has left: three missed heartbeats, measured 13 s. Default 90. */
  downSeconds?: number;
  /** For an engine's turn while those of other nodes are changed. Default 3600. */
  turnSeconds?: number;
  /** For managers that are on their way in while another is to step down. Default 900. */
  managersSeconds?: number;
  /** For download and installation of packages, on a slow board behind a slow line. Default 1800. */
  installSeconds?: number;
  /** Until an engine answers after an installation or a restart. Default 120. */
  engineSeconds?: number;
}

const DEFAULTS: Required<Limits> = {
  drainSeconds: 180,
  readySeconds: 180,
  downSeconds: 90,
  turnSeconds: 3600,
  managersSeconds: 900,
  installSeconds: 1800,
  engineSeconds: 120,
};

/** The limits with every default filled in. */
export function withLimitDefaults(limits: Limits | undefined): Required<Limits> {
  return { ...DEFAULTS, ...limits };
}
