import { type ServiceFigures } from '../../../bench/figures';
import { report } from '../../../bench/report';
import { origin } from './origin';

/** Phases a tenth apart from each other, the service at the given time. */
const run = (service: number) => ({
  machines: service - 80,
  docker: service - 30,
  swarm: service - 10,
  service,
  returned: service + 1,
});

const service = (more: Partial<ServiceFigures> = {}): ServiceFigures => ({
  origin,
  order: ['script', 'pulumi', 'pulumi', 'script'],
  script: [run(100), run(120)],
  pulumi: [run(118), run(124)],
  again: { preview: [1.9, 2.1, 9, 2, 1.8], up: [3, 4, 5, 3.9, 4.1], upSkipPreview: [1, 1, 1, 1, 1] },
  providerBytes: [101e6, 128.4e6],
  ...more,
});

const lineOf = (text: string, beginning: string): string =>
  text.split('\n').find((line) => line.startsWith(`| ${beginning}`)) ?? '';

describe('the report of the benchmark', () => {
  it('compares both ways phase by phase, with medians and their ratio', () => {
    const text = report({ service: service() });
    expect(lineOf(text, 'all machines')).toBe('| all machines answer SSH | 30.0 | 41.0 | 1.37 |');
    expect(lineOf(text, '**the services')).toBe('| **the services answer at every node** | 110.0 | 121.0 | 1.10 |');
  });

  it('takes off what every run costs, and what a new machine costs by itself', () => {
    const changes = { label: [2.1, 2.4, 9], worker: { seconds: 60, installedSeconds: 48.5 } };
    const text = report({ service: service({ changes }) });
    expect(lineOf(text, 'one label')).toContain('| 1.4 s | ≤ 1.5 s | met |');
    expect(lineOf(text, 'a worker added')).toContain('| 11.5 s | ≤ 10 s | **missed** |');
    expect(lineOf(report({ service: service() }), 'one label')).toContain('not measured');
  });

  it('says on what, when and in which order it was measured', () => {
    const text = report({ service: service() });
    expect(text).toContain('2026-01-02T03:04Z on 2 cores of Some Processor 9, 16 GB of memory, Linux 6.1.0');
    expect(text).toContain('Medians of 2, in the order script, pulumi, pulumi, script.');
    expect(text).toContain('script 100.0 and 120.0, pulumi 118.0 and 124.0');
  });

  it('sets each figure beside its target and says whether it was met', () => {
    const text = report({ service: service(), setup: { origin, coldSeconds: 468, warmSeconds: 153 } });
    expect(lineOf(text, 'machines to')).toMatch(/\| 1\.10 \| ≤ 1\.15 \| met \|$/);
    expect(lineOf(text, '`pulumi preview`')).toMatch(/\| 2\.0 s \| ≤ 2\.5 s \| met \|$/);
    expect(lineOf(text, '`pulumi up`,')).toMatch(/\| 4\.0 s \| ≤ 3\.5 s \| \*\*missed\*\* \|$/);
    expect(lineOf(text, 'resident memory')).toMatch(/\| 128 MB \| ≤ 150 MB \| met \|$/);
    expect(lineOf(text, 'fresh clone to working service, empty')).toMatch(/\| 7\.8 min \| ≤ 8 min \| met \|$/);
    expect(lineOf(text, 'fresh clone to working service, filled')).toMatch(/\| 2\.5\d? min .*\*\*missed\*\* \|$/);
  });

  it('judges a figure as it was measured, not as it is rounded', () => {
    const text = report({ service: service({ providerBytes: [150.4e6] }) });
    expect(lineOf(text, 'resident memory')).toMatch(/\*\*missed\*\*/);
  });

  it('says what was not measured', () => {
    const text = report({ setup: { origin, coldSeconds: 60, warmSeconds: 60 } });
    expect(lineOf(text, '`pulumi preview`')).toBe('| `pulumi preview`, nothing changed | not measured | ≤ 2.5 s |  |');
    expect(text).not.toContain('From nothing to a working service');
  });
});
