import { renderReliability, type FaultReport } from '../support/reliability';

const report = (more: Partial<FaultReport> = {}): FaultReport => ({
  ...{ fault: 'a cable is pulled', happened: 'it went on', secondsToRecover: 12.4, requests: 60, failed: 0, lost: [] },
  ...more,
});

describe('the table of faults', () => {
  it('has a row for each, in their order', () => {
    const text = renderReliability([report(), report({ fault: 'a disk is full' })], 'Measured now.');
    expect(text.split('\n').filter((line) => line.startsWith('| a '))).toEqual([
      '| a cable is pulled | it went on | 12 s | 0 of 60 | nothing |',
      '| a disk is full | it went on | 12 s | 0 of 60 | nothing |',
    ]);
    expect(text).toContain('Measured now.');
  });

  it('says what was lost, and lets no text break the table', () => {
    const text = renderReliability([report({ failed: 2, lost: ['node5', 'a | b'] })], '');
    expect(text).toContain('| 2 of 60 | node5; a \\| b |');
  });
});
