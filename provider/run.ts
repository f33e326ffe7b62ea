/** What the resources of one run have to know of each other: Pulumi gives each of them only its own properties. */
import { type ManagerEndpoint } from './access';

export class Run {
  /** By id of the swarm and name of the machine. */
  private readonly managers = new Map<string, Map<string, ManagerEndpoint>>();
  /** By name of the machine. */
  private readonly failures = new Map<string, string>();

  /** The environment wants these managers for a swarm; a resource that is being removed knows only those of before. */
  declareManagers(clusterId: string, managers: readonly ManagerEndpoint[]): void {
    this.managers.set(clusterId, new Map(managers.map((manager) => [manager.name, manager])));
  }

  /** The managers that the environment wants; none while it is destroyed. */
  declaredManagers(clusterId: string | undefined): ManagerEndpoint[] {
    return [...(this.managers.get(clusterId ?? '')?.values() ?? [])];
  }

  /** What was to be done on a machine has failed, so nobody has to wait for what should have followed. */
  noteFailure(machine: string, message: string): void {
    this.failures.set(machine, message);
  }

  failureOf(machine: string): string | undefined {
    return this.failures.get(machine);
  }
}
