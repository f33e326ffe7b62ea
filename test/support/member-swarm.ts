/** A swarm of lab machines whose nodes change: what is wanted of it, and what it has become. */
import { type ImportResource } from '@pulumi/pulumi/automation';
import { Environment, succeed, type Outcome } from './environment';
import { existingEnvironment, type LabMachines } from './existing';

export type Role = 'manager' | 'worker';

/** Its environment file has the nodes wanted at the moment, and the stack `web`. */
export class MemberSwarm {
  labels: Record<number, Record<string, string>> = {};
  replicas = 2;
  /** What stands under `membership`. */
  membership: object = {};
  private readonly environments: Environment[] = [];

  /** @param wanted roles by number of the machine */
  constructor(
    readonly machines: LabMachines,
    public wanted: Record<number, Role>,
  ) {}

  /** The environment made last. */
  get environment(): Environment {
    const last = this.environments.at(-1);
    if (!last) throw new Error('there is no environment yet');
    return last;
  }

  async create(name: string): Promise<void> {
    this.environments.push(await Environment.create(name, this.config()));
  }

  /** @param more keys of single nodes, by number */
  config(more: Record<number, object> = {}): object {
    const nodes = Object.entries(this.wanted).map(([key, role]) => {
      const number = Number(key);
      return this.machines.node(number, role, { labels: this.labels[number] ?? {}, ...more[number] });
    });
    const variables = { REPLICAS: String(this.replicas) };
    const stacks = { web: { compose: 'test/support/compose/web.yaml', variables } };
    return existingEnvironment(nodes, { stacks, membership: this.membership });
  }

  configure(): void {
    this.environment.configure(this.config());
  }

  /** Changes the environment file and runs `pulumi up`, which has to succeed. */
  async up(wanted = this.wanted): Promise<Outcome> {
    this.wanted = wanted;
    this.configure();
    return succeed(await this.environment.up());
  }

  /** `node1 manager Ready Active` of each node, as the machine with this number has it. */
  async members(from: number): Promise<string[]> {
    const format = '{{.Hostname}} {{if .ManagerStatus}}manager{{else}}worker{{end}} {{.Status}} {{.Availability}}';
    return (await this.machines.run(from, `docker node ls --format '${format}'`)).sort();
  }

  /** All that are wanted are there, and nobody else. */
  async expectMembers(from: number, availability = { manager: 'Active', worker: 'Active' }): Promise<void> {
    const list = Object.entries(this.wanted).map(
      ([number, role]) => `node${number} ${role} Ready ${availability[role]}`,
    );
    // A new leader calls every node Unknown until it has reported.
    const wait = 'while docker node ls | grep -q Unknown; do sleep 0.5; done';
    await this.machines.run(from, `timeout 30 sh -c "${wait}"`);
    expect(await this.members(from)).toEqual(list.sort());
  }

  async nodeId(from: number, number: number): Promise<string> {
    return (await this.machines.run(from, `docker node inspect node${number} --format '{{.ID}}'`)).join();
  }

  /** In the order of `wanted`. */
  async nodeIds(from: number): Promise<string[]> {
    return Promise.all(Object.keys(this.wanted).map((number) => this.nodeId(from, Number(number))));
  }

  /** `node4 drain active` for each change of availability since a second of the clock, as these managers saw it. */
  async availabilityChanges(since: number, managers: number[]): Promise<string[]> {
    const attributes = ['name', 'availability.old', 'availability.new'].map(
      (key) => `{{index .Actor.Attributes "${key}"}}`,
    );
    const events = `docker events --since ${since} --until $(date +%s) --filter type=node --format '${attributes.join(' ')}'`;
    return (await Promise.all(managers.map((number) => this.machines.run(number, events)))).flat();
  }

  /** Counts managers again and again, until stopped. @returns how to stop, which tells the smallest count */
  watchManagers(from: number): { stop: () => Promise<number> } {
    const done = new AbortController();
    const watch = (async (): Promise<number> => {
      let fewest = Infinity;
      while (!done.signal.aborted) {
        const [count] = await this.machines.run(from, 'docker node ls --filter role=manager -q | wc -l');
        fewest = Math.min(fewest, Number(count));
      }
      return fewest;
    })();
    return {
      stop: () => {
        done.abort();
        return watch;
      },
    };
  }

  /** All there is of it, for `pulumi import`. @param ids of the nodes in the order of `wanted` */
  importList(environment: string, clusterId: string, ids: string[]): ImportResource[] {
    const component = (type: string, name: string, logicalName: string): ImportResource => ({
      type,
      name,
      logicalName,
      component: true,
    });
    const nodes = Object.keys(this.wanted).map((number, index): ImportResource => {
      return { type: 'swarm:index:Node', name: `node${number}`, id: ids[index] ?? '', parent: 'parent' };
    });
    return [
      component('swarm:swarm:Swarm', 'parent', environment),
      { type: 'swarm:index:Cluster', name: environment, id: clusterId, parent: 'parent' },
      ...nodes,
      component('swarm:stacks:ComposeStack', 'web-parent', 'web'),
      { type: 'swarm:index:Stack', name: 'web', id: 'web', parent: 'web-parent' },
    ];
  }

  async end(): Promise<void> {
    await this.machines.end();
    for (const environment of this.environments) environment.forget();
  }
}
