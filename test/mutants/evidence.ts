import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROW = /^\| (?<id>[\w-]+) \| [RI]\d+ \|.*\| (?<by>[^|]+) \| (?<seeds>\d*) \|$/gm;

/** What docs/evidence/mutants.md says of a mutant: what killed it, and after how many histories, if it took any. */
export interface KillOnRecord {
  id: string;
  by: string;
  seeds: number | null;
}

/** All of them, in the order in which they stand there. */
export function killsOnRecord(): KillOnRecord[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/evidence/mutants.md'), 'utf8');
  return [...text.matchAll(ROW)].map(({ groups: { id = '', by = '', seeds = '' } = {} }) => {
    return { id, by: by.trim(), seeds: seeds === '' ? null : Number(seeds) };
  });
}

/** Mutants that took more histories than this the last time are among the long tests only. */
export const QUICK_SEEDS = 2;

/** Whether a mutant died by a scenario, or of hardly any histories, the last time; one that is not on record yet is tried. */
export function isQuick(id: string, record: readonly KillOnRecord[]): boolean {
  return (record.find((kill) => kill.id === id)?.seeds ?? 0) <= QUICK_SEEDS;
}
