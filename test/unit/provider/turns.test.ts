/** How nodes take turns, though Pulumi begins with all of them at once. */
import { SETTLE_SECONDS, type TurnRank } from '../../../core/swarm/turns';
import { Turns, type Turn } from '../../../provider/turns';

/** What a test says of a node. */
interface Node {
  name: string;
  rank: TurnRank;
  prepare?: () => Promise<void>;
  work?: () => Promise<void>;
  limitSeconds?: number;
}

/** By the test's clock. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Lets a minute pass. */
const pass = (): Promise<void> => jest.advanceTimersByTimeAsync(60_000);

describe('a roll', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** What becomes of work in a minute. */
  const outcomesOf = async (work: Promise<void>[]): Promise<PromiseSettledResult<void>[]> => {
    const all = Promise.allSettled(work);
    await pass();
    return all;
  };
  const turns = (): {
    roll: Turns;
    order: string[];
    lines: string[];
    take: (node: Node, leader?: () => string) => Promise<void>;
  } => {
    const roll = new Turns();
    const order: string[] = [];
    const lines: string[] = [];
    const take = async ({ name, rank, ...node }: Node, leader = (): string => 'nobody'): Promise<void> => {
      const turn: Turn<void> = {
        ...{ machine: name, rank, step: 'changing its engine', limitSeconds: node.limitSeconds ?? 600 },
        prepare: async () => {
          await node.prepare?.();
          return { rank, nodeId: `id-${name}` };
        },
        work: async () => {
          order.push(name);
          await node.work?.();
        },
        findLeader: () => Promise.resolve(`id-${leader()}`),
      };
      const status = (message: string): void => void lines.push(`${name}: ${message}`);
      return roll.take(turn, { signal: new AbortController().signal, status });
    };
    return { roll, order, lines, take };
  };

  it('goes through workers, then managers, the leader last, whoever came first', async () => {
    const { order, take } = turns();
    const leader = (): string => 'node1';
    const nodes: Node[] = [
      { name: 'node1', rank: 'manager' },
      { name: 'node2', rank: 'manager' },
      { name: 'node3', rank: 'worker' },
    ];
    await outcomesOf(nodes.map((node) => take(node, leader)));
    expect(order).toEqual(['node3', 'node2', 'node1']);
  });

  it('looks for the leader when its turn comes, as the lead may have moved', async () => {
    const { order, take } = turns();
    let leader = 'node2';
    const move = (): Promise<void> => Promise.resolve(void (leader = 'node1'));
    const nodes: Node[] = [
      { name: 'node1', rank: 'manager' },
      { name: 'node2', rank: 'manager' },
      { name: 'node3', rank: 'worker', work: move },
    ];
    await outcomesOf(nodes.map((node) => take(node, () => leader)));
    expect(order).toEqual(['node3', 'node2', 'node1']);
  });

  it('waits for a worker that is expected, and not for one that will not come', async () => {
    const { roll, order, take } = turns();
    roll.expect('node1', 'manager');
    roll.expect('node2', 'worker');
    roll.expect('node3', 'worker');
    const manager = take({ name: 'node1', rank: 'manager' });
    await jest.advanceTimersByTimeAsync(SETTLE_SECONDS * 1000 + 200);
    expect(order).toEqual([]);
    roll.dismiss('node3');
    await outcomesOf([manager, take({ name: 'node2', rank: 'worker' })]);
    expect(order).toEqual(['node2', 'node1']);
  });

  it('says whose turn it is and how many come before', async () => {
    const { lines, take } = turns();
    const names = ['node1', 'node2', 'node3'];
    const work = (): Promise<void> => sleep(50);
    await outcomesOf(names.map((name) => take({ name, rank: 'worker', work })));
    expect(lines).toContain('node3: waiting for its turn: node1 is being changed, 1 before this one');
    expect(lines).toContain('node3: waiting for its turn: node2 is being changed, 0 before this one');
  });

  it('stops at a failure: those who wait have not begun, nor have those who come later', async () => {
    const { order, take } = turns();
    const work = (): Promise<void> => Promise.reject(new Error('no space'));
    const [failed, untouched] = await outcomesOf([
      take({ name: 'node1', rank: 'worker', work }),
      take({ name: 'node2', rank: 'manager' }),
    ]);
    expect(failed).toMatchObject({ reason: { message: 'no space' } });
    const notBegun =
      'changing its engine failed: not begun: the roll stopped at node1\n' +
      '  cure: mend what failed at node1 and run it again: it goes on from there';
    expect(untouched).toMatchObject({ reason: { message: `node2: ${notBegun}` } });
    await expect(take({ name: 'node3', rank: 'worker' })).rejects.toThrow(`node3: ${notBegun}`);
    expect(order).toEqual(['node1']);
  });

  it('is not begun at all when a node can’t be prepared', async () => {
    const { order, take } = turns();
    const prepare = async (): Promise<void> => {
      await sleep(20);
      throw new Error('dockerd refuses it');
    };
    const all = [take({ name: 'node1', rank: 'worker' }), take({ name: 'node2', rank: 'manager', prepare })];
    const outcomes = await outcomesOf(all);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(order).toEqual([]);
  });

  it('lets go who waits while another turn takes too long', async () => {
    const { take } = turns();
    const slow = take({ name: 'node1', rank: 'unfinished', work: () => sleep(1000) });
    const impatient = take({ name: 'node2', rank: 'worker', limitSeconds: SETTLE_SECONDS + 0.5 });
    const [, outcome] = await outcomesOf([slow, impatient]);
    expect(outcome).toMatchObject({
      reason: {
        message: expect.stringMatching(/^node2: waiting for its turn .* node1 is being changed\n\s+cure: /) as string,
      },
    });
  });

  it('goes on without one that no longer wants to wait', async () => {
    const { roll, order, take } = turns();
    const abort = new AbortController();
    const work = (): Promise<void> => Promise.resolve(void order.push('never'));
    const turn = { machine: 'node1', rank: 'worker', step: 'changing its engine', limitSeconds: 60 } as const;
    const prepare = (): Promise<{ rank: TurnRank }> => Promise.resolve({ rank: 'worker' });
    const context = { signal: abort.signal, status: () => undefined };
    const leaver = roll.take({ ...turn, prepare, work, findLeader: () => Promise.resolve(undefined) }, context);
    const stayer = take({ name: 'node2', rank: 'worker' });
    setTimeout(() => {
      abort.abort(new Error('cancelled'));
    }, 20);
    expect((await outcomesOf([leaver, stayer])).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(order).toEqual(['node2']);
  });
});
