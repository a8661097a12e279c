/** One measured number; less is better. */
export interface Measure {
  /** R4, R5 or R9, or `mixed`. */
  group: string;
  what: string;
  value: number;
  unit: string;
  /** More than this fails the run. */
  floor?: number;
  /** What is aimed at. */
  good?: number;
  /** What the number is made of. */
  detail?: string;
}

/** How a measure stands to its floor and its aim; empty where it has none. */
export function verdictOf({ value, floor, good }: Measure): 'good' | 'ok' | 'MISSED' | '' {
  if (floor === undefined) return '';
  if (value > floor) return 'MISSED';
  return good === undefined || value <= good ? 'good' : 'ok';
}

/** The value below which that share of all values lies (nearest rank); 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The measures as a table, with its head. */
export function tableOf(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => [
    measure.group,
    measure.what,
    shown(measure.value),
    measure.unit,
    limitText(measure.floor),
    limitText(measure.good),
    verdictOf(measure),
    measure.detail ?? '',
  ]);
  const cells = [['', 'what', 'measured', '', 'floor', 'good', '', 'made of'], ...rows];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const isNumber = (column: number): boolean => column === 2 || column === 4 || column === 5;
  return cells
    .map((row) => row.map((cell, at) => (isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

function limitText(limit: number | undefined): string {
  return limit === undefined ? '' : shown(limit);
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 2);
}
