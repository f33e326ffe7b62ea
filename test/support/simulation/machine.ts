/** A simulated machine: what is installed on it, whether it answers, and which swarm its engine thinks it is in. */
import { type ApiInfo, type ApiSwarmInfo, type ApiVersion } from '../../../core/docker/types';
import { type Member } from './member';
import { type SimulatedSwarm } from './swarm';

export interface Membership {
  swarm: SimulatedSwarm;
  member: Member;
}

/** `on`; `off`: it closes every connection; `cut`: it takes connections and never answers. */
export type Power = 'on' | 'off' | 'cut';

/** What can be ended: a connection to the machine. */
interface Closable {
  destroy(): unknown;
}

export class SimulatedMachine {
  hostname = 'localhost';
  /** Docker's package, once it is installed. */
  installed: string | undefined;
  /** Text of daemon.json. */
  daemonFile: string | undefined;
  membership: Membership | undefined;
  power: Power = 'on';
  /** Connections that are open now. */
  readonly connections = new Set<Closable>();

  constructor(
    readonly name: string,
    /** Advertise address. */
    readonly address: string,
  ) {}

  get isOnline(): boolean {
    return this.power === 'on' && this.installed !== undefined;
  }

  get engineVersion(): string {
    return (this.installed ?? '').replace(/-.*/, '');
  }

  /** Docker is there and the host name set, as on a machine that somebody has prepared. */
  prepare(): this {
    this.hostname = this.name;
    this.installed = DOCKER;
    return this;
  }

  setPower(power: Power): void {
    this.power = power;
    if (power === 'off') this.dropConnections();
  }

  dropConnections(): void {
    for (const connection of this.connections) connection.destroy();
  }

  /** A new system on the same board: it remembers no swarm and has no Docker. */
  reimage(): void {
    this.dropConnections();
    this.membership = undefined;
    this.installed = undefined;
    this.daemonFile = undefined;
    this.hostname = 'localhost';
  }

  version(): ApiVersion {
    const { engineVersion: Version } = this;
    return { Version, ApiVersion: '1.45', MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64', KernelVersion: KERNEL };
  }

  info(): ApiInfo {
    return {
      ID: `engine-of-${this.name}`,
      Name: this.hostname,
      ServerVersion: this.engineVersion,
      Driver: 'overlay2',
      DockerRootDir: '/var/lib/docker',
      Architecture: 'x86_64',
      OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
      KernelVersion: KERNEL,
      CgroupVersion: '2',
      NCPU: 2,
      MemTotal: 1e9,
      ContainersRunning: 0,
      LiveRestoreEnabled: false,
      Warnings: null,
      Swarm: this.swarmInfo(),
    };
  }

  private swarmInfo(): ApiSwarmInfo {
    if (!this.membership) return OUTSIDE;
    const { swarm, member } = this.membership;
    swarm.settle();
    const own = {
      NodeID: member.id,
      NodeAddr: this.address,
      LocalNodeState: member.state === 'unknown' ? ('pending' as const) : ('active' as const),
      ControlAvailable: member.isManager,
      RemoteManagers: swarm.managers.map(({ id, address }) => ({ NodeID: id, Addr: `${address}:2377` })),
    };
    if (!member.isManager) return { ...own, Error: '' };
    if (!swarm.leader) return { ...own, Error: 'rpc error: code = Unknown desc = The swarm does not have a leader.' };
    const { ID, CreatedAt } = swarm.inspect();
    const counts = { Nodes: swarm.members.length, Managers: swarm.managers.length };
    return { ...own, ...counts, Error: '', Cluster: { ID, CreatedAt } };
  }
}

export const KERNEL = '6.1.0-29-amd64';
export const DOCKER = '26.1.5+dfsg1-9+b3';

const OUTSIDE: ApiSwarmInfo = {
  ...{ NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null },
};
