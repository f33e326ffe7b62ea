/** Longest waits, in seconds. A change of them alone changes nothing. */
export interface Limits {
  /** Tasks end on a drained node, and run elsewhere. Default: 180. */
  drainSeconds?: number;
  /** A joined or restarted node is Ready, and services have their replicas again. Default: 180. */
  readySeconds?: number;
  /** The managers see a node Down that has left. Default: 90. */
  downSeconds?: number;
  /** Another node's turn ends, where nodes are changed one at a time. Default: 3600. */
  turnSeconds?: number;
  /** Other managers join or leave first. Default: 900. */
  managersSeconds?: number;
  /** Packages are downloaded and installed. Default: 1800. */
  installSeconds?: number;
  /** An engine answers that was started or restarted. Default: 120. */
  engineSeconds?: number;
}
