import { odata } from '@azure/data-tables';
import type { Conflict } from '../../core/conflict/conflict.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { unpackValue } from './row-json.ts';
import { CONFLICT_RANGE, conflictRange, mapPartitions } from './state-keys.ts';
import type { Table } from './table.ts';

/** The lanes of a map one after another, each by key range: a page costs a query or two, however much there is. */
export function createConflictPages(state: Table): Pick<StateStore, 'pageConflicts'> {
  return {
    async pageConflicts(mapId, cursor, limit) {
      const found: RecordKey[] = [];
      const partitions = mapPartitions(mapId);
      let { lane, from } = readCursor(cursor);
      while (lane < partitions.length) {
        const { keys, next } = await pageOf(state, partitions[lane] ?? '', from, limit - found.length);
        found.push(...keys);
        if (next === null) lane += 1;
        from = next ?? CONFLICT_RANGE[0];
        if (found.length >= limit && lane < partitions.length) return { keys: found, cursor: `${lane} ${from}` };
      }
      return { keys: found, cursor: null };
    },
  };
}

/** Up to `limit` rows of one lane; a record may have several, and is left behind with all of them. */
async function pageOf(
  state: Table,
  partition: string,
  from: string,
  limit: number,
): Promise<{ keys: RecordKey[]; next: string | null }> {
  const filter = odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${CONFLICT_RANGE[1]}`;
  const { rows, more } = await state.firstPage(filter, limit);
  const keys = [...new Set(rows.flatMap((row) => unpackValue<Conflict[]>(row).map(({ key }) => key)))];
  const last = keys.at(-1);
  return { keys, next: more && last !== undefined ? conflictRange(last)[1] : null };
}

function readCursor(cursor: string | null): { lane: number; from: string } {
  const at = cursor?.indexOf(' ') ?? -1;
  if (cursor === null || at < 0) return { lane: 0, from: CONFLICT_RANGE[0] };
  return { lane: Number(cursor.slice(0, at)), from: cursor.slice(at + 1) };
}
