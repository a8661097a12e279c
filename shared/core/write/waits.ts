import type { Merge } from '../conflict/merge-fields.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { RecordKey } from '../record/record-key.ts';
import { type PerSide, SIDES, type Side } from '../record/side.ts';
import type { Wait } from './decision.ts';

/** The record that has to wait. */
export interface WaitingRecord {
  map: CompiledMap;
  key: RecordKey;
}

/** A value has no form on the other side. */
export function mappingWait(record: WaitingRecord, fault: NonNullable<Merge['fault']>): Wait {
  const what = `Field ${fault.field} of record ${record.key} (${record.map.title}): ${fault.message}.`;
  return {
    reason: 'mapping',
    fault: { code: fault.code, class: 'mapping', field: fault.field, message: `${what} Mend the value or the map.` },
  };
}

/** A row cannot be seen, and nothing says that it was deleted. */
export function absenceWait(record: WaitingRecord, side: Side): Wait {
  const message = `Record ${record.key} of ${record.map.title} cannot be seen in ${side}, but nothing says that it was deleted.`;
  return { reason: 'absence-unproven', fault: { code: 'TW206', class: 'business', message } };
}

/** The key of one row changed, and the other row cannot take it. */
export function keyWait(record: WaitingRecord, keys: PerSide<RecordKey | null>): Wait {
  const told = SIDES.map((side) => `${side} ${keys[side] ?? 'has none'}`).join(', ');
  const message = `Record ${record.key} of ${record.map.title} bears another key now (${told}), which the other side cannot take. Give it its key back, or delete one of the rows.`;
  return { reason: 'key-changed', fault: { code: 'TW210', class: 'business', message } };
}

/** A deletion is carried over only when a person has agreed to it; `held`: because so many rows were deleted at once. */
export function approvalWait(record: WaitingRecord, side: Side, held: boolean): Wait {
  const what = `Record ${record.key} of ${record.map.title} was deleted in ${side}${held ? ', as were very many others' : ''}`;
  const message = `${what}. Approve the deletion of the other row, or dismiss it.`;
  return { reason: 'approval', fault: { code: held ? 'TW213' : 'TW212', class: 'business', message } };
}

/** The row was merged into another of its side; `survivor` is that row's id. */
export function mergedWait(record: WaitingRecord, side: Side, survivor: string): Wait {
  const { title, sides } = record.map;
  const what = `Record ${record.key} of ${title}: its row in ${side} was merged into ${sides[side].table} ${survivor}`;
  const message = `${what}. Nothing is carried over. Move what the other row has to the survivor's, then delete the other row; or let the map relink merged rows to keep it as it is.`;
  return { reason: 'merged', fault: { code: 'TW217', class: 'business', message } };
}

/** Fields that a person has to decide. */
export function manualWait(record: WaitingRecord, merge: Merge): Wait {
  const fields = Object.keys(merge.open).join(', ');
  const message = `Record ${record.key} of ${record.map.title}: ${fields} changed on both sides. Choose a value for each.`;
  return { reason: 'manual', fault: { code: 'TW211', class: 'business', message } };
}
