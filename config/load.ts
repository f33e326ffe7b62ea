import * as pulumi from '@pulumi/pulumi';
import type { Environment } from './environment';
import { readText } from './files';
import { CONFIG_KEY, EnvironmentError } from './problems';
import { readEnvironment } from './read';

/**
 * The environment of the Pulumi stack that runs.
 * @throws EnvironmentError with every problem found, one a line, before any resource is registered
 */
export function loadEnvironment(): Environment {
  const name = pulumi.getStack();
  const file = `Pulumi.${name}.yaml`;
  const [namespace = '', key = ''] = CONFIG_KEY.split(':');
  const stray = Object.keys(pulumi.runtime.allConfig()).filter(
    (other) => other.startsWith(`${namespace}:`) && other !== CONFIG_KEY,
  );
  if (stray.length > 0) {
    throw new EnvironmentError(stray.map((other) => `${file}: ${other}: unknown key (the only one is ${CONFIG_KEY})`));
  }
  const onDisk = readText(file);
  return readEnvironment({
    name,
    file,
    fileText: 'text' in onDisk ? onDisk.text : undefined,
    value: parseJson(new pulumi.Config(namespace).get(key)),
  });
}

/** Pulumi hands over an object as JSON; any other text is left for the schema to refuse. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
