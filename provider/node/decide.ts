/** What a Node resource decides without touching anything. */
import { StepError } from '../../core/errors';
import { type ApiInfo, type ApiNode } from '../../core/docker/types';
import { targetLabels, userLabels } from '../../core/swarm/labels';
import { managersOf, type MembershipPlan, type MembershipStep, type WantedNode } from '../../core/swarm/membership';
import { overrideHint, quorumLossAllowed } from '../override';
import { type OperationContext, type PreviewInputs } from '../protocol/resource';
import { type NodeInputs, type NodeOutputs } from './properties';

/** The inputs with every default filled in. */
export function withDefaults<Inputs extends PreviewInputs<NodeInputs>>(inputs: Inputs) {
  return { ...inputs, labels: inputs.labels ?? {}, availability: inputs.availability ?? ('active' as const) };
}

/**
 * The node as core/swarm/membership wants it described.
 * @param found its entry, if it has one
 * @param formerly keys of the labels that the environment gave it earlier
 */
export function wantedNode(inputs: NodeInputs, found?: ApiNode, formerly: readonly string[] = []): WantedNode {
  const { name, address, role, labels = {}, availability = 'active', otherLabels = 'remove' } = inputs;
  const wanted = targetLabels(userLabels(found?.Spec.Labels), labels, formerly, otherLabels);
  return { name, address, role, labels: wanted, availability };
}

/** A node's entry as outputs. */
export function outputsOf(node: ApiNode, inputs: NodeInputs): NodeOutputs {
  const { clusterId, name, address, labels: declared = {}, otherLabels = 'remove' } = inputs;
  const labels = Object.entries(userLabels(node.Spec.Labels));
  return {
    ...{ clusterId, name, address },
    role: node.Spec.Role,
    labels: Object.fromEntries(otherLabels === 'keep' ? labels.filter(([key]) => key in declared) : labels),
    availability: node.Spec.Availability,
    nodeId: node.ID,
    state: node.Status.State,
    hostname: node.Description.Hostname,
    engineVersion: node.Description.Engine.EngineVersion,
  };
}

/** Whether a node was out of reach when last seen. `unknown` is none of that: a new leader says so of all for a moment. */
export function isLost({ state }: Pick<NodeOutputs, 'state'>): boolean {
  return state === 'down' || state === 'disconnected';
}

/**
 * The steps of a plan; with the user's explicit word, also those that lose quorum.
 * @throws StepError when the plan is refused
 */
export function allowed(
  plan: MembershipPlan,
  machine: string,
  step: string,
  context: Pick<OperationContext, 'urn' | 'warn'>,
): MembershipStep[] {
  if (plan.allowed) return plan.steps;
  const { cause, cure, overridden } = plan;
  if (overridden && quorumLossAllowed(context.urn)) {
    context.warn(`going on though this loses quorum, as you asked: ${cause}`);
    return overridden;
  }
  throw new StepError({ machine, step, cause, cure: overridden ? cure + overrideHint(context.urn) : cure });
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

/**
 * Refuses another advertise address for a living manager: its peers would go on talking to the old one (moby issue
 * 41043).
 */
export function refuseAddressChange(name: string, from: string, to: string): StepError {
  return new StepError({
    machine: name,
    step: 'changing its advertise address',
    cause: `it is a living manager at ${from}, and the other managers would not learn of ${to}`,
    cure: 'replace the node: take it out of the environment file, run `pulumi up`, then put it back with the new address',
  });
}
