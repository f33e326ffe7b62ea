import fc from 'fast-check';
import { afterStep, apply, hasQuorum, quorumOf, tolerates, type ManagerMember } from '../../../../core/swarm/quorum';

const managers = (...reachable: boolean[]): ManagerMember[] =>
  reachable.map((yes, index) => ({ id: `m${index + 1}`, reachable: yes }));

describe('quorum', () => {
  it.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [7, 4, 3],
  ])('of %i managers is %i, and %i may be lost', (count, quorum, losses) => {
    expect([quorumOf(count), tolerates(count)]).toEqual([quorum, losses]);
  });

  it('says its arithmetic', () => {
    const verdict = afterStep(managers(true, true, false), { kind: 'stop', id: 'm1' });
    expect(verdict).toEqual({ allowed: false, reason: '3 managers, 1 reachable after this step, 2 needed' });
  });

  it('lets one of three managers stop, but no second one', () => {
    const three = managers(true, true, true);
    expect(afterStep(three, { kind: 'stop', id: 'm1' }).allowed).toBe(true);
    expect(afterStep(apply(three, { kind: 'stop', id: 'm1' }), { kind: 'stop', id: 'm2' }).allowed).toBe(false);
  });

  it('lets a dead manager be demoted where a living one is needed', () => {
    const oneDead = managers(true, true, false);
    expect(afterStep(oneDead, { kind: 'demote', id: 'm3' }).allowed).toBe(true);
    expect(afterStep(oneDead, { kind: 'demote', id: 'm1' })).toEqual({
      allowed: false,
      reason: '2 managers, 1 reachable after this step, 2 needed',
    });
  });

  it('once lost lets nobody be demoted or promoted: that would have to be decided', () => {
    const lost = managers(true, false, false);
    expect(hasQuorum(lost).allowed).toBe(false);
    expect(afterStep(lost, { kind: 'demote', id: 'm3' }).reason).toContain('3 managers, 1 reachable now, 2 needed');
    expect(afterStep(lost, { kind: 'promote', id: 'w1' }).allowed).toBe(false);
  });

  it('keeps the last manager', () => {
    expect(afterStep(managers(true), { kind: 'demote', id: 'm1' }).allowed).toBe(false);
  });

  it('survives the loss of any managers up to what the group tolerates, and no more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.nat(15), (count, lost) => {
        const group = managers(...Array.from({ length: count }, (_, index) => index >= Math.min(lost, count)));
        expect(hasQuorum(group).allowed).toBe(Math.min(lost, count) <= tolerates(count));
      }),
    );
  });

  it('is never lost by a step that was allowed', () => {
    const group = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }).map((reachable) => managers(...reachable));
    const kind = fc.constantFrom('stop' as const, 'demote' as const, 'promote' as const);
    fc.assert(
      fc.property(group, kind, fc.nat(9), (members, step, index) => {
        const change = { kind: step, id: step === 'promote' ? 'new' : (members[index]?.id ?? 'm1') };
        if (afterStep(members, change).allowed) expect(hasQuorum(apply(members, change)).allowed).toBe(true);
      }),
    );
  });
});
