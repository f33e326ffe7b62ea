/**
 * Sums up a test run: reads what tools/test recorded, prints one line for each part, the failed tests by name, and
 * as the last line `N passed, N failed`. Exits with 1 when anything failed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What produced a part's results: a tool with one verdict, Jest, `go test -json`, or nothing because it can't run. */
type Kind = 'check' | 'jest' | 'go' | 'skipped';

/** One part of a test run. */
export interface Part {
  name: string;
  kind: Kind;
  /** Exit status of the part's command. */
  status: number;
  seconds: number;
  /** What Jest or Go wrote about its tests; undefined when it died before. */
  results?: string;
}

/** Tests of one part, or of all. */
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of the failed tests. */
  failures: string[];
}

/** What is read of Jest's JSON report (https://jestjs.io/docs/cli#--json). */
interface JestReport {
  testResults: {
    name: string;
    status: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/** One line of `go test -json` (`go doc test2json`). */
interface GoEvent {
  Action: string;
  Package?: string;
  Test?: string;
  Output?: string;
}

/** Counts a part's tests. A part that fails without naming a failed test counts as one failure. */
export function countPart(part: Part): Count {
  const count = countTests(part);
  const unexplained = part.status !== 0 && count.failed === 0;
  return unexplained ? { ...count, failed: 1, failures: [`ended with status ${part.status}`] } : count;
}

function countTests({ kind, status, results }: Part): Count {
  const none: Count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (kind === 'skipped') return { ...none, skipped: 1 };
  if (kind === 'check') return status === 0 ? { ...none, passed: 1 } : { ...none, failed: 1, failures: ['see above'] };
  try {
    const count = kind === 'jest' ? countJest(results ?? '') : countGo(results ?? '');
    if (count.passed + count.failed + count.skipped > 0) return count;
    return { ...none, failed: 1, failures: ['ran no test'] };
  } catch {
    return { ...none, failed: 1, failures: ['left no readable results'] };
  }
}

function countJest(results: string): Count {
  const suites = (JSON.parse(results) as JestReport).testResults;
  const tests = suites.flatMap((suite) => suite.assertionResults);
  const failures = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  for (const { name, status, assertionResults } of suites) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      failures.push(`${name} could not run`);
    }
  }
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status)).length;
  return { passed, failed: failures.length, skipped, failures };
}

function countGo(results: string): Count {
  const events = goEvents(results);
  // A test with subtests is reported as well as they are: the leaves are counted.
  const names = new Set(events.map(({ Package, Test }) => `${Package ?? ''} ${Test ?? ''}`));
  const isLeaf = ({ Package, Test }: GoEvent) =>
    ![...names].some((name) => name.startsWith(`${Package ?? ''} ${Test ?? ''}/`));
  const ended = (action: string) => events.filter((event) => event.Action === action && event.Test && isLeaf(event));
  const failures = ended('fail').map(({ Test }) => Test ?? '');
  for (const { Action, Package, Test } of events) {
    const named = events.some((event) => event.Action === 'fail' && event.Package === Package && event.Test);
    if (Action === 'fail' && Test === undefined && !named) failures.push(`${Package ?? 'package'} could not run`);
  }
  return { passed: ended('pass').length, failed: failures.length, skipped: ended('skip').length, failures };
}

function goEvents(results: string): GoEvent[] {
  return results.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as GoEvent];
    } catch {
      // Lines of a compiler, or one cut off when the run was ended.
      return [];
    }
  });
}

/** What Go's failed tests printed; Jest has printed its own. */
export function goOutput({ kind, status, results }: Part): string {
  if (kind !== 'go' || status === 0) return '';
  return goEvents(results ?? '')
    .map(({ Output }) => Output ?? '')
    .join('');
}

/** The report: one line for each part, the failed tests, the sum as the last line. */
export function renderReport(parts: Part[]): { text: string; failed: number } {
  const counts = parts.map((part) => ({ part, count: countPart(part) }));
  const width = Math.max(...parts.map(({ name }) => name.length), 0);
  const lines = counts.map(({ part, count }) => `${part.name.padEnd(width)}  ${sum(count)}  (${part.seconds} s)`);
  const failures = counts.flatMap(({ part, count }) => count.failures.map((name) => `FAILED ${part.name}: ${name}`));
  const total = counts.map(({ count }) => count).reduce(add, { passed: 0, failed: 0, skipped: 0, failures: [] });
  return { text: [...lines, ...failures, sum(total)].join('\n'), failed: total.failed };
}

function add(a: Count, b: Count): Count {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

function sum({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Reads the parts that tools/test recorded in a folder: name, kind, status, seconds and file of results, by tabs. */
export function readParts(folder: string): Part[] {
  const rows = readFileSync(join(folder, 'parts.tsv'), 'utf8').split('\n').filter(Boolean);
  return rows.map((row) => {
    const [name = '', kind = '', status = '', seconds = '', file = ''] = row.split('\t');
    return { name, kind: kind as Kind, status: Number(status), seconds: Number(seconds), results: read(folder, file) };
  });
}

function read(folder: string, file: string): string | undefined {
  if (file === '') return undefined;
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  const parts = readParts(process.argv[2] ?? '.');
  const { text, failed } = renderReport(parts);
  console.log(`${parts.map(goOutput).join('')}\n${text}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
