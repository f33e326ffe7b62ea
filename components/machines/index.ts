import { ExistingMachine, type ExistingMachineArgs } from './existing';
import type { Machine } from './machine';
import { UmlMachine, UmlNetwork, type UmlMachineArgs, type UmlNetworkArgs } from './uml';

export * from './existing';
export { replacedWith, type Machine } from './machine';
export * from './uml';

/** How one machine comes to be. */
export type MachineDeclaration =
  | ({ kind: 'existing'; name: string } & ExistingMachineArgs)
  | ({ kind: 'uml'; name: string } & Omit<UmlMachineArgs, 'network'> & UmlNetworkArgs);

/** Makes machines, and once what those of one lab share. */
export class MachineFactory {
  private readonly networks = new Map<string, UmlNetwork>();

  create(declaration: MachineDeclaration): Machine {
    if (declaration.kind === 'existing') return new ExistingMachine(declaration.name, declaration);
    const { name, address, memory, disk, ports, login } = declaration;
    return new UmlMachine(name, { network: this.networkOf(declaration), address, memory, disk, ports, login });
  }

  private networkOf({ lab, subnet }: UmlNetworkArgs): UmlNetwork {
    const network = this.networks.get(lab) ?? new UmlNetwork(`lab-${lab}`, { lab, subnet });
    this.networks.set(lab, network);
    return network;
  }
}
