import fc from 'fast-check';
import type { ApiNode } from '../../../../core/docker/types';
import { managersOf } from '../../../../core/swarm/membership';
import { afterStep, apply, hasQuorum, type ManagerMember, type ManagerStep } from '../../../../core/swarm/quorum';
import { planTransition, type DeclaredManager } from '../../../../core/swarm/transition';
import { aNode } from './builders';

const manager = (index: number): DeclaredManager => ({ name: `m${index}`, address: `10.0.0.${index}` });
const managers = (...indexes: number[]): DeclaredManager[] => indexes.map(manager);
/** Managers m1, m2 and so on; `false` for one that does not answer. */
const group = (...reachable: boolean[]): ApiNode[] =>
  reachable.map((answers, index) => aNode({ ...manager(index + 1), role: 'manager', reachable: answers }));

describe('a change of the managers as a whole', () => {
  it('lets new ones in before old ones go', () => {
    expect(planTransition(group(true, true, true), managers(1, 4, 5), managers(2, 3))).toEqual({
      allowed: true,
      steps: [
        { kind: 'promote', id: 'm4' },
        { kind: 'promote', id: 'm5' },
        { kind: 'demote', id: 'id-m2' },
        { kind: 'demote', id: 'id-m3' },
      ],
    });
  });

  it('lets those that do not answer go before the living', () => {
    expect(planTransition(group(true, true, false), managers(1), managers(2, 3))).toEqual({
      allowed: true,
      steps: [
        { kind: 'demote', id: 'id-m3' },
        { kind: 'demote', id: 'id-m2' },
      ],
    });
  });

  it('is refused with the arithmetic when the living go and the dead stay', () => {
    expect(planTransition(group(true, true, false), managers(3), managers(1, 2))).toEqual({
      allowed: false,
      node: 'm1',
      reason: '2 managers, 1 reachable after this step, 2 needed',
      missing: ['m3'],
    });
  });

  it('counts managers that the environment does not know, and leaves them alone', () => {
    const observed = [...group(true, false), aNode({ name: 'by-hand', address: '10.0.0.9', role: 'manager' })];
    expect(planTransition(observed, managers(2), managers(1))).toMatchObject({ allowed: false, missing: ['m2'] });
    expect(planTransition(group(true, true, true), managers(1), managers(2))).toEqual({
      allowed: true,
      steps: [{ kind: 'demote', id: 'id-m2' }],
    });
  });

  it('has nothing to do for a manager that has left already', () => {
    const observed = [...group(true), aNode({ ...manager(2), role: 'worker' })];
    expect(planTransition(observed, managers(1), managers(2))).toEqual({ allowed: true, steps: [] });
  });
});

/** A group of up to six managers, which of them go, and how many new ones come. */
const change = fc
  .tuple(
    fc.array(fc.record({ reachable: fc.boolean(), goes: fc.boolean() }), { minLength: 1, maxLength: 5 }),
    fc.nat(2),
  )
  .map(([traits, joins]) => {
    const indexes = traits.map((_trait, index) => index + 1);
    const goes = (index: number): boolean => traits[index - 1]?.goes === true;
    const stay = indexes.filter((index) => !goes(index));
    const come = Array.from({ length: joins }, (_none, index) => 10 + index);
    return {
      observed: group(...traits.map(({ reachable }) => reachable)),
      wanted: managers(...stay, ...come),
      removed: managers(...indexes.filter(goes)),
    };
  });

describe('whatever the managers and the wish, a change of the managers', () => {
  it('keeps quorum at every step, and ends with the managers that are wanted', () => {
    fc.assert(
      fc.property(change, ({ observed, wanted, removed }) => {
        const transition = planTransition(observed, wanted, removed);
        if (!transition.allowed) return;
        let members: ManagerMember[] = managersOf(observed);
        for (const step of transition.steps) {
          members = apply(members, step);
          expect(hasQuorum(members).allowed).toBe(true);
        }
        const left = members.map(({ id }) => id.replace(/^id-/, '')).sort();
        expect(left).toEqual(wanted.map(({ name }) => name).sort());
      }),
      { numRuns: 500 },
    );
  });

  it('is refused only when no order of its steps keeps quorum', () => {
    fc.assert(
      fc.property(change, ({ observed, wanted, removed }) => {
        if (planTransition(observed, wanted, removed).allowed) return;
        const here = (name: string): boolean => observed.some(({ ID }) => ID === `id-${name}`);
        const steps = [
          ...wanted.filter(({ name }) => !here(name)).map(({ name }): ManagerStep => ({ kind: 'promote', id: name })),
          ...removed.map(({ name }): ManagerStep => ({ kind: 'demote', id: `id-${name}` })),
        ];
        expect(someOrderWorks(managersOf(observed), steps)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

function someOrderWorks(members: ManagerMember[], steps: ManagerStep[]): boolean {
  if (steps.length === 0) return true;
  return steps.some(
    (step) =>
      afterStep(members, step).allowed &&
      someOrderWorks(
        apply(members, step),
        steps.filter((other) => other !== step),
      ),
  );
}
