/** One line of the table at the end. */
export interface ReportLine {
  what: string;
  arrived: string;
  crossingsMs: readonly number[];
  /** Writes that the app made in both systems together. */
  writes: number;
  resolved: string;
}

/** The value below which 95 of 100 lie (nearest rank); 0 for none. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

/** The table, with its head. The time is that of the slowest crossing of a line. */
export function tableOf(lines: readonly ReportLine[]): string {
  const cells = [
    ['what was done', 'where it arrived', 'ms', 'writes', 'what was resolved'],
    ...lines.map(({ what, arrived, crossingsMs, writes, resolved }) => [
      what,
      arrived,
      Math.max(...crossingsMs).toFixed(0),
      String(writes),
      resolved,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const [head = '', ...rows] = cells.map((row) => lineOf(row, widths));
  return [head, rule, ...rows].join('\n');
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const isNumber = (column: number): boolean => column === 2 || column === 3;
  return row
    .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
    .join('  ')
    .trimEnd();
}
