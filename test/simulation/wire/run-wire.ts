import { runWireHistory, type WireResult } from './wire-history.ts';

export interface WireReport {
  histories: number;
  failures: WireResult[];
  seconds: number;
  edits: number;
  steps: number;
  kills: number;
}

/** One seed in so many is run twice, and must take the same course. */
const TWICE_EVERY = 100;

/** Histories of seeds in a row; each waits for the one before, because the simulators answer in turns of the event loop. */
export async function runWireSeeds(
  first: number,
  count: number,
  onProgress?: (report: WireReport) => void,
): Promise<WireReport> {
  const startedAt = performance.now();
  const report: WireReport = { histories: 0, failures: [], seconds: 0, edits: 0, steps: 0, kills: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runWireHistory(seed);
    if (seed % TWICE_EVERY === 0) {
      const second = await runWireHistory(seed);
      const same = second.trace === result.trace && second.steps === result.steps;
      if (!same) result.violations.push('I15: the same seed took another course');
    }
    report.histories += 1;
    report.edits += result.edits;
    report.steps += result.steps;
    report.kills += result.kills;
    if (result.violations.length > 0) report.failures.push(result);
    report.seconds = (performance.now() - startedAt) / 1_000;
    onProgress?.(report);
  }
  return report;
}

/** The last line of a run. */
export function wireSummary({ histories, failures, seconds, edits, steps, kills }: WireReport): string {
  const mean = (total: number): string => (total / Math.max(1, histories)).toFixed(1);
  return (
    `${histories} histories over the wire, ${failures.length} failures, ${(histories / Math.max(seconds, 0.001)).toFixed(0)} histories/s; ` +
    `per history ${mean(edits)} edits, ${mean(steps)} steps, ${mean(kills)} kills`
  );
}
