/** What a Node resource decides without touching anything. */
import { StepError } from '../../core/errors';
import { type ApiInfo, type ApiNode } from '../../core/docker/types';
import { managersOf, type MembershipPlan, type WantedNode } from '../../core/swarm/membership';
import { type PreviewInputs } from '../protocol/resource';
import { type NodeInputs, type NodeOutputs } from './properties';

/** The inputs with every default filled in. */
export function withDefaults<Inputs extends PreviewInputs<NodeInputs>>(inputs: Inputs) {
  return { ...inputs, labels: inputs.labels ?? {}, availability: inputs.availability ?? ('active' as const) };
}

/** The node as core/swarm/membership wants it described. */
export function wantedNode({ name, address, role, labels = {}, availability = 'active' }: NodeInputs): WantedNode {
  return { name, address, role, labels, availability };
}

/** A node's entry as outputs. */
export function outputsOf(node: ApiNode, { clusterId, name, address }: NodeInputs): NodeOutputs {
  return {
    ...{ clusterId, name, address },
    role: node.Spec.Role,
    labels: node.Spec.Labels ?? {},
    availability: node.Spec.Availability,
    nodeId: node.ID,
    state: node.Status.State,
    hostname: node.Description.Hostname,
    engineVersion: node.Description.Engine.EngineVersion,
  };
}

/** The steps of a plan. @throws StepError when the plan is refused */
export function allowed(plan: MembershipPlan, machine: string, step: string) {
  if (plan.allowed) return plan;
  throw new StepError({ machine, step, cause: plan.cause, cure: plan.cure });
}

/** Whether a node is the only manager left. */
export function isLastManager(observed: readonly ApiNode[], nodeId: string): boolean {
  const managers = managersOf(observed);
  return managers.length === 1 && managers[0]?.id === nodeId;
}

/** Whether nodes other than this one are still members and not yet Down. */
export function hasLivingOthers(observed: readonly ApiNode[], nodeId: string): boolean {
  return observed.some(({ ID, Status }) => ID !== nodeId && Status.State !== 'down');
}

/**
 * Refuses a machine that is a member of some other swarm. A manager knows its swarm's id; a worker only knows its
 * managers' addresses, so it counts as ours when one of those is among the environment's managers.
 * @throws StepError that names the other swarm
 */
export function refuseForeign(inputs: NodeInputs, local: ApiInfo['Swarm'], observed: readonly ApiNode[]): void {
  const outside = local.LocalNodeState === 'inactive' || local.LocalNodeState === '';
  if (outside || observed.some(({ ID }) => ID === local.NodeID)) return;
  const remotes = (local.RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, ''));
  const clusterId = local.Cluster?.ID;
  if (clusterId ? clusterId === inputs.clusterId : inputs.managers.some(({ address }) => remotes.includes(address)))
    return;
  throw new StepError({
    machine: inputs.name,
    step: 'joining the swarm',
    cause: `it is a member of another swarm (${clusterId ?? `with managers at ${remotes.join(', ') || 'unknown addresses'}`})`,
    cure: `if it may be taken from there: docker swarm leave --force on ${inputs.name}, then run again`,
  });
}
