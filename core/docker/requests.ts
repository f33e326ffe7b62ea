/** What calls of the Engine API are given. */
import { type CallOptions } from './engine-client';
import { type NodeSpec, type SwarmSpec } from './types';

export interface SwarmInitOptions {
  /** Address, or address:port, at which the other nodes reach this one. */
  advertiseAddress: string;
  /** Default 0.0.0.0:2377. */
  listenAddress?: string;
  spec?: SwarmSpec;
  /** Subnets for overlay networks in CIDR form; default 10.0.0.0/8. */
  defaultAddressPools?: string[];
  /** Prefix length of the subnets cut out of the pools; default 24. */
  subnetSize?: number;
  /** UDP port of overlay traffic; default 4789. */
  dataPathPort?: number;
  /** Default active. */
  availability?: NodeSpec['Availability'];
}

export interface SwarmJoinOptions {
  /** Secret. Decides whether the node joins as manager or worker. */
  token: string;
  /** Addresses of managers, address or address:port. */
  managers: string[];
  advertiseAddress: string;
  /** Default 0.0.0.0:2377. */
  listenAddress?: string;
  availability: NodeSpec['Availability'];
}

/** Secrets of a swarm that can be made anew; who has an old one can do nothing with it any more. */
export interface SwarmRotation {
  /** Those of workers and of managers. Default false. */
  joinTokens?: boolean;
  /** Default false. */
  unlockKey?: boolean;
}

export interface LogOptions extends CallOptions {
  /** How many lines from the end. */
  tail: number;
}
