/** Services of a simulated swarm and their tasks, which follow the nodes. */
import { type ApiService, type ApiTask, type ServiceSpec } from '../../../core/docker/types';
import { type Member, randomId } from './member';

interface Task {
  id: string;
  service: ApiService;
  slot: number;
  member?: Member;
  isRunning: boolean;
  /** Set once it has been told to stop; milliseconds since the epoch. */
  endsAt?: number;
  createdAt: string;
}

export class Workload {
  readonly services = new Map<string, ApiService>();
  private readonly tasks: Task[] = [];

  /** @param stop milliseconds from a task's notice to its end */
  constructor(private readonly stop: number) {}

  deploy(spec: ServiceSpec, version: number): ApiService {
    const now = new Date().toISOString();
    const id = randomId();
    const service = { ID: id, Version: { Index: version }, CreatedAt: now, UpdatedAt: now, Spec: spec };
    this.services.set(id, service);
    return service;
  }

  remove(id: string): void {
    this.services.delete(id);
  }

  /** How many tasks run there, those included that have been told to stop. */
  runningOn(member: Member): number {
    return this.tasks.filter((task) => task.isRunning && task.member === member).length;
  }

  settle(members: readonly Member[]): void {
    for (const task of this.tasks) this.settleTask(task, members);
    for (const service of this.services.values()) {
      for (const slot of slotsOf(service)) this.fill(service, slot, members);
    }
  }

  list(): ApiTask[] {
    return this.tasks.map(({ id, service, slot, member, isRunning, endsAt, createdAt }) => ({
      ID: id,
      CreatedAt: createdAt,
      UpdatedAt: createdAt,
      ServiceID: service.ID,
      ...(member && { NodeID: member.id }),
      Slot: slot,
      Spec: service.Spec.TaskTemplate,
      DesiredState: endsAt === undefined ? 'running' : 'shutdown',
      Status: { Timestamp: createdAt, State: isRunning ? 'running' : member ? 'shutdown' : 'pending' },
    }));
  }

  private settleTask(task: Task, members: readonly Member[]): void {
    const { member } = task;
    if (!this.services.has(task.service.ID)) task.endsAt ??= Date.now() + this.stop;
    if (member && task.isRunning) {
      const isLost = !members.includes(member) || member.state === 'down';
      if (isLost) task.endsAt = Date.now();
      else if (member.spec.Availability === 'drain') task.endsAt ??= Date.now() + this.stop;
    }
    if (task.endsAt !== undefined && task.endsAt <= Date.now()) task.isRunning = false;
  }

  /** Gives a place to a task; a new one where the last one has ended or is about to. */
  private fill(service: ApiService, slot: number, members: readonly Member[]): void {
    let task = this.tasks.find((other) => other.service === service && other.slot === slot && !other.endsAt);
    if (!task) {
      task = { id: randomId(), service, slot, isRunning: false, createdAt: new Date().toISOString() };
      this.tasks.push(task);
    }
    if (task.member) return;
    const [place] = members
      .filter(({ takesTasks }) => takesTasks)
      .sort((one, other) => this.runningOn(one) - this.runningOn(other));
    task.member = place;
    task.isRunning = place !== undefined;
  }
}

function slotsOf({ Spec: { Mode } }: ApiService): number[] {
  return Array.from({ length: Mode.Replicated?.Replicas ?? 1 }, (_, index) => index + 1);
}
