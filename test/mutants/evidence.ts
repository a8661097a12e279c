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
