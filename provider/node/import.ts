/** A node that exists becomes a Node by its id. */
import { addressOf, hostnameOf } from '../../core/swarm/nodes';
import { type Access } from '../access';
import { refused, secretPathsOf, type Importer } from '../importer';
import { type Imported, type OperationContext } from '../protocol/resource';
import { outputsOf } from './decide';
import { type NodeInputs } from './properties';

/** @throws StepError when the swarm has no such node, or the environment no such machine */
export async function importNode(
  id: string,
  access: Access,
  importer: Importer,
  context: OperationContext,
): Promise<Imported<NodeInputs>> {
  const what = `node ${id}`;
  const { nodes, managers } = await importer.source(what);
  const { api, swarm } = await access.liveManager({ managers }, context);
  const members = await api.nodes({}, { signal: context.signal });
  const entry = members.find(({ ID }) => ID === id);
  if (!entry) {
    const list = members.map((node) => `${node.ID} (${hostnameOf(node)})`).join(', ');
    throw refused(what, `the swarm ${swarm.ID} has no such node`, `import one of ${list}`);
  }
  const machine = nodes.find(({ name, address }) => name === hostnameOf(entry) || address === addressOf(entry));
  if (!machine) {
    const cause = `the environment file has no node ${hostnameOf(entry)} at ${addressOf(entry)}`;
    throw refused(what, cause, 'describe it there first');
  }
  const reached = { clusterId: swarm.ID, ...machine, managers };
  const { role, labels, availability } = outputsOf(entry, { ...reached, role: entry.Spec.Role });
  const inputs = { ...reached, role, labels, availability };
  return { inputs, secretPaths: secretPathsOf(inputs) };
}
