/**
 * `make bench`: measures and writes docs/benchmarks.md. Parts, as arguments: `service` (default; about ten minutes),
 * `setup` (a fresh clone, cold and warm; about as long), `scale` (simulated nodes; some three minutes). What an earlier
 * run on this computer measured of the other parts stays in the report. BENCH_ROUNDS: how often each way is taken
 * (default 2). BENCH_NODES: numbers of simulated nodes (default 5,25,50,100,200).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { measureChanges } from './changes';
import { orderOf, type Again, type ScaleFigures, type ServiceFigures, type SetupFigures } from './figures';
import { removeLab } from './lab';
import { originNow } from './origin';
import { report } from './report';
import { measureSize } from './scale';
import { measureSetup } from './set-up';
import { BenchEnvironment, byHand, type Context } from './ways';

const root = path.dirname(__dirname);
const figuresFolder = path.join(process.env.SWARM_CACHE ?? '', 'bench');
const REPETITIONS = 5;

const noOps: Record<Again, string[]> = {
  preview: ['preview'],
  up: ['up', '--yes'],
  upSkipPreview: ['up', '--yes', '--skip-preview'],
};

async function measureService(context: Context, rounds: number): Promise<ServiceFigures> {
  const figures: ServiceFigures = {
    ...{ origin: originNow(), order: orderOf(rounds), script: [], pulumi: [], providerBytes: [] },
    again: { preview: [], up: [], upSkipPreview: [] },
  };
  if (figures.origin.load > 0.5) context.say(`this computer is busy (load ${figures.origin.load.toFixed(1)})`);
  await removeLab(root);
  await withEnvironment(context, (environment) => environment.preview());
  for (const [index, way] of figures.order.entries()) {
    context.say(`run ${index + 1} of ${figures.order.length}: ${way}`);
    if (way === 'script') await measureScript(context, figures);
    else await measurePulumi(context, figures);
  }
  return figures;
}

async function measureScript(context: Context, figures: ServiceFigures): Promise<void> {
  try {
    figures.script.push(await byHand(context));
  } finally {
    await removeLab(root);
  }
}

async function measurePulumi(context: Context, figures: ServiceFigures): Promise<void> {
  await withEnvironment(context, async (environment) => {
    const { seconds, providerBytes } = await environment.up();
    figures.pulumi.push(seconds);
    figures.providerBytes.push(providerBytes);
    if (figures.changes) return;
    await measureAgain(context, environment, figures);
    figures.changes = await measureChanges(environment, context.say);
  });
}

async function measureAgain({ say }: Context, environment: BenchEnvironment, figures: ServiceFigures): Promise<void> {
  for (const [name, args] of Object.entries(noOps) as [Again, string[]][]) {
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      figures.again[name].push(await environment.again(args));
    }
    say(`nothing changed, pulumi ${args.join(' ')}: ${figures.again[name].map((s) => s.toFixed(1)).join(', ')} s`);
  }
}

/** Whatever happens in between, nothing of it stays. */
async function withEnvironment(context: Context, use: (environment: BenchEnvironment) => Promise<void>): Promise<void> {
  const environment = new BenchEnvironment(context);
  try {
    await environment.initialize();
    await use(environment);
  } finally {
    await removeLab(root);
    environment.forget();
  }
}

async function measureScale(context: Context, numbers: readonly number[]): Promise<ScaleFigures> {
  const figures: ScaleFigures = { origin: originNow(), sizes: [] };
  // The first run of all bundles the program and the providers, which no size is to be charged with.
  await measureSize(context, 1);
  for (const nodes of numbers) figures.sizes.push(await measureSize(context, nodes));
  return figures;
}

/** What was measured last of a part, on this computer. */
function stored(part: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(figuresFolder, `${part}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

function store(part: string, figures: object): void {
  mkdirSync(figuresFolder, { recursive: true });
  writeFileSync(path.join(figuresFolder, `${part}.json`), JSON.stringify(figures, undefined, 2));
}

async function writeReport(): Promise<void> {
  const file = path.join(root, 'docs', 'benchmarks.md');
  const service = stored('service') as ServiceFigures | undefined;
  const setup = stored('setup') as SetupFigures | undefined;
  const scale = stored('scale') as ScaleFigures | undefined;
  const text = report({ service, setup, scale });
  const style = { ...(await resolveConfig(file)), parser: 'markdown' };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, await format(text, style));
  process.stdout.write(`${text}\nwritten to ${path.relative(root, file)}\n`);
}

const PARTS = ['service', 'setup', 'scale'];

async function main(parts: string[], rounds: number, nodes: number[]): Promise<void> {
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`there is no part '${unknown}'; there are ${PARTS.join(', ')}`);
  if (!nodes.every((number) => Number.isInteger(number) && number > 0)) {
    throw new Error('BENCH_NODES has to be whole numbers above 0, parted by commas');
  }
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('BENCH_ROUNDS has to be a whole number above 0');
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!interrupt.signal.aborted) say('interrupted; removing what was made');
      interrupt.abort(new Interruption('interrupted; what was made has been removed'));
    });
  }
  // Thrown where nobody waits, such as in a timer; what was made has to be removed all the same.
  process.on('uncaughtException', (error) => {
    say(error.stack ?? error.message);
    interrupt.abort(error);
  });
  const context: Context = { root, signal: interrupt.signal, say };
  if (parts.includes('service')) store('service', await measureService(context, rounds));
  if (parts.includes('setup')) store('setup', { origin: originNow(), ...(await measureSetup(context)) });
  if (parts.includes('scale')) store('scale', await measureScale(context, nodes));
  await writeReport();
}

class Interruption extends Error {}

const begin = performance.now();
function say(message: string): void {
  const elapsed = ((performance.now() - begin) / 1000).toFixed(0);
  process.stderr.write(`[${elapsed.padStart(4)} s] ${message}\n`);
}

const parts = process.argv.slice(2);
const { BENCH_ROUNDS = '2', BENCH_NODES = '5,25,50,100,200' } = process.env;
const nodes = BENCH_NODES.split(',').map(Number);
main(parts.length > 0 ? parts : ['service'], Number(BENCH_ROUNDS), nodes).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Interruption ? 130 : 1;
});
