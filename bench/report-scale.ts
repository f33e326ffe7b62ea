/** The part of the report about many nodes. */
import { cpuSecondsOf, millisecondsPerNode, type ScaleFigures, type ScaleStep, type SizeFigures } from './figures';
import { originLine, row, table } from './report-parts';

/** Milliseconds of processor time per node; and how much more a node may cost among many than among few. */
const targets = { milliseconds: 100, straightness: 1.25 };

const stepTitles: Record<ScaleStep, string> = {
  create: 'from nothing',
  again: 'nothing changed',
  label: 'one label on all',
};

export function scaleSection({ origin, sizes }: ScaleFigures): string[] {
  const head = [
    'nodes',
    ...Object.values(stepTitles).flatMap((title) => [`${title}: time`, 'CPU']),
    'provider, highest memory',
  ];
  const parts = (['program', 'provider', 'command'] as const).map((role) => {
    const last = sizes[sizes.length - 1];
    return `${role} ${last ? last.runs.create.used[role].cpuSeconds.toFixed(1) : '?'} s`;
  });
  return [
    '## Many nodes',
    'Simulated machines: one process plays all of them, with an SSH server and enough of the Engine API for each ' +
      '(`test/support/simulation`). `pulumi up --skip-preview`, as `make up` runs it, without a stack; one manager of ' +
      'three in the smallest, seven from 50 nodes on. Time is that of the whole command, Pulumi and the simulation ' +
      'included, which share the cores with it; CPU is the processor time, in seconds, of the program and of both ' +
      'provider processes (`swarm`, `command`).',
    originLine(origin),
    table(head, sizes.map(sizeRow)),
    `CPU of the largest, from nothing: ${parts.join(', ')}. Steps that could have cost quorum, made a second swarm or ` +
      `removed a node with tasks on it: ${sizes.reduce((sum, { violations }) => sum + violations, 0)}.`,
  ];
}

function sizeRow({ nodes, runs }: SizeFigures): string[] {
  const figures = Object.keys(stepTitles).flatMap((step) => {
    const run = runs[step as ScaleStep];
    return [run.seconds.toFixed(1), cpuSecondsOf(run).toFixed(1)];
  });
  const megabytes = Math.max(...Object.values(runs).map(({ used }) => used.provider.peakBytes)) / 1e6;
  return [String(nodes), ...figures, `${megabytes.toFixed(0)} MB`];
}

/** Time per node at the largest size, and how straight the curve is; as rows of the table of targets. */
export function scaleRows(scale: ScaleFigures | undefined): string[][] {
  const sizes = scale?.sizes ?? [];
  const [first, last] = [sizes[0], sizes[sizes.length - 1]];
  const middle = sizes[Math.floor(sizes.length / 2)];
  const count = last ? String(last.nodes) : 'many';
  return (Object.keys(stepTitles) as ScaleStep[]).flatMap((step) => {
    const whole = last && (cpuSecondsOf(last.runs[step]) / last.nodes) * 1000;
    const straightness =
      first && middle && last && first.nodes < middle.nodes && middle.nodes < last.nodes
        ? millisecondsPerNode(step, middle, last) / millisecondsPerNode(step, first, middle)
        : undefined;
    const title = `${count} nodes, ${stepTitles[step]}`;
    return [
      row(`${title}: program and provider, CPU per node`, whole, ' ms', targets.milliseconds, 0),
      row(`${title}: a further node among many, to one among few`, straightness, '', targets.straightness, 2),
    ];
  });
}
