import { type EngineEvent } from '@pulumi/pulumi/automation';
import { median, orderOf } from '../../../bench/figures';
import { peakBytes } from '../../../bench/usage';
import { isStackDone, stepOfEvent, stepOfLine, Stopwatch } from '../../../bench/progress';

const machines = new Set(['node1', 'node2']);

function made(type: string, name: string, more: { op?: string; planning?: boolean } = {}): EngineEvent {
  const urn = `urn:pulumi:e2e-bench::swarm::swarm:hosts:Host$${type}::${name}`;
  const { op = 'create', planning } = more;
  const metadata = { op, type, urn };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata, planning } } as unknown as EngineEvent;
}

describe('what the shell script reports', () => {
  it('is a phase and a machine', () => {
    expect(stepOfLine('done docker node3')).toEqual({ phase: 'docker', what: 'node3' });
  });

  it.each(['lab bench, machine node1: booting', 'done something node1', 'done docker', ''])(
    'is not every line: %p',
    (line) => {
      expect(stepOfLine(line)).toBeUndefined();
    },
  );
});

describe('what the engine reports', () => {
  it.each([
    ['command:local:Command', 'machines'],
    ['swarm:index:Engine', 'docker'],
    ['swarm:index:Node', 'swarm'],
  ])('a created %s is a step of the phase %s', (type, phase) => {
    expect(stepOfEvent(made(type, 'node2'), machines)).toEqual({ phase, what: 'node2' });
  });

  it('is not counted while it is only planned, or when nothing was created', () => {
    expect(stepOfEvent(made('swarm:index:Node', 'node1', { planning: true }), machines)).toBeUndefined();
    expect(stepOfEvent(made('swarm:index:Node', 'node1', { op: 'same' }), machines)).toBeUndefined();
    expect(isStackDone(made('swarm:index:Stack', 'home', { planning: true }))).toBe(false);
  });

  it('is not counted for commands that make no machine', () => {
    expect(stepOfEvent(made('command:local:Command', 'lab-bench'), machines)).toBeUndefined();
    expect(stepOfEvent(made('command:local:Command', 'node1-ports'), machines)).toBeUndefined();
  });

  it('tells when the compose stack runs', () => {
    expect(isStackDone(made('swarm:index:Stack', 'home'))).toBe(true);
  });
});

describe('the stopwatch', () => {
  it('ends a phase with its last step', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const stopwatch = new Stopwatch();
    for (const phase of ['machines', 'docker', 'swarm', 'service', 'returned'] as const) stopwatch.took(phase);
    now.mockReturnValue(3500);
    stopwatch.took('machines');
    expect(stopwatch.result()).toMatchObject({ machines: 2.5, docker: 0 });
  });

  it('has no result while a phase is missing', () => {
    const stopwatch = new Stopwatch();
    stopwatch.took('machines');
    expect(() => stopwatch.result()).toThrow('nothing was reported of: docker, swarm, service, returned');
  });
});

describe('the figures', () => {
  it('take the middle value, or the mean of the two in the middle', () => {
    expect(median([5, 1, 100])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  it('let each way be the first equally often', () => {
    expect(orderOf(1)).toEqual(['script', 'pulumi']);
    expect(orderOf(2)).toEqual(['script', 'pulumi', 'pulumi', 'script']);
  });

  it('read the highest resident memory of a process in bytes', () => {
    expect(peakBytes('VmPeak:\t  900 kB\nVmHWM:\t  512 kB\nVmRSS:\t  400 kB\n')).toBe(524288);
    expect(peakBytes('Name:\tkthreadd\n')).toBeUndefined();
  });
});
