/** docs/benchmarks.md, from figures alone. */
import { scaleRows, scaleSection } from './report-scale';
import { originLine, row, table } from './report-parts';
import {
  median,
  medianPhases,
  type Phase,
  type PhaseSeconds,
  type ScaleFigures,
  type ServiceFigures,
  type SetupFigures,
  phases,
} from './figures';

/** What the project sets out to reach, in the units of the figures. */
const targets = {
  ratio: 1.15,
  preview: 2.5,
  up: 3.5,
  label: 1.5,
  worker: 10,
  providerMegabytes: 150,
  coldMinutes: 8,
  warmMinutes: 2.5,
};

const phaseTitles: Record<Phase, string> = {
  machines: 'all machines answer SSH',
  docker: 'Docker runs on all machines',
  swarm: 'all five nodes are in the swarm, with their labels',
  service: '**the services answer at every node**',
  returned: 'the command has returned',
};

export interface Figures {
  service?: ServiceFigures;
  setup?: SetupFigures;
  scale?: ScaleFigures;
}

/** @returns Markdown; parts without figures say that they were not measured */
export function report({ service, setup, scale }: Figures): string {
  const paragraphs = [
    '# Benchmarks',
    'Written by `make bench`; a change by hand is lost. Times are in seconds.',
    ...(service ? serviceSection(service) : []),
    ...(scale ? scaleSection(scale) : []),
    '## Targets',
    table(['figure', 'measured', 'target', ''], [...targetRows(service, setup), ...scaleRows(scale)]),
    ...(setup ? [setupNote(setup)] : []),
    '## What is left out',
    LEFT_OUT,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function serviceSection({ origin, order, script, pulumi }: ServiceFigures): string[] {
  const [hand, up] = [medianPhases(script), medianPhases(pulumi)];
  const rows = phases.map((phase) => [
    phaseTitles[phase],
    seconds(hand[phase]),
    seconds(up[phase]),
    ratioOf(up, hand, phase),
  ]);
  const names = { script: 'script', pulumi: 'pulumi' };
  const total = (runs: PhaseSeconds[]): string => runs.map((run) => seconds(run.service)).join(' and ');
  return [
    '## From nothing to a working service',
    'The environment `dev` (three managers, two workers, the stack `home`) on five machines of the lab, made in two ' +
      'ways: by `bench/by-hand.sh`, a plain parallel shell script over SSH, and by `pulumi up`, its own preview ' +
      'included. Both make the machines, install Docker from the same packages, form the swarm, label the nodes, deploy ' +
      'the same compose file, and end with the same wait: three replicas of httpd and the visualizer at every node.',
    originLine(origin),
    table(['seconds from the start until', 'shell script', '`pulumi up`', 'ratio'], rows),
    `Medians of ${String(script.length)}, in the order ${order.map((way) => names[way]).join(', ')}. Service of each ` +
      `run: script ${total(script)}, pulumi ${total(pulumi)}.`,
  ];
}

function targetRows(service: ServiceFigures | undefined, setup: SetupFigures | undefined): string[][] {
  const ratio = service && medianPhases(service.pulumi).service / medianPhases(service.script).service;
  const again = service && mapValues(service.again, median);
  const megabytes = service && Math.max(...service.providerBytes) / 1e6;
  const { changes } = service ?? {};
  const label = again && changes && median(changes.label) - again.upSkipPreview;
  const worker = changes && changes.worker.seconds - changes.worker.installedSeconds;
  const cold = setup && setup.coldSeconds / 60;
  const warm = setup && setup.warmSeconds / 60;
  return [
    row('machines to working service, `pulumi up` to shell script', ratio, '', targets.ratio, 2),
    row('`pulumi preview`, nothing changed', again?.preview, ' s', targets.preview),
    row('`pulumi up`, nothing changed', again?.up, ' s', targets.up),
    row('`pulumi up --skip-preview`, nothing changed', again?.upSkipPreview, ' s'),
    row('one label changed, beyond a run with nothing changed', label, ' s', targets.label),
    row('a worker added to five nodes, beyond its boot and the installation of Docker', worker, ' s', targets.worker),
    row('resident memory of the provider, highest', megabytes, ' MB', targets.providerMegabytes, 0),
    row('fresh clone to working service, empty cache', cold, ' min', targets.coldMinutes),
    row('fresh clone to working service, filled cache', warm, ' min', targets.warmMinutes),
  ];
}

function setupNote({ origin }: SetupFigures): string {
  return `Fresh clone: \`make up\` in a copy of the sources. ${originLine(origin)}`;
}

const LEFT_OUT = [
  'The lab’s machine image, Pulumi and the npm packages are there before the first two kinds of figures begin, and one ' +
    'preview is run first, which bundles the program; the fresh clone has all of it in its time.',
  'Preview and `pulumi up` with nothing changed: median of 5, the whole command from start to exit.',
  'The provider’s memory is the peak that the kernel keeps (VmHWM), highest of all runs of `pulumi up` from nothing.',
  'The script checks nothing beforehand, sets no kernel parameters and can’t be run twice; `pulumi up` does and can.',
  'The fresh clone’s cold run begins with an empty cache of the project and of npm, but with the Debian packages that ' +
    'are installed on the computer.',
]
  .map((line) => `- ${line}`)
  .join('\n');

function ratioOf(up: PhaseSeconds, hand: PhaseSeconds, phase: Phase): string {
  return (up[phase] / hand[phase]).toFixed(2);
}

function seconds(value: number): string {
  return value.toFixed(1);
}

function mapValues<Key extends string, Value, Result>(
  record: Record<Key, Value>,
  change: (value: Value) => Result,
): Record<Key, Result> {
  const entries = Object.entries(record) as [Key, Value][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)])) as Record<Key, Result>;
}
