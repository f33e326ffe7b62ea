/** Looks at what runs of a stack. */
import { type EngineApi } from '../../core/docker/engine-api';
import { type ApiNode, type ApiService, type ApiTask } from '../../core/docker/types';
import { STACK_LABEL } from '../../core/swarm/compose/objects';
import { fingerprintService, type Fingerprint } from '../../core/swarm/fingerprint';

export const stackFilter = (stack: string) => ({ label: [`${STACK_LABEL}=${stack}`] });

/** The stack's services, their tasks, and all nodes. */
export interface StackView {
  services: ApiService[];
  tasks: ApiTask[];
  nodes: ApiNode[];
}

export async function viewStack(api: EngineApi, stack: string, signal: AbortSignal): Promise<StackView> {
  const [services, tasks, nodes] = await Promise.all([
    api.services(stackFilter(stack), { signal }),
    api.tasks(stackFilter(stack), { signal }),
    api.nodes({}, { signal }),
  ]);
  return { services, tasks, nodes };
}

/** Fingerprints of the stack's services, by the name in the compose file. */
export async function observeServices(
  api: EngineApi,
  stack: string,
  signal: AbortSignal,
): Promise<Record<string, Fingerprint>> {
  const [services, networks] = await Promise.all([
    api.services(stackFilter(stack), { signal }),
    api.networks({}, { signal }),
  ]);
  const networkNames = Object.fromEntries(networks.map(({ Id, Name }) => [Id, Name]));
  return Object.fromEntries(
    services
      .map((service): [string, Fingerprint] => [
        service.Spec.Name.slice(stack.length + 1),
        fingerprintService(service, networkNames),
      ])
      .sort(([one], [other]) => one.localeCompare(other)),
  );
}
