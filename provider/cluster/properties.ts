/** What a Cluster resource is given and what it shows. */
import { type ManagerEndpoint } from '../access';
import { type ClusterSpec } from './spec';

/** Settings that a swarm is given when it is made and keeps for ever. */
export interface FixedSettings {
  /** Address pools of overlay networks, CIDR. Docker's own: 10.0.0.0/8. */
  defaultAddressPools: string[];
  /** Prefix length of each overlay network. Docker's own: 24. */
  subnetSize: number;
  /** UDP port of the overlay networks. Docker's own: 4789. */
  dataPathPort: number;
}

export interface ClusterInputs extends Partial<FixedSettings> {
  name: string;
  /** All managers of the environment: an odd number. Any of them may be the one the swarm starts on. */
  managers: ManagerEndpoint[];
  spec?: ClusterSpec;
  /** Refuses changes that can only be had by ending the swarm and making it anew. Default true. */
  protect?: boolean;
  /** Any text; when it changes, both join tokens are made anew. */
  rotateJoinTokens?: string;
  /** Any text; when it changes, the unlock key is made anew. */
  rotateUnlockKey?: string;
  /** Derived: advertise address by name of each manager, so that a diff can show who comes and goes. */
  managerAddresses?: Record<string, string>;
}

export interface ClusterOutputs extends FixedSettings {
  name: string;
  clusterId: string;
  /** RFC 3339. */
  createdAt: string;
  spec: Required<ClusterSpec>;
  rotateJoinTokens?: string;
  rotateUnlockKey?: string;
  /** Names of the managers that wait for the unlock key after a restart. Absent when there are none. */
  locked?: string[];
  /**
   * Secret. Managers that were to be replaced all at once: until one of the others has taken over, the swarm can only be
   * found through them. Absent when there are none.
   */
  formerManagers?: ManagerEndpoint[];
  /** Secret. Only with autolock. */
  unlockKey?: string;
}
