import type { DeletionLimit } from '../../ports/state-store.ts';
import { deletionsRow } from './state-keys.ts';
import type { Table } from './table.ts';

/** Another instance took some in between; each round one of them succeeds. */
const ROUNDS_MAX = 50;

/** One row a map, saved under its etag, so that all instances together stay within the limit. */
export async function takeDeletions(
  table: Table,
  mapId: string,
  wanted: number,
  { count, windowMs, nowMs }: DeletionLimit,
): Promise<number> {
  const name = deletionsRow(mapId);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const row = await table.get(name);
    const fromMs = Number(row?.['fromMs'] ?? nowMs);
    const isOver = nowMs >= fromMs + windowMs;
    const taken = isOver ? 0 : Number(row?.['taken'] ?? 0);
    const granted = Math.max(0, Math.min(wanted, count - taken));
    if (granted === 0) return 0;
    const next = { ...name, fromMs: String(isOver ? nowMs : fromMs), taken: taken + granted };
    const saved = await table.transact([
      row === null ? ['create', next] : ['update', next, 'Replace', { etag: row.etag }],
    ]);
    if (saved.kind === 'done') return granted;
  }
  throw new Error(`The deletions of ${mapId} could not be counted: too many instances count at once.`);
}
