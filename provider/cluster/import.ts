/** A swarm that exists becomes a Cluster by its id. */
import { type Access } from '../access';
import { refused, secretPathsOf, type Importer } from '../importer';
import { type Imported, type OperationContext } from '../protocol/resource';
import { environmentOf } from '../protocol/urn';
import { type ClusterInputs } from './properties';

/** @throws StepError when the environment's managers are of another swarm */
export async function importCluster(
  id: string,
  access: Access,
  importer: Importer,
  context: OperationContext,
): Promise<Imported<ClusterInputs>> {
  const what = `swarm ${id}`;
  const { managers } = await importer.source(what);
  const { name, swarm } = await access.liveManager({ managers }, context);
  if (swarm.ID !== id) throw refused(what, `${name} is a manager of the swarm ${swarm.ID}`, `import ${swarm.ID}`);
  const inputs = { name: environmentOf(context.urn), managers };
  return { inputs, secretPaths: secretPathsOf(inputs) };
}
