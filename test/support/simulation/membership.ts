/** `docker swarm init`, `join` and `leave` on simulated machines, with the real engine's refusals. */
import { type NodeSpec, type SwarmSpec } from '../../../core/docker/types';
import { type SimulatedMachine } from './machine';
import { precondition, Refusal } from './refusal';
import { type Simulation } from './simulation';
import { SimulatedSwarm } from './swarm';

export interface InitRequest {
  Availability?: NodeSpec['Availability'];
  DefaultAddrPool?: string[];
  SubnetSize?: number;
  DataPathPort?: number;
  Spec?: SwarmSpec;
}

export interface JoinRequest {
  RemoteAddrs: string[];
  JoinToken: string;
  Availability?: NodeSpec['Availability'];
}

const ALREADY =
  'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
const OUTSIDE = 'This node is not part of a swarm';
const MANAGER = 'You are attempting to leave the swarm on a node that is participating as a manager. ';

/** @returns the id of the first node */
export function init(simulation: Simulation, machine: SimulatedMachine, request: InitRequest): string {
  if (machine.membership) throw new Refusal(503, ALREADY);
  simulation.record.note({ kind: 'init', machine }, simulation.swarms);
  const fixed = {
    DefaultAddrPool: request.DefaultAddrPool ?? ['10.0.0.0/8'],
    SubnetSize: request.SubnetSize ?? 24,
    DataPathPort: request.DataPathPort ?? 4789,
  };
  const swarm = new SimulatedSwarm(simulation.pace, fixed, request.Spec ?? {});
  const member = swarm.begin(machine, request.Availability ?? 'active');
  machine.membership = { swarm, member };
  simulation.swarms.push(swarm);
  return member.id;
}

export function join(simulation: Simulation, machine: SimulatedMachine, request: JoinRequest): void {
  if (machine.membership) throw new Refusal(503, ALREADY);
  const swarm = simulation.swarms.find((candidate) => answersAt(candidate, request.RemoteAddrs));
  if (!swarm) throw new Refusal(503, 'Timeout was reached before node joined.');
  const { Manager, Worker } = swarm.tokens;
  if (request.JoinToken !== Manager && request.JoinToken !== Worker) {
    throw new Refusal(
      400,
      'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
    );
  }
  swarm.assertLeader();
  const spec: NodeSpec = {
    Role: request.JoinToken === Manager ? 'manager' : 'worker',
    Availability: request.Availability ?? 'active',
    Labels: {},
  };
  simulation.record.note({ kind: 'join', machine, swarm, spec }, simulation.swarms);
  machine.membership = { swarm, member: swarm.add(machine, spec) };
}

export function leave(simulation: Simulation, machine: SimulatedMachine, force: boolean): void {
  if (!machine.membership) throw new Refusal(503, OUTSIDE);
  const { swarm, member } = machine.membership;
  swarm.settle();
  // A member whose entry is gone can do no more harm.
  if (swarm.members.includes(member)) {
    simulation.record.note({ kind: 'leave', machine, swarm, member, force }, simulation.swarms);
  }
  if (member.isManager && !force) throw precondition(`${MANAGER}Use \`--force\` to suppress this message.`);
  machine.membership = undefined;
}

function answersAt(swarm: SimulatedSwarm, addresses: readonly string[]): boolean {
  return swarm.managers.some(({ isReachable, address }) => isReachable && addresses.includes(`${address}:2377`));
}
