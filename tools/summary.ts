/**
 * What `make up` ends with: reads an environment's outputs, asks each endpoint on this computer whether it answers,
 * and prints nodes, services and the addresses to open in a browser.
 */
import { execFileSync } from 'node:child_process';

/** The outputs of an environment that are printed, as index.ts exports them. */
export interface Outputs {
  nodes: { name: string; role: string; address: string; nodeId: string; labels?: Record<string, string> }[];
  /** URLs by stack and service. */
  endpoints: Record<string, Record<string, string[]>>;
  /** Address of a manager's engine, as DOCKER_HOST wants it. */
  dockerHost?: string;
}

/** What an endpoint said: `ok`, or in a few words why not. */
export type Answers = ReadonlyMap<string, string>;

/** Milliseconds an endpoint has to answer in. A manager that has just got its first task takes up to a second. */
const ANSWER_TIMEOUT = 5000;

const NOT_ASKED = 'not asked';

/** The summary of an environment as text, one table for nodes and one for services. */
export function renderSummary(environment: string, outputs: Outputs, answers: Answers): string {
  const services = listServices(outputs);
  const sections = [
    `Environment ${environment}: ${counted(outputs.nodes.length, 'node')}, ${counted(services.length, 'service')}`,
  ];
  if (outputs.nodes.length > 0) sections.push(table(['NODE', 'ROLE', 'ADDRESS', 'LABELS'], outputs.nodes.map(nodeRow)));
  if (services.length > 0) sections.push(table(['SERVICE', 'URL', 'ANSWER'], services.flatMap(serviceRows(answers))));
  if (outputs.dockerHost) sections.push(`Docker of a manager:  DOCKER_HOST=${outputs.dockerHost}`);
  if (services.length > 0) {
    const rows = services.map(({ name, urls }) => [name, addressToOpen(urls, answers)]);
    sections.push(`Open in a browser:\n${indent(align(rows))}`);
  }
  return `${sections.join('\n\n')}\n`;
}

interface Service {
  name: string;
  urls: string[];
}

/** Services with at least one URL; the others publish no port. */
function listServices({ endpoints }: Outputs): Service[] {
  return Object.entries(endpoints)
    .flatMap(([stack, services]) =>
      Object.entries(services).map(([name, urls]) => ({ name: `${stack} ${name}`, urls })),
    )
    .filter(({ urls }) => urls.length > 0);
}

function nodeRow({ name, role, address, labels = {} }: Outputs['nodes'][number]): string[] {
  const pairs = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  return [name, role, address, pairs.join(' ')];
}

function serviceRows(answers: Answers) {
  return ({ name, urls }: Service): string[][] =>
    urls.map((url, index) => [index === 0 ? name : '', url, answers.get(url) ?? NOT_ASKED]);
}

/** The first URL that answers, else the first. */
function addressToOpen(urls: string[], answers: Answers): string {
  return urls.find((url) => answers.get(url) === 'ok') ?? urls[0] ?? '';
}

function table(heading: string[], rows: string[][]): string {
  return align([heading, ...rows]);
}

function align(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Asks all endpoints on this computer's loopback addresses at once; others are not this computer's to ask. */
export async function askEndpoints(outputs: Outputs, timeout = ANSWER_TIMEOUT): Promise<Answers> {
  const urls = listServices(outputs).flatMap((service) => service.urls);
  const local = urls.filter((url) => /^https?:\/\/(127\.[\d.]+|localhost|\[::1\])([:/]|$)/.test(url));
  return new Map(
    await Promise.all(local.map(async (url): Promise<[string, string]> => [url, await ask(url, timeout)])),
  );
}

async function ask(url: string, timeout: number): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
    await response.body?.cancel();
    return response.status < 400 ? 'ok' : `answers with HTTP ${response.status}`;
  } catch (error) {
    return `no answer: ${reasonOf(error, timeout)}`;
  }
}

/** fetch says only that it failed; the reason is in the error's cause. */
function reasonOf(error: unknown, timeout: number): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `nothing within ${timeout / 1000} s`;
  return cause === undefined ? message : (cause as Error).message;
}

function readOutputs(environment: string): Outputs {
  const text = execFileSync('pulumi', ['stack', 'output', '--json', '--stack', environment], { encoding: 'utf8' });
  return { nodes: [], endpoints: {}, ...(JSON.parse(text) as Partial<Outputs>) };
}

async function main(environment: string): Promise<void> {
  const outputs = readOutputs(environment);
  console.log(`\n${renderSummary(environment, outputs, await askEndpoints(outputs))}`);
}

if (require.main === module) {
  main(process.argv[2] ?? 'dev').catch((error: unknown) => {
    console.error(`error: the outputs can't be shown: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
