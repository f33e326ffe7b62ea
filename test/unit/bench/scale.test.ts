import { cpuSecondsOf, type ScaleRun, type SizeFigures } from '../../../bench/figures';
import { report } from '../../../bench/report';
import { cpuSeconds, roleOf } from '../../../bench/usage';
import { origin } from './origin';

/** A run that takes so many seconds of processor time, half of it the provider's. */
const run = (cpu: number): ScaleRun => ({
  seconds: cpu * 2,
  used: {
    program: { cpuSeconds: cpu / 4, peakBytes: 200e6 },
    provider: { cpuSeconds: cpu / 2, peakBytes: 120.4e6 },
    command: { cpuSeconds: cpu / 4, peakBytes: 80e6 },
  },
});

/** A size with one second of its own and `milliseconds` for each node. */
const size = (nodes: number, milliseconds: number): SizeFigures => {
  const cpu = 1 + (nodes * milliseconds) / 1000;
  return { nodes, managers: 3, runs: { create: run(cpu), again: run(1), label: run(cpu) }, violations: 0 };
};

const rowOf = (text: string, beginning: string): string =>
  text.split('\n').find((line) => line.startsWith(`| ${beginning}`)) ?? '';

describe('the report about many nodes', () => {
  it('has time, processor time and memory for each size', () => {
    const text = report({ scale: { origin, sizes: [size(10, 100), size(20, 100)] } });
    expect(rowOf(text, '10 |')).toBe('| 10 | 4.0 | 2.0 | 2.0 | 1.0 | 4.0 | 2.0 | 120 MB |');
    expect(rowOf(text, '20 |')).toContain('| 6.0 | 3.0 |');
  });

  it('judges what a node costs, the costs of every run included', () => {
    const rows = (milliseconds: number) =>
      rowOf(
        report({ scale: { origin, sizes: [size(10, 1), size(200, milliseconds)] } }),
        '200 nodes, from nothing: pro',
      );
    expect(rows(90)).toMatch(/\| 95 ms \| ≤ 100 ms \| met \|$/);
    expect(rows(96)).toMatch(/\| 101 ms \| ≤ 100 ms \| \*\*missed\*\* \|$/);
  });

  it('tells a straight curve from a bent one', () => {
    const rows = (...sizes: SizeFigures[]) =>
      rowOf(report({ scale: { origin, sizes } }), '200 nodes, from nothing: a further');
    expect(rows(size(10, 50), size(100, 50), size(200, 50))).toMatch(/\| 1\.00 \| ≤ 1\.25 \| met \|$/);
    expect(rows(size(10, 50), size(100, 50), size(200, 75))).toMatch(/\| 2\.00 \| ≤ 1\.25 \| \*\*missed\*\* \|$/);
  });

  it('says so when nothing was measured', () => {
    expect(report({})).toContain('| many nodes, from nothing: program and provider, CPU per node | not measured |');
  });
});

describe('what processes use', () => {
  it('is added up over program and providers', () => {
    expect(cpuSecondsOf(run(8))).toBe(8);
  });

  it('is told apart by their command lines', () => {
    expect(roleOf('node\0/project/tools/bundle.js\0provider-swarm\x00127.0.0.1:1\0')).toBe('provider');
    expect(roleOf('node\0/project/tools/bundle.js\0provider-command\x00127.0.0.1:1\0')).toBe('command');
    expect(roleOf('/usr/bin/node\0/project/node_modules/@pulumi/pulumi/cmd/run\0--pwd\0/project\0')).toBe('program');
    expect(roleOf('/usr/bin/node\0/project/tools/run-program.js\0--pwd\0/project\0')).toBe('program');
    expect(roleOf('pulumi\0up\0')).toBeUndefined();
  });

  it('is read from the kernel in seconds, whatever the process is called', () => {
    expect(cpuSeconds(`12 (node (x) y) S ${Array.from({ length: 10 }, () => 0).join(' ')} 250 50 0 0`)).toBe(3);
  });
});
