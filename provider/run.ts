/** What the resources of one run have to know of each other: Pulumi gives each of them only its own properties. */
import { type ManagerEndpoint } from './access';

type Managers = Map<string, Map<string, ManagerEndpoint>>;

export class Run {
  /** Managers that the environment wants, by id of the swarm and name of the machine. */
  private readonly wanted: Managers = new Map();
  /** Managers of an earlier run, in the same way. */
  private readonly former: Managers = new Map();
  /** By name of the machine. */
  private readonly failures = new Map<string, string>();
  /** By id of the swarm. */
  private readonly refusals = new Map<string, string>();

  /** The environment wants these managers for a swarm; a resource that is being removed knows only those of before. */
  declareManagers(clusterId: string, managers: readonly ManagerEndpoint[]): void {
    this.wanted.set(clusterId, new Map(managers.map((manager) => [manager.name, manager])));
  }

  /** The managers that the environment wants; none while it is destroyed. */
  declaredManagers(clusterId: string | undefined): ManagerEndpoint[] {
    return [...(this.wanted.get(clusterId ?? '')?.values() ?? [])];
  }

  /** These were managers before this run: while others take their place, they are the ones that can be asked. */
  remember(clusterId: string, managers: readonly ManagerEndpoint[]): void {
    const known = this.former.get(clusterId) ?? new Map<string, ManagerEndpoint>();
    for (const manager of managers) known.set(manager.name, manager);
    this.former.set(clusterId, known);
  }

  /** All managers that a swarm can be asked through, those that the environment wants now first. */
  knownManagers(clusterId: string | undefined): ManagerEndpoint[] {
    const former = [...(this.former.get(clusterId ?? '')?.values() ?? [])];
    return [...this.declaredManagers(clusterId), ...former];
  }

  /** What was to be done on a machine has failed, so nobody has to wait for what should have followed. */
  noteFailure(machine: string, message: string): void {
    this.failures.set(machine, message);
  }

  /** A change of the managers has been refused as a whole: none of its nodes may leave in this run. */
  refuse(clusterId: string, cause: string): void {
    this.refusals.set(clusterId, cause);
  }

  refusalOf(clusterId: string): string | undefined {
    return this.refusals.get(clusterId);
  }

  failureOf(machine: string): string | undefined {
    return this.failures.get(machine);
  }
}
