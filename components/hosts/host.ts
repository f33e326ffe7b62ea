import { remote } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import { replacedWith, type Machine } from '../machines';
import { Engine, Preflight, withSecrets, type EngineArgs, type Limits, type ManagerEndpoint } from '../resources';
import { setupScript } from './setup-script';

export interface HostArgs {
  machine: Machine;
  /** Version, packages and daemon.json of Docker. */
  engine?: Pick<EngineArgs, 'version' | 'packages' | 'daemon'>;
  /** Managers of the swarm that the host will be in. */
  managers: readonly ManagerEndpoint[];
  /** Longest waits. */
  limits?: Limits;
}

/** A machine made ready for the swarm: found fit, its operating system set up, Docker installed. */
export class Host extends pulumi.ComponentResource {
  readonly machine: Machine;
  readonly engine: Engine;

  constructor(
    name: string,
    { machine, engine, managers, limits }: HostArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('swarm:hosts:Host', name, {}, options);
    this.machine = machine;
    const child = { parent: this, deletedWith: machine.madeBy, ...replacedWith(machine) };
    const { connection } = machine;
    const preflight = new Preflight(name, { name: machine.name, connection }, child);
    const setup = new remote.Command(name, setupArgs(machine), { ...child, dependsOn: preflight });
    this.engine = new Engine(
      name,
      {
        name: machine.name,
        connection,
        version: engine?.version,
        packages: engine?.packages,
        daemon: engine?.daemon,
        managers,
        limits,
      },
      { ...child, dependsOn: setup },
    );
    this.registerOutputs({});
  }
}

/** Bash takes a standard input that is a socket, as over SSH, for a reason to read ~/.bashrc. */
const SHELL = 'bash --norc -s';

/** The script goes over standard input: it isn't limited in length there, nor shown when it fails. */
function setupArgs(machine: Machine): remote.CommandArgs {
  const { sudo, ...connection } = withSecrets(machine.connection);
  return {
    connection,
    create: pulumi.output(sudo).apply((needed) => (needed ? `sudo -n ${SHELL}` : SHELL)),
    stdin: setupScript(machine.name),
    addPreviousOutputInEnv: false,
  };
}
