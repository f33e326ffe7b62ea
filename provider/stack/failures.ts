/** Why a stack can't get to what it should be: the tasks' own errors and their last words. */
import { StepError } from '../../core/errors';
import { type Convergence } from '../../core/swarm/convergence';
import { type LiveManager } from '../access';
import { type OperationContext } from '../protocol/resource';

/** Lines of a service's log to show. */
const LOG_LINES = 5;

/** The error to throw: each failing service with its tasks' errors and last log lines. */
export async function explainFailures(
  stack: string,
  convergence: Convergence,
  manager: LiveManager,
  context: OperationContext,
): Promise<StepError> {
  const failing = convergence.services.filter(({ failed }) => failed);
  const causes = await Promise.all(
    failing.map(async ({ id, line, errors }) => {
      const log = await lastLines(manager, id, context);
      return `${[line, ...errors].join('; ')}${log ? `; last log lines: ${log}` : ''}`;
    }),
  );
  return new StepError({
    machine: `stack ${stack}`,
    step: 'waiting for its services',
    cause: causes.join('; '),
    cure: 'mend what the errors name and run it again; the other services go on as they were',
  });
}

/** Empty where there is no log: a task that never started has none, and some log drivers can't be read. */
async function lastLines(manager: LiveManager, serviceId: string, context: OperationContext): Promise<string> {
  try {
    const log = await manager.api.serviceLogs(serviceId, {
      tail: LOG_LINES,
      signal: context.signal,
      timeoutSeconds: 5,
    });
    return log.trim().split('\n').slice(-LOG_LINES).join(' | ');
  } catch {
    return '';
  }
}
