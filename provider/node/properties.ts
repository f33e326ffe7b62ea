/** What a Node resource is given and what it shows. */
import { type Connection } from '../../core/ssh/connection';
import { type OtherLabels } from '../../core/swarm/labels';
import { type ManagerEndpoint } from '../access';
import { type Limits } from '../limits';

export interface NodeInputs {
  clusterId: string;
  /** Name of the machine, unique in the swarm. */
  name: string;
  /** Advertise address: fixed for the node's life. */
  address: string;
  role: 'manager' | 'worker';
  /** Default none. */
  labels?: Record<string, string>;
  /** What happens to labels set by hand. Default remove. */
  otherLabels?: OtherLabels;
  /** Default active. */
  availability?: 'active' | 'pause' | 'drain';
  connection: Connection;
  /** All managers of the environment. */
  managers: ManagerEndpoint[];
  /** Longest waits. Default: see provider/limits.ts. */
  limits?: Partial<Limits>;
}

export interface NodeOutputs {
  clusterId: string;
  name: string;
  address: string;
  role: 'manager' | 'worker';
  /** Those that the environment knows, where others are kept. */
  labels: Record<string, string>;
  availability: 'active' | 'pause' | 'drain';
  nodeId: string;
  /** ready, down, disconnected or unknown, as the managers see it. */
  state: string;
  hostname: string;
  engineVersion: string;
}
