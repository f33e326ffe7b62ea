import * as path from 'node:path';
import { parseCompose } from '../core/swarm/compose/parse';
import type { PortModel, StackModel } from '../core/swarm/compose/model';
import { formatProblem } from '../core/swarm/compose/source';
import type { Problem } from '../core/swarm/rules';
import { readText } from './files';
import type { EnvironmentFile } from './schema';

type Stacks = EnvironmentFile['stacks'];

/** What the compose files of an environment say that concerns more than their own stack. */
export interface ComposeFindings {
  /** TCP ports that nodes answer on, ascending. */
  ports: number[];
  /** Problems of the environment file. */
  problems: Problem[];
  /** Problems of compose files, each a line that names file and line. */
  composeProblems: string[];
}

/** Reads every compose file of an environment. */
export function inspectStacks(stacks: Stacks): ComposeFindings {
  const findings: ComposeFindings = { ports: [], problems: [], composeProblems: [] };
  const models: [string, StackModel][] = [];
  for (const [name, { compose, variables }] of Object.entries(stacks)) {
    const read = readText(compose);
    if ('failure' in read) {
      findings.problems.push({ path: `stacks.${name}.compose`, message: `${compose}: ${read.failure}` });
      continue;
    }
    const { model, problems } = parseCompose({ text: read.text, file: compose, variables });
    findings.composeProblems.push(...problems.map(formatProblem));
    if (!model) continue;
    models.push([name, model]);
    findings.problems.push(...contentProblems(name, compose, model));
  }
  findings.problems.push(...portProblems(models));
  const tcp = models.flatMap(([, model]) => portsOf(model)).filter(({ protocol }) => protocol === 'tcp');
  const published = tcp.flatMap(({ published: port }) => port ?? []);
  findings.ports = [...new Set(published)].sort((one, other) => one - other);
  return findings;
}

function portsOf(model: StackModel): PortModel[] {
  return Object.values(model.services).flatMap(({ ports }) => ports);
}

/** Files of configs and secrets that can't be read. */
function contentProblems(stack: string, compose: string, { configs, secrets }: StackModel): Problem[] {
  return Object.entries({ ...configs, ...secrets }).flatMap(([key, { file }]) => {
    if (file === undefined) return [];
    const read = readText(path.resolve(path.dirname(compose), file));
    if ('text' in read) return [];
    return [{ path: `stacks.${stack}.compose`, message: `${compose}: ${key}: ${file}: ${read.failure}` }];
  });
}

/** The routing mesh gives a port to one service of the whole swarm. */
function portProblems(models: readonly [string, StackModel][]): Problem[] {
  const owners = new Map<string, string>();
  return models.flatMap(([stack, { services }]) =>
    Object.entries(services).flatMap(([service, { ports }]) =>
      ports.flatMap(({ published, protocol, mode }) => {
        if (published === undefined || mode === 'host') return [];
        const port = `${published}/${protocol}`;
        const owner = owners.get(port);
        owners.set(port, owner ?? `${stack}_${service}`);
        if (owner === undefined) return [];
        const message = `${stack}_${service} publishes port ${port}, which ${owner} has already; give it another`;
        return [{ path: `stacks.${stack}`, message }];
      }),
    ),
  );
}
