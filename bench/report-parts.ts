/** Pieces of the report that every part of it uses. */
import { type Origin } from './figures';

/** Where and when figures come from, as a sentence. */
export function originLine({ date, processor, cores, memoryGigabytes, kernel, pulumi, node, load }: Origin): string {
  return (
    `Measured ${date} on ${String(cores)} cores of ${processor}, ${memoryGigabytes.toFixed(0)} GB of memory, Linux ` +
    `${kernel}, Pulumi ${pulumi}, Node.js ${node}; load average when it began: ${load.toFixed(1)}.`
  );
}

/** A figure in the table of targets: measured, target, verdict. */
export function row(title: string, value: number | undefined, unit: string, target?: number, digits = 1): string[] {
  const limit = target === undefined ? '' : `≤ ${String(target)}${unit}`;
  if (value === undefined) return [title, 'not measured', limit, ''];
  const verdict = target === undefined ? '' : value <= target ? 'met' : '**missed**';
  return [title, `${value.toFixed(digits)}${unit}`, limit, verdict];
}

/** A Markdown table; all columns but the first are right-aligned. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
