/** Waiting for an engine's own word. */
import { type ApiInfo } from '../../core/docker/types';
import { messageOf, StepError } from '../../core/errors';
import { type Access, type MachineEndpoint, type Reached } from '../access';
import { type OperationContext } from '../protocol/resource';
import { waitUntil, type Observation } from '../wait';

/**
 * The engine, once it answers: after an installation or a restart that takes a moment.
 * @param isAccepted whether its answer is one to go on with; default any
 */
export async function waitForEngine(
  access: Access,
  machine: MachineEndpoint,
  limitSeconds: number,
  context: OperationContext,
  isAccepted: (info: ApiInfo, engine: Reached) => Promise<boolean> = () => Promise.resolve(true),
): Promise<{ engine: Reached; info: ApiInfo }> {
  const wait = {
    machine: machine.name,
    step: 'the engine to answer',
    limitSeconds,
    cure: 'see why on the machine: journalctl -u docker --no-pager -n 50',
  };
  return waitUntil(wait, context, async (): Promise<Observation<{ engine: Reached; info: ApiInfo }>> => {
    try {
      const engine = await access.reach(machine, context);
      const info = await engine.api.info({ signal: context.signal });
      if (await isAccepted(info, engine)) return { done: { engine, info } };
      const { LocalNodeState: state, Error: error } = info.Swarm;
      return { pending: `its membership of the swarm is ${state}${error ? `: ${error}` : ''}` };
    } catch (error) {
      context.signal.throwIfAborted();
      return { pending: error instanceof StepError ? error.parts.cause : messageOf(error) };
    }
  });
}
