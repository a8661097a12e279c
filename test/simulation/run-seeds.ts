import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HistoryResult } from './history.ts';
import type { SeedRange } from './seed-worker.ts';

export interface SeedsReport {
  histories: number;
  failures: HistoryResult[];
  seconds: number;
  edits: number;
  writes: number;
  conflicts: number;
  kills: number;
}

export interface SeedsOptions {
  first: number;
  count: number;
  /** False: no history is swept. */
  sweeps: boolean;
  /** Keys change at any time, not only at rest. */
  renames?: boolean;
  onProgress?: (report: SeedsReport) => void;
}

const RANGE_SEEDS = 50;
const WORKERS_MAX = 2;

/** Runs histories of seeds in a row on two cores. */
export async function runSeeds({
  first,
  count,
  sweeps,
  renames = false,
  onProgress,
}: SeedsOptions): Promise<SeedsReport> {
  const startedAt = performance.now();
  const report: SeedsReport = { histories: 0, failures: [], seconds: 0, edits: 0, writes: 0, conflicts: 0, kills: 0 };
  let next = first;
  const nextRange = (): SeedRange | null => {
    const left = first + count - next;
    if (left <= 0) return null;
    const range = { first: next, count: Math.min(RANGE_SEEDS, left), sweeps, renames };
    next += range.count;
    return range;
  };
  const take = (results: readonly HistoryResult[]): void => {
    for (const result of results) {
      report.histories += 1;
      report.edits += result.edits;
      report.writes += result.writes;
      report.conflicts += result.conflicts;
      report.kills += result.kills;
      if (result.violations.length > 0) report.failures.push(result);
    }
    report.seconds = (performance.now() - startedAt) / 1_000;
    onProgress?.(report);
  };
  const workers = Math.min(WORKERS_MAX, availableParallelism(), Math.ceil(count / RANGE_SEEDS));
  await Promise.all(Array.from({ length: workers }, () => work(nextRange, take)));
  report.failures.sort((left, right) => left.seed - right.seed);
  return report;
}

async function work(
  nextRange: () => SeedRange | null,
  take: (results: readonly HistoryResult[]) => void,
): Promise<void> {
  const worker = new Worker(new URL('./seed-worker.ts', import.meta.url));
  try {
    await new Promise<void>((resolve, reject) => {
      const goOn = (): void => {
        const range = nextRange();
        if (range === null) resolve();
        else worker.postMessage(range);
      };
      worker.on('message', (results: HistoryResult[]) => {
        take(results);
        goOn();
      });
      worker.on('error', reject);
      goOn();
    });
  } finally {
    await worker.terminate();
  }
}

/** The last line of a run. */
export function summary(report: SeedsReport): string {
  const { histories, failures, seconds } = report;
  const mean = (total: number): string => (total / Math.max(1, histories)).toFixed(1);
  return (
    `${histories} histories, ${failures.length} failures, ${(histories / Math.max(seconds, 0.001)).toFixed(0)} histories/s; ` +
    `per history ${mean(report.edits)} edits, ${mean(report.writes)} writes, ` +
    `${mean(report.conflicts)} conflicts, ${mean(report.kills)} kills`
  );
}
