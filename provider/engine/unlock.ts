/** A manager's engine comes back locked when the swarm has autolock. */
import { type OnManager, type Reached } from '../access';
import { type OperationContext } from '../protocol/resource';

/** The key, from a manager that is not locked; undefined where there is no autolock. Never to be stored or shown. */
export async function unlockKeyOf(on: OnManager, { signal }: OperationContext): Promise<string | undefined> {
  return on(async ({ api, swarm }) =>
    swarm.Spec.EncryptionConfig?.AutoLockManagers === true ? api.swarmUnlockKey({ signal }) : undefined,
  );
}

/** Unlocks a manager if it is locked and the key is known. */
export async function unlockIfLocked(
  { api }: Reached,
  key: string | undefined,
  { signal }: OperationContext,
): Promise<void> {
  const { Swarm: swarm } = await api.info({ signal });
  if (key !== undefined && swarm.LocalNodeState === 'locked') await api.swarmUnlock(key, { signal });
}
