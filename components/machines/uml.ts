import { local } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { ConnectionArgs } from '../resources';
import type { Machine } from './machine';

/** Relative to the project's folder, where Pulumi starts its plugins: the state has to fit every clone. */
const LAB = './lab/lab';

export interface UmlNetworkArgs {
  /** Name of the lab: at most 15 small letters and digits. */
  lab: string;
  /** First three numbers of its /24 network. */
  subnet: string;
}

/** The network and image registry of a lab on this computer. */
export class UmlNetwork extends pulumi.ComponentResource {
  readonly environment: Readonly<Record<'LAB' | 'LAB_SUBNET', string>>;
  readonly network: local.Command;

  constructor(name: string, { lab, subnet }: UmlNetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super('swarm:machines:UmlNetwork', name, {}, options);
    this.environment = { LAB: lab, LAB_SUBNET: subnet };
    this.network = new local.Command(
      name,
      {
        create: `${LAB} network up`,
        update: `${LAB} network up`,
        delete: `${LAB} network down`,
        environment: this.environment,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

export interface UmlMachineArgs {
  network: UmlNetwork;
  /** Its address in the lab's network. */
  address: string;
  /** Memory, MiB. A change is for the next boot. */
  memory: number;
  /** Disk, MiB. A change is for machines that are still to be made. */
  disk: number;
  /** TCP ports, besides SSH, that are forwarded from its loopback address on this computer. */
  ports: readonly number[];
  /** The login of the lab's machines. */
  login: Pick<ConnectionArgs, 'user' | 'privateKey'>;
}

/** A User-Mode Linux machine on this computer. It is reached at a loopback address of its own. */
export class UmlMachine extends pulumi.ComponentResource implements Machine {
  readonly address: string;
  readonly endpoint: string;
  readonly connection: ConnectionArgs;
  readonly madeBy: pulumi.Resource;

  constructor(
    readonly name: string,
    args: UmlMachineArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('swarm:machines:Uml', name, {}, options);
    this.address = args.address;
    this.endpoint = forwardAddress(args.address);
    const environment = this.settings(args);
    const machine = new local.Command(
      name,
      {
        create: `${LAB} machine up`,
        update: `${LAB} machine up`,
        delete: `${LAB} machine down`,
        environment,
        // A machine's address is in its own files: another address takes another machine.
        triggers: [args.network.environment.LAB, args.address],
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: args.network.network, deleteBeforeReplace: true },
    );
    this.forward(args.ports, environment, machine);
    this.connection = { host: this.endpoint, port: 22, ...args.login, hostKey: machine.stdout.apply(readHostKey) };
    this.madeBy = machine;
    this.registerOutputs({ address: this.address });
  }

  private settings({ network, address, memory, disk }: UmlMachineArgs): Record<string, string> {
    return {
      ...network.environment,
      MACHINE: this.name,
      MACHINE_ADDRESS: address,
      MACHINE_FORWARD: this.endpoint,
      MACHINE_MEMORY: String(memory),
      MACHINE_DISK: String(disk),
    };
  }

  /**
   * Forwards are a command of their own: a change of ports must not make the machine's output, and with it the
   * connection of everything on the machine, unknown in previews.
   */
  private forward(ports: readonly number[], environment: Record<string, string>, machine: local.Command): void {
    new local.Command(
      `${this.name}-ports`,
      {
        create: `${LAB} machine up`,
        update: `${LAB} machine up`,
        environment: { ...environment, MACHINE_PORTS: [22, ...ports].join(' ') },
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: machine },
    );
  }
}

/** 10.77.0.11 in the lab is 127.77.0.11 on this computer, so that labs of different networks don't collide. */
export function forwardAddress(address: string): string {
  return address.replace(/^\d+/, '127');
}

/** Reads the host key from the line of JSON that `lab machine up` prints. @throws RunError when there is none in it */
export function readHostKey(stdout: string): string {
  const hostKey = /"hostKey":"([^"]+)"/.exec(stdout)?.[1];
  if (hostKey === undefined) throw new pulumi.RunError(`lab machine up printed no host key: ${stdout}`);
  return hostKey;
}
