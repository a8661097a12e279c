import { parentPort } from 'node:worker_threads';
import { type HistoryResult, runHistory } from './history.ts';

/** Seeds in a row that one worker runs before it reports. */
export interface SeedRange {
  first: number;
  count: number;
  sweeps: boolean;
  renames: boolean;
}

/** One seed in a hundred is run twice, and must take the same course. */
const TWICE_EVERY = 100;

async function runSeed(seed: number, options: Pick<SeedRange, 'sweeps' | 'renames'>): Promise<HistoryResult> {
  const result = await runHistory(seed, options);
  if (seed % TWICE_EVERY !== 0) return result;
  const second = await runHistory(seed, options);
  if (second.trace !== result.trace || second.steps !== result.steps) {
    result.violations.push('I15: the same seed took another course');
  }
  return result;
}

async function runRange({ first, count, ...options }: SeedRange): Promise<void> {
  const results: HistoryResult[] = [];
  for (let seed = first; seed < first + count; seed += 1) results.push(await runSeed(seed, options));
  parentPort?.postMessage(results);
}

parentPort?.on('message', (range: SeedRange) => void runRange(range));
