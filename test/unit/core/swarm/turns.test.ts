import fc from 'fast-check';
import {
  nextTurn,
  PATIENCE_SECONDS,
  SETTLE_SECONDS,
  turnsBefore,
  type TurnRank,
  type TurnTaker,
} from '../../../../core/swarm/turns';

const taker = (name: string, rank: TurnRank, state: TurnTaker['state'] = 'waiting'): TurnTaker => ({
  name,
  rank,
  state,
});
const LONG_AGO = { sinceArrival: 1e6, sinceProgress: 1e6, begun: true };
const JUST_NOW = { sinceArrival: 0, sinceProgress: 0, begun: true };
const ago = (seconds: number, begun = true) => ({ sinceArrival: seconds, sinceProgress: seconds, begun });

describe('whose turn it is in a roll', () => {
  it('is nobody’s while somebody has it', () => {
    const decision = nextTurn([taker('node1', 'worker', 'changing'), taker('node2', 'worker')], LONG_AGO);
    expect(decision).toEqual({ kind: 'hold', reason: 'node1 is being changed' });
  });

  it('is nobody’s until all that have come are prepared, as a refusal there stops the roll', () => {
    const decision = nextTurn([taker('node1', 'manager', 'preparing'), taker('node2', 'worker')], LONG_AGO);
    expect(decision).toEqual({ kind: 'hold', reason: 'node1 is being prepared' });
  });

  it('is nobody’s while others keep coming', () => {
    const decision = nextTurn([taker('node1', 'worker')], ago(0.5));
    expect(decision).toMatchObject({ kind: 'hold', seconds: SETTLE_SECONDS - 0.5 });
  });

  it('is first that of the node at which an earlier roll stopped, then the workers’, the managers’, the leader’s', () => {
    const rest = [
      taker('node1', 'manager'),
      taker('node2', 'manager'),
      taker('node3', 'worker'),
      taker('node4', 'unfinished'),
    ];
    const order = [];
    while (rest.length > 0) {
      const decision = nextTurn(rest, LONG_AGO, 'node1');
      if (decision.kind !== 'begin') throw new Error(decision.kind);
      order.push(decision.name);
      rest.splice(
        rest.findIndex(({ name }) => name === decision.name),
        1,
      );
    }
    expect(order).toEqual(['node4', 'node3', 'node2', 'node1']);
  });

  it('waits a while for nodes that should go first, and not for ever', () => {
    const waiting = [taker('node1', 'manager'), taker('node2', 'worker', 'expected')];
    expect(nextTurn(waiting, ago(5))).toEqual({
      kind: 'hold',
      reason: 'node2 has not come yet',
      seconds: PATIENCE_SECONDS - 5,
    });
    expect(nextTurn(waiting, LONG_AGO)).toEqual({ kind: 'begin', name: 'node1' });
  });

  it('does not wait for nodes that go later anyway', () => {
    const waiting = [taker('node1', 'worker'), taker('node2', 'manager', 'expected')];
    expect(nextTurn(waiting, ago(2))).toEqual({ kind: 'begin', name: 'node1' });
  });

  it('waits a while for all before the first turn, as a refusal at any of them stops the roll', () => {
    const waiting = [taker('node1', 'worker'), taker('node2', 'manager', 'expected')];
    expect(nextTurn(waiting, ago(2, false)).kind).toBe('hold');
    expect(nextTurn(waiting, ago(PATIENCE_SECONDS, false))).toEqual({ kind: 'begin', name: 'node1' });
  });

  it('tells each how many go before it', () => {
    const takers = [
      taker('node1', 'manager'),
      taker('node2', 'worker', 'changing'),
      taker('node3', 'worker'),
      taker('node4', 'worker', 'expected'),
    ];
    expect(turnsBefore(takers, 'node1')).toBe(2);
    expect(turnsBefore(takers, 'node3')).toBe(0);
  });
});

describe('any roll', () => {
  const anyTakers = fc
    .array(
      fc.record({
        rank: fc.constantFrom<TurnRank>('unfinished', 'worker', 'manager'),
        state: fc.constantFrom<TurnTaker['state']>('expected', 'preparing', 'waiting'),
      }),
      { maxLength: 8 },
    )
    .map((traits) => traits.map((trait, index): TurnTaker => ({ name: `node${index}`, ...trait })));

  /** Takes turns until no one waits; a decision to hold lets either those that prepare be ready, or the time pass. */
  const rollThrough = (takers: TurnTaker[], leader: string): string[] => {
    const order: string[] = [];
    let rest = takers;
    for (let step = 0; step < 100; step++) {
      const decision = nextTurn(rest, LONG_AGO, leader);
      if (decision.kind === 'idle') return order;
      if (decision.kind === 'begin') {
        order.push(decision.name);
        rest = rest.filter(({ name }) => name !== decision.name);
      } else rest = rest.map((other) => (other.state === 'preparing' ? { ...other, state: 'waiting' } : other));
    }
    throw new Error('it never ends');
  };

  it('begins, whether or not those expected come', () => {
    fc.assert(
      fc.property(anyTakers, (takers) => {
        const ready = takers.filter(({ state }) => state !== 'preparing');
        const waits = ready.some(({ state }) => state === 'waiting');
        expect(nextTurn(ready, ago(PATIENCE_SECONDS, false)).kind).toBe(waits ? 'begin' : 'idle');
      }),
    );
  });

  it('ends, with a turn for each that waited, though those expected never come', () => {
    fc.assert(
      fc.property(anyTakers, (takers) => {
        const came = takers.filter(({ state }) => state !== 'expected');
        const waits = takers.some(({ state }) => state === 'waiting');
        const order = rollThrough(takers, 'node0');
        expect([...order].sort()).toEqual(waits ? came.map(({ name }) => name).sort() : []);
      }),
    );
  });

  it('never has a worker after a manager, nor the leader before another manager', () => {
    fc.assert(
      fc.property(anyTakers, fc.nat(7), (takers, index) => {
        const leader = `node${index}`;
        const place = (name: string): number => {
          const rank = takers.find((other) => other.name === name)?.rank ?? 'worker';
          const places = { unfinished: 0, worker: 1, manager: 2 };
          return places[rank] + (rank === 'manager' && name === leader ? 1 : 0);
        };
        const places = rollThrough(takers, leader).map(place);
        expect(places).toEqual([...places].sort());
      }),
    );
  });

  it('never gives a turn while somebody is being changed or prepared, or has just come', () => {
    fc.assert(
      fc.property(anyTakers, fc.constantFrom<TurnTaker['state']>('changing', 'preparing'), (takers, state) => {
        const busy = [...takers, taker('busy', 'worker', state)];
        expect(nextTurn(busy, LONG_AGO).kind).not.toBe('begin');
        expect(nextTurn(takers, JUST_NOW).kind).not.toBe('begin');
      }),
    );
  });
});
