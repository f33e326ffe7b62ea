/** Machines and endpoints for tests of what is built on them. */
import * as pulumi from '@pulumi/pulumi';
import { ExistingMachine, UmlMachine, UmlNetwork } from '../../components/machines';
import type { ConnectionArgs, ManagerEndpoint } from '../../components/resources';

/** A connection with a secret in it. */
export function connectionTo(
  host: string,
  more: Omit<Partial<ConnectionArgs>, 'host'> = {},
): ConnectionArgs & { host: string } {
  return {
    host,
    port: 22,
    user: 'root',
    privateKey: pulumi.secret(`key of ${host}`),
    hostKey: `ssh-ed25519 ${host}`,
    ...more,
  };
}

export function existingMachine(
  name: string,
  address: string,
  more: Omit<Partial<ConnectionArgs>, 'host'> = {},
): ExistingMachine {
  return new ExistingMachine(name, { address, connection: connectionTo(address, more) });
}

export function managerAt(name: string, address: string): ManagerEndpoint {
  return { name, address, connection: connectionTo(address) };
}

/** What the lab's command prints for a machine, as the mocks' outputs. */
export const labOutputs = () => ({ stdout: '{"name":"node1","hostKey":"ssh-ed25519 AAAA"}\n' });

/** A machine of the lab `dev` with a network of its own. */
export function umlMachine(name: string, address: string, ports: readonly number[] = []): UmlMachine {
  const network = new UmlNetwork('lab-dev', { lab: 'dev', subnet: '10.77.0' });
  const login = { user: 'root', privateKey: pulumi.secret('the key') };
  return new UmlMachine(name, { network, address, memory: 768, disk: 4096, ports, login });
}
