/** A member of a simulated swarm: its entry in the list of nodes, and what the managers see of its machine. */
import { randomBytes } from 'node:crypto';
import { type ApiNode, type NodeSpec } from '../../../core/docker/types';
import { type SimulatedMachine } from './machine';
import { type Pace } from './pace';

export class Member {
  readonly id = randomId();
  readonly createdAt = new Date().toISOString();
  readonly hostname: string;
  /** Advertise address. */
  readonly address: string;
  /** Takes part in Raft. Follows the role that its spec asks for after a while. */
  isManager = false;
  /** When its spec's role takes effect, or did. */
  private roleDue: number;
  private readonly readyFrom: number;
  private silentSince: number | undefined;

  constructor(
    readonly machine: SimulatedMachine,
    public spec: NodeSpec,
    /** As the Engine API counts: every change gives another one. */
    public version: number,
    private readonly pace: Pace,
  ) {
    this.hostname = machine.hostname;
    this.address = machine.address;
    this.readyFrom = Date.now() + pace.join;
    this.roleDue = this.readyFrom;
  }

  /** Its engine runs, can be reached by the others, and knows itself as this member. */
  get isConnected(): boolean {
    return this.machine.isOnline && this.machine.membership?.member === this;
  }

  /** A manager that takes part in Raft now. */
  get isReachable(): boolean {
    return this.isManager && this.isConnected;
  }

  /** Its spec says manager, and it is about to get there; one that can't be reached is not. */
  get isBecomingManager(): boolean {
    return this.spec.Role === 'manager' && !this.isManager && this.isConnected;
  }

  get state(): ApiNode['Status']['State'] {
    if (this.isConnected) return Date.now() >= this.readyFrom ? 'ready' : 'unknown';
    return this.silentSince !== undefined && Date.now() - this.silentSince >= this.pace.down ? 'down' : 'ready';
  }

  get takesTasks(): boolean {
    return this.state === 'ready' && this.spec.Availability === 'active';
  }

  change(spec: NodeSpec, version: number): void {
    if (spec.Role !== this.spec.Role) this.roleDue = Date.now() + this.pace.role;
    this.spec = spec;
    this.version = version;
  }

  /** What has come about since it was last looked at. */
  settle(): void {
    if (this.isConnected) this.silentSince = undefined;
    else this.silentSince ??= Date.now();
    const wanted = this.spec.Role === 'manager';
    if (wanted === this.isManager || Date.now() < this.roleDue) return;
    // Who can't be reached can't take part in Raft; who is to go, goes.
    if (!wanted || this.isConnected) this.isManager = wanted;
  }

  entry(isLeader: boolean): ApiNode {
    return {
      ID: this.id,
      Version: { Index: this.version },
      CreatedAt: this.createdAt,
      Spec: this.spec,
      Description: {
        Hostname: this.hostname,
        Platform: { Architecture: 'x86_64', OS: 'linux' },
        Engine: { EngineVersion: this.machine.engineVersion, ...ENGINE_PLUGINS },
        ...TLS_INFO,
      },
      Status: { State: this.state, Addr: this.address },
      ...(this.isManager && {
        ManagerStatus: {
          ...(isLeader && { Leader: true }),
          Reachability: this.isReachable ? ('reachable' as const) : ('unreachable' as const),
          Addr: `${this.address}:2377`,
        },
      }),
    };
  }
}

/** What else an entry holds, for its size: lists of nodes are long because of it. */
const ENGINE_PLUGINS = {
  Plugins: [
    ...['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'].map((Name) => ({
      ...{ Type: 'Log', Name },
    })),
    ...['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'].map((Name) => ({ Type: 'Network', Name })),
    { Type: 'Volume', Name: 'local' },
  ],
};
const TLS_INFO = {
  Resources: { NanoCPUs: 2e9, MemoryBytes: 1e9 },
  TLSInfo: {
    TrustRoot: `-----BEGIN CERTIFICATE-----\n${'A'.repeat(500)}\n-----END CERTIFICATE-----\n`,
    CertIssuerSubject: 'MBMxETAPBgNVBAMTCHN3YXJtLWNh',
    CertIssuerPublicKey: 'M'.repeat(124),
  },
};

/** As swarm makes them: 25 small letters and digits. */
export function randomId(): string {
  return BigInt(`0x${randomBytes(18).toString('hex')}`)
    .toString(36)
    .padStart(25, '0')
    .slice(-25);
}
