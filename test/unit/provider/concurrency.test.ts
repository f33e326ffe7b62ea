/** How the provider keeps things in turn, and how it waits. */
import { Duplicates } from '../../../provider/duplicates';
import { Mutex } from '../../../provider/mutex';
import { waitUntil } from '../../../provider/wait';

const signal = new AbortController().signal;

describe('a mutex', () => {
  /** Holds the mutex until told to let go. */
  const hold = (mutex: Mutex) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const done = mutex.run(signal, () => held);
    return { release, done };
  };

  it('lets one in at a time, in the order they came', async () => {
    const mutex = new Mutex();
    const order: string[] = [];
    const { release, done } = hold(mutex);
    const note = (name: string) => mutex.run(signal, () => Promise.resolve(void order.push(name)));
    const all = [note('first'), note('second')];
    expect(order).toEqual([]);
    release();
    await Promise.all([done, ...all]);
    expect(order).toEqual(['first', 'second']);
  });

  it('goes on after a failure', async () => {
    const mutex = new Mutex();
    await expect(mutex.run(signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(mutex.run(signal, () => Promise.resolve('fine'))).resolves.toBe('fine');
  });

  it('forgets one who no longer wants to wait', async () => {
    const mutex = new Mutex();
    const { release, done } = hold(mutex);
    const abort = new AbortController();
    const impatient = mutex.run(abort.signal, () => Promise.resolve());
    const patient = mutex.run(signal, () => Promise.resolve('in'));
    abort.abort(new Error('cancelled'));
    await expect(impatient).rejects.toThrow('cancelled');
    release();
    await done;
    await expect(patient).resolves.toBe('in');
  });
});

describe('waiting', () => {
  const wait = { machine: 'node1', step: 'a leader', limitSeconds: 0.05, cure: 'start the managers', intervalMs: 5 };

  it('shows each new reason once', async () => {
    const seen = ['nobody', 'nobody', 'an election'];
    const shown: string[] = [];
    const context = { signal, status: (message: string) => void shown.push(message) };
    const result = await waitUntil({ ...wait, limitSeconds: 5 }, context, () => {
      const pending = seen.shift();
      return Promise.resolve(pending === undefined ? { done: 'node2' } : { pending });
    });
    expect(result).toBe('node2');
    expect(shown).toEqual(['waiting for a leader: nobody', 'waiting for a leader: an election']);
  });

  it('ends with what was last seen when its time is over', async () => {
    const look = () => Promise.resolve({ pending: 'no quorum' });
    await expect(waitUntil(wait, { signal, status: () => undefined }, look)).rejects.toThrow(
      'node1: waiting for a leader failed: not within 0.05 s; last seen: no quorum\n  cure: start the managers',
    );
  });

  it('ends at once when cancelled', async () => {
    const abort = new AbortController();
    const look = () => Promise.resolve({ pending: 'no quorum' });
    const context = { signal: abort.signal, status: () => undefined };
    const waiting = waitUntil({ ...wait, limitSeconds: 60, intervalMs: 60_000 }, context, look);
    abort.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });
});

describe('duplicates among the resources of a run', () => {
  it('are found, whoever comes second', () => {
    const names = new Duplicates();
    expect(names.check('urn:a', 'name', 'node1')).toEqual([]);
    expect(names.check('urn:b', 'name', 'NODE1')).toHaveLength(1);
  });

  it('are none when a resource is looked at again, or kinds differ', () => {
    const names = new Duplicates();
    names.check('urn:a', 'name', 'node1');
    expect(names.check('urn:a', 'name', 'node1')).toEqual([]);
    expect(names.check('urn:b', 'address', 'node1')).toEqual([]);
  });
});
