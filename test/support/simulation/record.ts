/** Every change of a swarm that was asked for, in order, and what was wrong with asking for it. */
import { type NodeSpec } from '../../../core/docker/types';
import { type SimulatedMachine } from './machine';
import { type Member } from './member';
import { type SimulatedSwarm } from './swarm';

/** A request that changes who is in a swarm, or what it is there, as it arrived: refused or not. */
export type Step =
  | { kind: 'init'; machine: SimulatedMachine }
  | { kind: 'join'; machine: SimulatedMachine; swarm: SimulatedSwarm; spec: NodeSpec }
  | { kind: 'leave'; machine: SimulatedMachine; swarm: SimulatedSwarm; member: Member; force: boolean }
  | { kind: 'change'; swarm: SimulatedSwarm; member: Member; to: NodeSpec }
  | { kind: 'remove'; swarm: SimulatedSwarm; member: Member; force: boolean };

export class StepRecord {
  /** `join n3 as worker`, `demote n1`, one for each step. */
  readonly steps: string[] = [];
  /** Steps that should never have been asked for, with the reason. */
  readonly violations: string[] = [];

  /** @param swarms those there are before the step */
  note(step: Step, swarms: readonly SimulatedSwarm[]): void {
    const text = describe(step);
    this.steps.push(text);
    for (const wrong of judge(step, swarms)) this.violations.push(`${text}: ${wrong}`);
  }

  /** Steps whose text begins so. */
  of(beginning: string): string[] {
    return this.steps.filter((text) => text.startsWith(beginning));
  }
}

function describe(step: Step): string {
  switch (step.kind) {
    case 'init':
      return `init on ${step.machine.name}`;
    case 'join':
      return `join ${step.machine.name} as ${step.spec.Role}`;
    case 'leave':
      return `leave ${step.machine.name}${step.force ? ' by force' : ''}`;
    case 'remove':
      return `remove ${step.member.machine.name}${step.force ? ' by force' : ''}`;
    case 'change':
      return describeChange(step.member, step.to);
  }
}

function describeChange({ spec, machine: { name } }: Member, to: NodeSpec): string {
  if (to.Role !== spec.Role) return `${to.Role === 'manager' ? 'promote' : 'demote'} ${name}`;
  if (to.Availability !== spec.Availability) return `set ${name} to ${to.Availability}`;
  return `label ${name}`;
}

/** What is wrong with a step, judged by the swarm as it is when the step arrives, without the project's own rules. */
function judge(step: Step, swarms: readonly SimulatedSwarm[]): string[] {
  switch (step.kind) {
    case 'init':
      return swarms.some(({ isAlive }) => isAlive) ? ['there is a swarm already'] : [];
    case 'join':
      return [
        ...(step.spec.Availability === 'drain' ? [] : ['tasks can land before it has its labels']),
        ...(step.spec.Role === 'manager' ? othersOnTheirWay(step.swarm) : []),
      ];
    case 'leave':
      return [...busy(step.swarm, step.member), ...(step.member.isManager ? judgeLeaving(step) : [])];
    case 'remove':
      return step.member.state === 'down' ? [] : busy(step.swarm, step.member);
    case 'change':
      return judgeRole(step.swarm, step.member, step.to);
  }
}

function judgeLeaving({ swarm, member }: { swarm: SimulatedSwarm; member: Member }): string[] {
  const alone = swarm.managers.length === 1;
  const living = swarm.members.filter((other) => other !== member && other.state !== 'down');
  if (alone) return living.length === 0 ? [] : [`${living.length} nodes would be left without a manager`];
  // Who leaves without being demoted stays in the Raft group (moby issue 30847).
  const reachable = swarm.managers.filter((other) => other !== member && other.isReachable).length;
  return reachable * 2 > swarm.managers.length
    ? []
    : [`${reachable} of ${swarm.managers.length} managers would be left`];
}

function judgeRole(swarm: SimulatedSwarm, member: Member, to: NodeSpec): string[] {
  if (to.Role === member.spec.Role) return [];
  if (to.Role === 'worker') {
    if (swarm.managers.length === 1 && member.isManager) return ['it is the last manager'];
    return swarm.keepsQuorumWithout(member) ? [] : ['the others would have no quorum'];
  }
  return [...(member.state === 'ready' ? [] : [`it is ${member.state}`]), ...othersOnTheirWay(swarm)];
}

/** Managers come one at a time: each one that isn't there yet counts for the quorum and can't vote. */
function othersOnTheirWay(swarm: SimulatedSwarm): string[] {
  return swarm.members
    .filter(({ isBecomingManager }) => isBecomingManager)
    .map(({ machine: { name } }) => `${name} is on its way to be a manager`);
}

function busy(swarm: SimulatedSwarm, member: Member): string[] {
  const tasks = swarm.workload.runningOn(member);
  return tasks === 0 ? [] : [`${tasks} tasks run there`];
}
