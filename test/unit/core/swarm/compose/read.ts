import type { ServiceModel, StackModel } from '../../../../../core/swarm/compose/model';
import { parseCompose } from '../../../../../core/swarm/compose/parse';
import { formatProblem } from '../../../../../core/swarm/compose/source';

/** The model of a compose file that is expected to have no problems. */
export function modelOf(text: string, variables: Record<string, string> = {}): StackModel {
  const { model, problems } = parseCompose({ text, file: 'compose.yaml', variables });
  if (!model) throw new Error(problems.map(formatProblem).join('\n'));
  return model;
}

/** The problems of a compose file, as lines. */
export function problemsOf(text: string, variables: Record<string, string> = {}): string[] {
  return parseCompose({ text, file: 'compose.yaml', variables }).problems.map(formatProblem);
}

/** The service `web` with some lines more; each line is given without its indentation of four. */
export function serviceWith(...lines: string[]): string {
  return ['services:', '  web:', '    image: web:1', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

export function serviceOf(...lines: string[]): ServiceModel {
  const { web } = modelOf(serviceWith(...lines)).services;
  if (!web) throw new Error('no service web');
  return web;
}
