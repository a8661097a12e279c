import type { Change } from '../core/change/change.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RowState } from '../core/record/row.ts';
import { type PerSide, SIDES } from '../core/record/side.ts';
import type { RecordPlan } from '../core/write/plan-record.ts';
import type { StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

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
  for (const side of SIDES) {
    const entries = planned.flatMap(({ change, plan, states }) => {
      const key = change.key ?? '';
      const known = links.get(key)?.link.sides[side].rowId;
      const state = states[side];
      const ids: string[] = [];
      const row = state.state === 'in' || state.state === 'outside' ? state.row : null;
      if (plan.kind !== 'busy' && plan.link !== null && row !== null && row.id !== known) ids.push(row.id);
      const chosen = plan.kind === 'write' ? plan.link.intent?.writes[side] : undefined;
      if (chosen?.operation === 'insert' && chosen.rowId !== null) ids.push(chosen.rowId);
      return ids.map((id) => ({ id, mapId: map.id, key }));
    });
    if (entries.length > 0) await deps.state.rememberIds(side, map.sides[side].table, entries);
  }
}
