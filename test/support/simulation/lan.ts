/** Simulated machines that can be reached over SSH, each at a loopback address of its own. */
import { type ParsedKey, utils } from 'ssh2';
import { generateKey, type KeyPair } from '../../unit/ssh/server';
import { type Connection } from '../../../core/ssh/connection';
import { type SimulatedMachine } from './machine';
import { type Simulation } from './simulation';
import { MachineSshServer } from './ssh-server';

/** A machine as an environment file's node has it, without its role. */
export interface ReachableMachine {
  name: string;
  /** Advertise address. */
  address: string;
  host: string;
  port: number;
  hostKey: string;
}

export class Lan {
  /** The key that all machines let in. */
  readonly clientKey: KeyPair = generateKey();
  readonly machines: ReachableMachine[] = [];
  private readonly servers = new Map<string, MachineSshServer>();

  constructor(private readonly simulation: Simulation) {}

  /** Makes all machines of the simulation reachable that are not yet. */
  async connect(): Promise<this> {
    const missing = this.simulation.machines.filter(({ name }) => !this.servers.has(name));
    for (const machine of missing) this.machines.push(await this.serve(machine));
    return this;
  }

  /** How to log in to a machine. */
  connection(name: string): Connection {
    const machine = this.machines.find((other) => other.name === name);
    if (!machine) throw new RangeError(`${name} is not reachable`);
    const { host, port, hostKey } = machine;
    return { host, port, hostKey, user: 'root', privateKey: this.clientKey.private };
  }

  /** TCP connections so far, to all machines together. */
  get accepted(): number {
    return [...this.servers.values()].reduce((sum, { accepted }) => sum + accepted, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
  }

  private async serve(machine: SimulatedMachine): Promise<ReachableMachine> {
    const key = generateKey();
    const allowed = utils.parseKey(this.clientKey.public) as ParsedKey;
    const engine = this.simulation.engine(machine);
    const server = new MachineSshServer(machine, engine, this.simulation.faults, key, allowed);
    this.servers.set(machine.name, server);
    const host = machine.address.replace(/^\d+/, '127');
    const port = await server.start(host);
    return { name: machine.name, address: machine.address, host, port, hostKey: key.public.trim() };
  }
}
