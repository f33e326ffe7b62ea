/** A swarm of lab machines whose nodes change: what is wanted of it, and what it has become. */
import { Environment, succeed, type Outcome } from './environment';
import { existingEnvironment, type LabMachines } from './existing';

export type Role = 'manager' | 'worker';

/** Its environment file has the nodes wanted at the moment, and the stack `web`. */
export class MemberSwarm {
  labels: Record<number, Record<string, string>> = {};
  replicas = 2;
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

  config(): object {
    const nodes = Object.entries(this.wanted).map(([number, role]) =>
      this.machines.node(Number(number), role, { labels: this.labels[Number(number)] ?? {} }),
    );
    const variables = { REPLICAS: String(this.replicas) };
    return existingEnvironment(nodes, { stacks: { web: { compose: 'test/support/compose/web.yaml', variables } } });
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
  async expectMembers(from: number): Promise<void> {
    const list = Object.entries(this.wanted).map(([number, role]) => `node${number} ${role} Ready Active`);
    // A new leader calls every node Unknown until it has reported.
    const wait = 'while docker node ls | grep -q Unknown; do sleep 0.5; done';
    await this.machines.run(from, `timeout 30 sh -c "${wait}"`);
    expect(await this.members(from)).toEqual(list.sort());
  }

  async nodeId(from: number, number: number): Promise<string> {
    return (await this.machines.run(from, `docker node inspect node${number} --format '{{.ID}}'`)).join();
  }

  async end(): Promise<void> {
    await this.machines.end();
    for (const environment of this.environments) environment.forget();
  }
}
