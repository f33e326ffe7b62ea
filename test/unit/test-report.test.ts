import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countPart, goOutput, readParts, renderReport, type Part } from '../../tools/test-report';

const part = (more: Partial<Part>): Part => ({ name: 'unit', kind: 'jest', status: 0, seconds: 1, ...more });

const jestReport = (...suites: { status: string; tests: Record<string, string> }[]): string =>
  JSON.stringify({
    testResults: suites.map(({ status, tests }, index) => ({
      name: `/clone/test/unit/${index}.test.ts`,
      status,
      assertionResults: Object.entries(tests).map(([fullName, state]) => ({ fullName, status: state })),
    })),
  });

const goReport = (...events: object[]): string => events.map((event) => JSON.stringify(event)).join('\n');

describe('a tool with one verdict', () => {
  test('counts as one test', () => {
    expect(countPart(part({ kind: 'check' }))).toMatchObject({ passed: 1, failed: 0 });
    expect(countPart(part({ kind: 'check', status: 2 }))).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('Jest', () => {
  test('tests are counted by state, pending and todo as skipped', () => {
    const results = jestReport({ status: 'failed', tests: { a: 'passed', b: 'failed', c: 'pending', d: 'todo' } });
    expect(countPart(part({ status: 1, results }))).toEqual({ passed: 1, failed: 1, skipped: 2, failures: ['b'] });
  });

  test('a file that could not run is a failure of its own', () => {
    const results = jestReport({ status: 'passed', tests: { a: 'passed' } }, { status: 'failed', tests: {} });
    expect(countPart(part({ status: 1, results }))).toMatchObject({
      passed: 1,
      failures: ['/clone/test/unit/1.test.ts could not run'],
    });
  });

  test('a run that died without results is a failure', () => {
    expect(countPart(part({ status: 137 }))).toMatchObject({ passed: 0, failed: 1 });
    expect(countPart(part({ status: 137, results: '{"testResults": [' }))).toMatchObject({ passed: 0, failed: 1 });
  });

  test('a run that ends badly after passing all its tests is a failure', () => {
    const results = jestReport({ status: 'passed', tests: { a: 'passed' } });
    expect(countPart(part({ status: 1, results }))).toMatchObject({ passed: 1, failed: 1 });
  });

  test('a run without a single test is a failure', () => {
    expect(countPart(part({ results: jestReport() }))).toMatchObject({
      passed: 0,
      failed: 1,
      failures: ['ran no test'],
    });
  });
});

describe('Go', () => {
  test('the leaves are counted, not the tests that hold subtests', () => {
    const results = goReport(
      { Action: 'run', Package: 'p', Test: 'TestPage' },
      { Action: 'pass', Package: 'p', Test: 'TestPage/phone' },
      { Action: 'skip', Package: 'p', Test: 'TestPage/desk' },
      { Action: 'pass', Package: 'p', Test: 'TestPage' },
      { Action: 'pass', Package: 'p', Test: 'TestPages' },
      { Action: 'pass', Package: 'p' },
    );
    expect(countPart(part({ kind: 'go', results }))).toMatchObject({ passed: 2, failed: 0, skipped: 1 });
  });

  test('a failed test is counted once, and what it printed is shown', () => {
    const failed = part({
      kind: 'go',
      status: 1,
      results: goReport(
        { Action: 'output', Package: 'p', Test: 'TestPage', Output: 'page_test.go:3: no title\n' },
        { Action: 'fail', Package: 'p', Test: 'TestPage' },
        { Action: 'fail', Package: 'p' },
      ),
    });
    expect(countPart(failed)).toMatchObject({ passed: 0, failed: 1, failures: ['TestPage'] });
    expect(goOutput(failed)).toContain('no title');
  });

  test('a package that does not compile is a failure', () => {
    const results = `page.go:1: syntax error\n${goReport({ Action: 'fail', Package: 'p' })}`;
    expect(countPart(part({ kind: 'go', status: 1, results }))).toMatchObject({ failures: ['p could not run'] });
  });
});

describe('the report', () => {
  const passing = part({ results: jestReport({ status: 'passed', tests: { a: 'passed', b: 'passed' } }) });

  test('ends with the sum over all parts', () => {
    const { text, failed } = renderReport([part({ name: 'tsc', kind: 'check' }), passing]);
    expect(text.split('\n').at(-1)).toBe('3 passed, 0 failed');
    expect(failed).toBe(0);
  });

  test('adds skipped tests only when there are some', () => {
    const { text } = renderReport([passing, part({ name: 'e2e', kind: 'skipped' })]);
    expect(text.split('\n').at(-1)).toBe('2 passed, 0 failed, 1 skipped');
  });

  test('names each failed test with its part', () => {
    const { text, failed } = renderReport([part({ name: 'eslint', kind: 'check', status: 1 }), passing]);
    expect(text).toContain('FAILED eslint: see above');
    expect(text.split('\n').at(-1)).toBe('2 passed, 1 failed');
    expect(failed).toBe(1);
  });
});

describe('what the runner recorded', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'report-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('is read with its results, and without when the file is missing', () => {
    writeFileSync(
      join(folder, 'parts.tsv'),
      'go vet\tcheck\t1\t3\t\nunit\tjest\t0\t9\tunit.json\ne2e\tjest\t1\t2\te2e.json\n',
    );
    writeFileSync(join(folder, 'unit.json'), jestReport());
    expect(readParts(folder)).toEqual([
      { name: 'go vet', kind: 'check', status: 1, seconds: 3, results: undefined },
      { name: 'unit', kind: 'jest', status: 0, seconds: 9, results: jestReport() },
      { name: 'e2e', kind: 'jest', status: 1, seconds: 2, results: undefined },
    ]);
  });
});
