/** What a program wants to know of a stack's services: which ports to call, how many replicas there are. */
import { type PortModel, type ServiceMode, type StackModel } from '../../core/swarm/compose/model';

export interface ServiceSummary {
  image: string;
  mode: ServiceMode;
  /** Absent in the global modes. */
  replicas?: number;
  ports: PortModel[];
}

/** The summary of each service by its name. */
export function summarize(model: StackModel): Record<string, ServiceSummary> {
  return Object.fromEntries(
    Object.entries(model.services).map(([name, { image, deploy, ports }]) => [
      name,
      { image, mode: deploy.mode, replicas: deploy.replicas, ports },
    ]),
  );
}
