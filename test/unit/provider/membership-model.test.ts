/**
 * From any state of a swarm to any wanted one: the provider's own resources, on simulated machines that judge every
 * step. The swarm's slow processes take as long as real ones; all clocks run faster.
 */
import type * as timers from 'node:timers/promises';
import fc from 'fast-check';
import { StepError } from '../../../core/errors';
import { type SimulatedNode } from '../../support/simulation/environment';
import { Deployment, type Wanted } from '../../support/simulation/in-process';
import { REAL } from '../../support/simulation/pace';
import { Simulation } from '../../support/simulation/simulation';

const mockSpeed = 50;

jest.mock('node:timers/promises', () => {
  const actual: typeof timers = jest.requireActual('node:timers/promises');
  const setTimeout = (delay = 0, ...more: [unknown?, object?]): Promise<unknown> =>
    actual.setTimeout(delay / mockSpeed, ...more);
  return { ...actual, setTimeout };
});

const MACHINES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];

/** What somebody, or bad luck, does to a machine between two runs. */
interface Disturbance {
  machine: string;
  kind: 'off' | 'reimage' | 'drain' | 'relabel';
}

/** Any environment: an odd number of managers, the rest workers. */
const anyEnvironment: fc.Arbitrary<Wanted> = fc
  .record({
    names: fc.shuffledSubarray(MACHINES, { minLength: 1 }),
    managers: fc.constantFrom(1, 3, 5),
    zone: fc.constantFrom('a', 'b'),
    drained: fc.boolean(),
  })
  .map(({ names, managers, zone, drained }) => {
    const odd = names.length % 2 === 1 ? names.length : names.length - 1;
    const entries = names.map((name, index): [string, SimulatedNode] => {
      const role = index < Math.min(managers, odd) ? 'manager' : 'worker';
      const availability = drained && role === 'manager' && names.length > odd ? 'drain' : 'active';
      return [name, { role, labels: { zone }, availability }];
    });
    return new Map(entries);
  });

const anyDisturbance: fc.Arbitrary<Disturbance> = fc.record({
  machine: fc.constantFrom(...MACHINES),
  kind: fc.constantFrom('off', 'reimage', 'drain', 'relabel'),
});

/** Does it, where it can be done, and where one run can mend it: of the managers at most one loses its memory. */
function disturb(simulation: Simulation, { machine: name, kind }: Disturbance): void {
  const machine = simulation.machine(name);
  if (kind === 'off') machine.setPower('off');
  const { membership } = machine;
  if (!membership || kind === 'off') return;
  const { swarm, member } = membership;
  if (kind === 'reimage') {
    const areOthersThere = swarm.managers.every(({ isReachable }) => isReachable);
    if (!member.isManager || (areOthersThere && swarm.managers.length > 2)) {
      machine.reimage();
      machine.prepare();
    }
    return;
  }
  const spec = kind === 'drain' ? { Availability: 'drain' as const } : { Labels: { zone: 'by hand' } };
  swarm.change(member, { ...member.spec, ...spec });
}

/** The swarm as an environment would have it. */
function found(simulation: Simulation): Wanted {
  const { members } = simulation.swarm;
  return new Map(
    members.map(({ hostname, isManager, spec }) => [
      hostname,
      { role: isManager ? 'manager' : 'worker', labels: spec.Labels ?? {}, availability: spec.Availability },
    ]),
  );
}

const byName = (wanted: Wanted): object => Object.fromEntries(wanted);

describe('the provider, from any swarm to any other', () => {
  beforeEach(() => {
    const { now } = Date;
    const begin = now();
    jest.spyOn(Date, 'now').mockImplementation(() => begin + (now() - begin) * mockSpeed);
  });

  it('asks for no step that is unsafe, and gets there or says why not; once all machines answer, it gets there', async () => {
    const disturbances = fc.array(anyDisturbance, { maxLength: 3 });
    const journey = fc.asyncProperty(
      anyEnvironment,
      disturbances,
      anyEnvironment,
      fc.nat(6),
      async (before, events, after, replicas) => {
        const simulation = new Simulation(REAL);
        for (const machine of simulation.addMachines(MACHINES.length)) machine.prepare();
        const deployment = new Deployment(simulation);
        expect(await deployment.up(before)).toEqual([]);
        expect(byName(found(simulation))).toEqual(byName(before));
        const Mode = { Replicated: { Replicas: replicas } };
        simulation.swarm.workload.deploy({ Name: 'web', TaskTemplate: {}, Mode }, 1);
        for (const event of events) disturb(simulation, event);

        const refusals = await deployment.up(after);
        expect(simulation.record.violations).toEqual([]);
        expect(refusals.filter((refusal) => !(refusal instanceof StepError))).toEqual([]);
        if (refusals.length === 0) expect(byName(found(simulation))).toEqual(byName(after));

        for (const machine of simulation.machines) machine.setPower('on');
        // What one run refuses, because of a manager that is gone for good, the next one does when its entry is gone.
        await deployment.up(after);
        expect(await deployment.up(after)).toEqual([]);
        expect(byName(found(simulation))).toEqual(byName(after));
        expect(simulation.record.violations).toEqual([]);
      },
    );
    // A smaller example says little more, and looking for one takes minutes.
    await fc.assert(journey, { numRuns: 25, endOnFailure: true });
  }, 300_000);
});
