import { FAULT_NAMES } from './fault-rates.ts';
import { type HistoryResult, runHistory } from './history.ts';

export interface ShrunkenHistory {
  result: HistoryResult;
  without: string[];
  skip: number[];
}

/** What holds for all histories of a run. */
export interface HistoryKind {
  sweeps: boolean;
  renames: boolean;
}

/** More tries make a history hardly any smaller. */
const TRIES_MAX = 250;

/**
 * Makes a failing history smaller for as long as it breaks the same invariant: faults are left out first, then edits,
 * many at a time and at last one by one.
 */
export async function shrinkHistory(failed: HistoryResult, kind: HistoryKind): Promise<ShrunkenHistory> {
  const broken = invariantOf(failed);
  const smallest: ShrunkenHistory = { result: failed, without: [], skip: [] };
  let tries = 0;
  const attempt = async (without: readonly string[], skip: readonly number[]): Promise<boolean> => {
    tries += 1;
    const options = { ...kind, without: new Set(without), skip: new Set(skip) };
    const result = await runHistory(failed.seed, options);
    if (!result.violations.some((violation) => violation.startsWith(broken))) return false;
    Object.assign(smallest, { result, without: [...without], skip: [...skip] });
    return true;
  };
  for (const name of FAULT_NAMES) await attempt([...smallest.without, name], smallest.skip);
  for (let size = Math.ceil(failed.edits / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let last = failed.edits; last > 0 && tries < TRIES_MAX; last -= size) {
      const chunk = Array.from({ length: size }, (_, index) => last - index).filter((edit) => edit > 0);
      if (chunk.every((edit) => smallest.skip.includes(edit))) continue;
      await attempt(smallest.without, [...new Set([...smallest.skip, ...chunk])]);
    }
  }
  return smallest;
}

function invariantOf({ violations }: HistoryResult): string {
  return violations[0]?.split(' ')[0] ?? '';
}

/** The command that runs a shrunken history again and tells all that happens. */
export function replayCommand({ result, without, skip }: ShrunkenHistory, kind: HistoryKind): string {
  return [
    `npm run simulate -- --seeds 1 --seed ${result.seed}`,
    kind.sweeps ? '' : '--no-sweep',
    kind.renames ? '--renames' : '',
    without.length > 0 ? `--without ${without.join(',')}` : '',
    skip.length > 0 ? `--skip ${skip.sort((left, right) => left - right).join(',')}` : '',
    '--trace',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
