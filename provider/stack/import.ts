/** A stack that runs becomes a Stack by its name. */
import { parseCompose } from '../../core/swarm/compose/parse';
import { type Access } from '../access';
import { refused, secretPathsOf, type Importer } from '../importer';
import { type Imported, type OperationContext } from '../protocol/resource';
import { type StackInputs } from '../stack';

/** @throws StepError when the environment has no such stack */
export async function importStack(
  name: string,
  access: Access,
  importer: Importer,
  context: OperationContext,
): Promise<Imported<StackInputs>> {
  const what = `stack ${name}`;
  const { stacks, managers } = await importer.source(what);
  const stack = stacks[name];
  if (!stack) {
    const cure =
      Object.keys(stacks).length > 0 ? `it has ${Object.keys(stacks).join(', ')}` : 'describe it there first';
    throw refused(what, 'the environment file has no such stack', cure);
  }
  const { swarm } = await access.liveManager({ managers }, context);
  const { compose: text, file, variables } = stack;
  const { model } = parseCompose({ text, file, variables, stack: name });
  // What configs and secrets hold can't be read from the swarm: where there are any, the next deployment sets them.
  const inputs = { clusterId: swarm.ID, name, ...stack, configs: {}, secrets: {}, managers, model };
  // Which variables are encrypted in the file can't be told here, so all are kept secret.
  return { inputs, secretPaths: new Set([...secretPathsOf(inputs), 'variables', 'secrets', 'model']) };
}
