/** Environments of machines that are there already: those of a lab, made and unmade by the test itself. */
import { lab, labKeyFile, Shell, type LabMachine } from './lab';

/** The machines of one lab, by number: node1 at .11, node2 at .12 and so on. */
export class LabMachines {
  readonly shell = new Shell();
  private readonly machines = new Map<number, LabMachine>();

  /** @param subnet first three numbers of its network, 10.x.y */
  constructor(
    private readonly name: string,
    private readonly subnet: string,
    private readonly ports = '22 8080',
    private readonly memory = 512,
  ) {}

  /** Takes down what an earlier run has left, and makes the network. */
  async start(): Promise<void> {
    await lab(['down'], this.settings);
    await lab(['network', 'up'], this.settings);
  }

  /** Boots machines side by side; those that exist already on their disks. */
  async boot(...numbers: number[]): Promise<void> {
    const lines = await Promise.all(numbers.map((number) => lab(['machine', 'up'], this.settingsOf(number))));
    lines.forEach((line, index) => this.machines.set(numbers[index] ?? 0, JSON.parse(line) as LabMachine));
  }

  /** As if the power were cut. */
  async off(number: number): Promise<void> {
    await lab(['machine', 'off'], this.settingsOf(number));
  }

  /** As if its network cable were pulled. */
  async cut(number: number): Promise<void> {
    await lab(['machine', 'cut'], this.settingsOf(number));
  }

  async mend(number: number): Promise<void> {
    await lab(['machine', 'mend'], this.settingsOf(number));
  }

  /** The same name and address on a new disk, with a new host key. */
  async makeAnew(number: number): Promise<void> {
    await lab(['machine', 'down'], this.settingsOf(number));
    await this.boot(number);
  }

  get(number: number): LabMachine {
    const machine = this.machines.get(number);
    if (!machine) throw new Error(`node${number} has not been booted`);
    return machine;
  }

  /** A command on a machine. @returns the lines of its standard output */
  async run(number: number, command: string): Promise<string[]> {
    return (await this.shell.run(this.get(number), command)).trim().split('\n').filter(Boolean);
  }

  async end(): Promise<void> {
    await this.shell.close();
    await lab(['down'], this.settings);
  }

  /** An entry of `nodes` in an environment file. */
  node(number: number, role: 'manager' | 'worker', more: object = {}): object {
    const { name, address, forward, hostKey } = this.get(number);
    return { name, role, address, host: forward, hostKey, ...more };
  }

  private get settings(): Record<string, string> {
    return { LAB: this.name, LAB_SUBNET: this.subnet };
  }

  private settingsOf(number: number): Record<string, string> {
    const address = `${this.subnet}.${10 + number}`;
    return {
      ...this.settings,
      ...{ MACHINE: `node${number}`, MACHINE_ADDRESS: address, MACHINE_FORWARD: address.replace(/^10/, '127') },
      ...{ MACHINE_PORTS: this.ports, MACHINE_MEMORY: String(this.memory) },
    };
  }
}

/** What stands under `swarm:environment` for such machines. */
export function existingEnvironment(nodes: object[], more: object = {}): object {
  return {
    machines: { kind: 'existing' },
    ssh: { privateKeyFile: labKeyFile },
    engine: { daemon: { 'insecure-registries': ['registry.lab:5000'] } },
    nodes,
    ...more,
  };
}
