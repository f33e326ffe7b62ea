import { type Origin } from '../../../bench/figures';

/** Where figures of tests come from. */
export const origin: Origin = {
  date: '2026-01-02T03:04Z',
  processor: 'Some Processor 9',
  cores: 2,
  memoryGigabytes: 16.4,
  kernel: '6.1.0',
  pulumi: 'v3.259.0',
  node: 'v20.20.0',
  load: 0.1,
};
