import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { EventLog } from '../../../bench/event-log';

describe('the event log, followed while it is written', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'event-log-'));
  const file = path.join(folder, 'events.json');
  let sequences: number[];
  let log: EventLog;

  const line = (sequence: number, text = ''): string => `${JSON.stringify({ sequence, text })}\n`;

  beforeEach(() => {
    jest.useFakeTimers();
    sequences = [];
    log = new EventLog(file, ({ sequence }) => sequences.push(sequence));
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('hands over each event as soon as its line is whole', () => {
    const second = Buffer.from(line(2, 'größer'));
    const withinCharacter = second.indexOf(0xc3) + 1;
    appendFileSync(file, line(1));
    appendFileSync(file, second.subarray(0, withinCharacter));
    jest.advanceTimersByTime(100);
    expect(sequences).toEqual([1]);
    appendFileSync(file, second.subarray(withinCharacter));
    jest.advanceTimersByTime(100);
    expect(sequences).toEqual([1, 2]);
    log.close();
  });

  it('begins again when the file is emptied', () => {
    appendFileSync(file, line(1, 'of the preview, which is longer'));
    jest.advanceTimersByTime(100);
    writeFileSync(file, line(2));
    jest.advanceTimersByTime(100);
    log.close();
    expect(sequences).toEqual([1, 2]);
  });

  it('hands over what came last when it is closed', () => {
    appendFileSync(file, line(7));
    log.close();
    expect(sequences).toEqual([7]);
  });
});
