/** What each manager says of its own place in a swarm. */
import { messageOf } from '../../core/errors';
import { within } from '../../core/ssh/time-limit';
import { type Candidate } from '../../core/swarm/formation';
import { type Access, type ManagerEndpoint } from '../access';
import { type OperationContext } from '../protocol/resource';

/** Seconds for a manager's answer, where the others' are enough to go on. */
const PATIENCE_SECONDS = 10;

/** Asks all at once; one that doesn't answer in time is without an answer in the result, and warned about. */
export async function survey(
  access: Access,
  managers: readonly ManagerEndpoint[],
  context: OperationContext,
): Promise<Candidate[]> {
  const answers = managers.map(async (manager): Promise<Candidate> => {
    const { name } = manager;
    try {
      return await within({ signal: context.signal, seconds: PATIENCE_SECONDS }, async (signal) => {
        const { api } = await access.reach(manager, { ...context, signal });
        return { name, swarm: (await api.info({ signal })).Swarm };
      });
    } catch (error) {
      context.signal.throwIfAborted();
      context.warn(`${name} can’t be asked for its place in the swarm: ${messageOf(error)}`);
      return { name };
    }
  });
  return Promise.all(answers);
}

/** Whether all say that they are in no swarm; a silent one may still hold it. */
export function allOutside(candidates: readonly Candidate[]): boolean {
  return candidates.every(({ swarm }) => swarm?.LocalNodeState === 'inactive');
}

/** Names of those that wait for the unlock key. */
export function lockedAmong(candidates: readonly Candidate[]): string[] {
  return candidates.filter(({ swarm }) => swarm?.LocalNodeState === 'locked').map(({ name }) => name);
}

/** Whether any of these machines is a manager. */
export function hasManager(candidates: readonly Candidate[], among: readonly ManagerEndpoint[]): boolean {
  return candidates.some(({ name, swarm }) => swarm?.ControlAvailable && among.some((other) => other.name === name));
}
