import type { Change } from '../core/change/change.ts';
import type { Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RowState } from '../core/record/row.ts';
import { type PerSide, SIDES, type Side } from '../core/record/side.ts';
import type { RecordPlan } from '../core/write/plan-record.ts';
import type { WriteResult } from '../core/write/write-result.ts';
import type { StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

/** A record as it was claimed, and what became of its writes. */
export interface Numbered {
  key: RecordKey;
  link: Link;
  results: Partial<PerSide<WriteResult>>;
}

interface PlannedRow {
  change: Change;
  plan: RecordPlan;
  states: PerSide<RowState>;
}

/**
 * Enters row ids into the index before the links that hold them are saved: of rows that were read, and of rows whose
 * id we chose. Known ones are not written again.
 */
export async function rememberRows(
  deps: Dependencies,
  map: CompiledMap,
  links: ReadonlyMap<RecordKey, StoredLink>,
  planned: readonly PlannedRow[],
): Promise<void> {
  const remember = async (side: Side): Promise<void> => {
    const entries = planned.flatMap((item) => {
      const key = item.change.key ?? '';
      const known = links.get(key)?.link.sides[side].rowId ?? null;
      return newIds(item, side, known).map((id) => ({ id, key }));
    });
    if (entries.length > 0) await deps.state.rememberIds(map.id, side, map.sides[side].table, entries);
  };
  await Promise.all(SIDES.map(remember));
}

/** The same for rows that a side numbered itself when we created them there: a later event may tell nothing else. */
export async function rememberInserted(
  deps: Dependencies,
  map: CompiledMap,
  records: readonly Numbered[],
): Promise<void> {
  for (const side of SIDES) {
    const entries = records.flatMap(({ key, link, results }) => {
      const write = link.intent?.writes[side];
      const result = results[side];
      const id = write?.operation === 'insert' && result?.kind === 'done' ? result.rowId : null;
      return id === null || id === write?.rowId ? [] : [{ id, key }];
    });
    if (entries.length > 0) await deps.state.rememberIds(map.id, side, map.sides[side].table, entries);
  }
}

function newIds({ plan, states }: PlannedRow, side: Side, known: string | null): string[] {
  if (plan.kind === 'busy' || plan.link === null) return [];
  const ids: string[] = [];
  const state = states[side];
  if ((state.state === 'in' || state.state === 'outside') && state.row.id !== known) ids.push(state.row.id);
  const chosen = plan.link.intent?.writes[side];
  if (chosen?.operation === 'insert' && chosen.rowId !== null) ids.push(chosen.rowId);
  return ids;
}
