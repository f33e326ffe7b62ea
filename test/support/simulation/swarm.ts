/** One simulated swarm: its members, their Raft group and its leader. Nothing runs by itself: it is settled when asked. */
import { type ApiNode, type ApiSwarm, type NodeSpec, type SwarmSpec } from '../../../core/docker/types';
import { type SimulatedMachine } from './machine';
import { Member, randomId } from './member';
import { type Pace } from './pace';
import { precondition, Refusal } from './refusal';
import { Workload } from './workload';

export class SimulatedSwarm {
  readonly id = randomId();
  readonly workload: Workload;
  readonly unlockKey = `SWMKEY-1-${randomId()}`;
  spec: SwarmSpec;
  tokens = { Worker: newToken(), Manager: newToken() };
  leader: Member | undefined;
  private readonly createdAt = new Date().toISOString();
  private readonly byId = new Map<string, Member>();
  private version = 10;
  private leaderlessSince: number | undefined;

  constructor(
    private readonly pace: Pace,
    private readonly fixed: Pick<ApiSwarm, 'DefaultAddrPool' | 'SubnetSize' | 'DataPathPort'>,
    spec: SwarmSpec,
  ) {
    this.workload = new Workload(pace.stop);
    this.spec = { ...DEFAULT_SPEC, ...spec };
  }

  get members(): Member[] {
    return [...this.byId.values()];
  }

  get managers(): Member[] {
    return this.members.filter(({ isManager }) => isManager);
  }

  get hasQuorum(): boolean {
    const { managers } = this;
    return managers.filter(({ isReachable }) => isReachable).length * 2 > managers.length;
  }

  /** Lives as long as a manager of it could still speak for it. */
  get isAlive(): boolean {
    return this.managers.some((member) => member.machine.membership?.member === member);
  }

  add(machine: SimulatedMachine, spec: NodeSpec): Member {
    const member = new Member(machine, spec, this.nextVersion(), this.pace);
    this.byId.set(member.id, member);
    return member;
  }

  /** The first member is manager and leader at once. */
  begin(machine: SimulatedMachine, availability: NodeSpec['Availability']): Member {
    const member = this.add(machine, { Role: 'manager', Availability: availability, Labels: {} });
    member.isManager = true;
    this.leader = member;
    return member;
  }

  /** @throws Refusal 404 */
  find(id: string): Member {
    const member = this.byId.get(id);
    if (!member) throw new Refusal(404, `node ${id} not found`);
    return member;
  }

  change(member: Member, spec: NodeSpec): void {
    if (member.isManager && spec.Role === 'worker') {
      if (this.managers.length === 1) throw precondition('attempting to demote the last manager of the swarm');
      if (!this.keepsQuorumWithout(member)) {
        throw precondition("can't remove member from the raft: this would result in a loss of quorum");
      }
    }
    member.change(spec, this.nextVersion());
  }

  remove(member: Member, force: boolean): void {
    if (member.isManager) {
      throw precondition(
        `node ${member.id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
      );
    }
    if (!force && member.state === 'ready') throw precondition(`node ${member.id} is not down and can't be removed`);
    this.byId.delete(member.id);
  }

  /** Whether those who would be left can still decide. */
  keepsQuorumWithout(member: Member): boolean {
    const rest = this.managers.filter((other) => other !== member);
    return rest.filter(({ isReachable }) => isReachable).length * 2 > rest.length;
  }

  nextVersion(): number {
    return ++this.version;
  }

  /** Brings everything to what it is by now. */
  settle(): void {
    for (const member of this.byId.values()) member.settle();
    this.settleLeader();
    if (this.leader) this.workload.settle(this.members);
  }

  inspect(): ApiSwarm {
    return {
      ID: this.id,
      Version: { Index: this.version },
      CreatedAt: this.createdAt,
      Spec: this.spec,
      ...this.fixed,
      RootRotationInProgress: false,
      JoinTokens: this.tokens,
    };
  }

  list(): ApiNode[] {
    return this.members.map((member) => member.entry(member === this.leader));
  }

  /** @throws Refusal as a manager does whose group has no leader */
  assertLeader(): void {
    this.settle();
    if (this.leader) return;
    const words = "The swarm does not have a leader. It's possible that too few managers are online. ";
    const more = 'Make sure more than half of the managers are online.';
    throw new Refusal(500, `rpc error: code = Unknown desc = ${words}${more}`);
  }

  private settleLeader(): void {
    if (this.leader?.isReachable && this.byId.has(this.leader.id) && this.hasQuorum) {
      this.leaderlessSince = undefined;
      return;
    }
    this.leader = undefined;
    if (!this.hasQuorum) {
      this.leaderlessSince = undefined;
      return;
    }
    this.leaderlessSince ??= Date.now();
    if (Date.now() - this.leaderlessSince < this.pace.election) return;
    this.leader = this.managers.find(({ isReachable }) => isReachable);
    this.leaderlessSince = undefined;
  }
}

/** What `docker swarm init` sets. */
const DEFAULT_SPEC: SwarmSpec = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    SnapshotInterval: 10000,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 500,
    ElectionTick: 10,
    HeartbeatTick: 1,
  },
  Dispatcher: { HeartbeatPeriod: 5e9 },
  CAConfig: { NodeCertExpiry: 7776e12 },
  EncryptionConfig: { AutoLockManagers: false },
  TaskDefaults: {},
};

export function newToken(): string {
  return `SWMTKN-1-${randomId()}${randomId()}-${randomId()}`;
}
