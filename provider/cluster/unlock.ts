/** With autolock, a manager that was restarted takes no part in the swarm until it is given the unlock key. */
import { ApiError } from '../../core/docker/engine-api';
import { StepError } from '../../core/errors';
import { type Access, type LiveManager, type ManagerEndpoint, type Reached, type SwarmTarget } from '../access';
import { DEFAULT_LIMITS } from '../limits';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';
import { lockedAmong, survey } from './survey';

type Context = Pick<OperationContext, 'signal' | 'status'>;

/** An unlock call answers once the manager is ready, which without quorum it isn't: look in between. */
const CALL_SECONDS = 20;

/** The key that unlocks managers, secret; undefined without autolock. */
export async function readUnlockKey({ api, swarm }: LiveManager, { signal }: Context): Promise<string | undefined> {
  return swarm.Spec.EncryptionConfig?.AutoLockManagers === true ? api.swarmUnlockKey({ signal }) : undefined;
}

/**
 * Unlocks a manager if it is locked, and waits until it is back in its swarm. A machine outside of any swarm is left
 * alone.
 * @throws StepError when the key doesn't fit, or when it isn't back in time: it needs a majority of the managers for that
 */
export async function unlockIfLocked(machine: Reached, key: string, context: Context): Promise<void> {
  const wait = {
    machine: machine.name,
    step: 'it to be back in the swarm after its unlocking',
    limitSeconds: DEFAULT_LIMITS.readySeconds,
    cure: 'start the managers that are down: a majority of them is needed; see also `journalctl -u docker` there',
  };
  await waitUntil(wait, context, async (): Promise<Observation<true>> => {
    const { Swarm: swarm } = await machine.api.info({ signal: context.signal });
    if (swarm.LocalNodeState === 'locked') {
      await unlock(machine, key, context);
      return { pending: 'unlocked, not ready yet' };
    }
    if (swarm.LocalNodeState === 'pending') return { pending: 'connecting to the other managers' };
    return { done: true };
  });
}

/** Unlocks all managers of a swarm that are locked, side by side: only together they may have quorum. */
export async function unlockManagers(
  access: Access,
  swarm: SwarmTarget & { managers: ManagerEndpoint[] },
  lastKey: string | undefined,
  context: OperationContext,
): Promise<void> {
  const locked = lockedAmong(await survey(access, swarm.managers, context));
  if (locked.length === 0) return;
  context.status(`unlocking ${locked.join(', ')}`);
  // A manager that was down while the key was changed still has the old one.
  const keys = [await currentKey(access, swarm, context), lastKey].filter((key) => key !== undefined);
  if (keys.length === 0) throw unknownKey(locked);
  const endpoints = swarm.managers.filter(({ name }) => locked.includes(name));
  const outcomes = await Promise.allSettled(
    endpoints.map(async (manager) => unlockWithAny(await access.reach(manager, context), keys, context)),
  );
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  context.info(`unlocked ${locked.join(', ')}`);
}

async function unlockWithAny(machine: Reached, keys: string[], context: Context): Promise<void> {
  const [key = '', ...others] = keys;
  try {
    await unlockIfLocked(machine, key, context);
  } catch (error) {
    if (!(error instanceof WrongKey) || others.length === 0) throw error;
    await unlockWithAny(machine, others, context);
  }
}

/** The key that managers give out that are not locked, if there is such a one. */
async function currentKey(access: Access, swarm: SwarmTarget, context: Context): Promise<string | undefined> {
  const live = await access.liveManager(swarm, context).catch(() => undefined);
  return live && readUnlockKey(live, context);
}

async function unlock({ name, api }: Reached, key: string, { signal }: Context): Promise<void> {
  try {
    await api.swarmUnlock(key, { signal, timeoutSeconds: CALL_SECONDS });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError && error.parts.cause.includes('invalid key')) throw new WrongKey(name);
    const goesOn = error instanceof StepError && (error.kind === 'time-limit' || error instanceof ApiError);
    if (!goesOn) throw error;
  }
}

class WrongKey extends StepError {
  constructor(machine: string) {
    const cause = 'it does not take the unlock key that is known here';
    super({ machine, step: 'unlocking the swarm', cause, cure: unlockByHand(machine) });
  }
}

function unknownKey(locked: string[]): StepError {
  const machine = locked.join(', ');
  const cause = 'the swarm is locked there, and its unlock key is not known here';
  return new StepError({ machine, step: 'unlocking the swarm', cause, cure: unlockByHand(machine) });
}

function unlockByHand(machine: string): string {
  return `run \`docker swarm unlock\` on ${machine} with the key that was written down, then run this again`;
}
