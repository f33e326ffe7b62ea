/** What became of the faults that were put in, as the table of docs/reliability.md. */
import { writeFileSync } from 'node:fs';

export interface FaultReport {
  /** What was done to it. */
  fault: string;
  /** What the run in which it happened came to, and what the next one did. */
  happened: string;
  /** From the fault until everything was as wanted, both runs included. */
  secondsToRecover: number;
  /** Of the load that was on all the time. */
  requests: number;
  failed: number;
  /** Nodes, labels, tasks or state that were not as before in the end. */
  lost: string[];
}

/** The lines of the table, in the order of the reports. */
export function renderReliability(reports: readonly FaultReport[], measured: string): string {
  const rows = reports.map(({ fault, happened, secondsToRecover, requests, failed, lost }) =>
    [fault, happened, `${Math.round(secondsToRecover)} s`, `${failed} of ${requests}`, lost.join('; ') || 'nothing']
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return [
    '# Reliability',
    '',
    'Written by `make reliability`; a change by hand is lost. Each fault is put into a running swarm on machines of the lab',
    '(three managers, one or two workers, a web service with three replicas) in the middle of a `pulumi up`; then',
    '`pulumi up` is run again, with nothing done by hand but what the table says. A client asks the service throughout',
    'and goes to the next node when one is silent.',
    '',
    measured,
    '',
    '| fault | what happened | time to recover | failed requests | lost |',
    '| ----- | ------------- | --------------: | --------------: | ---- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

/** Writes the table where `make reliability` wants it; nothing in an ordinary test run. */
export function writeReliability(reports: readonly FaultReport[], file = process.env.RELIABILITY_FILE): void {
  if (file === undefined) return;
  const measured = `Measured ${new Date().toISOString().slice(0, 16)}Z.`;
  writeFileSync(file, renderReliability(reports, measured));
}
