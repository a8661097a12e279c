import { odata } from '@azure/data-tables';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { inParallel } from './in-parallel.ts';
import { followPointers } from './parked-index.ts';
import { isClosed, storedParked } from './parked-row.ts';
import { waiterPartition, waiterRange, waiterRow } from './state-keys.ts';
import type { Table, TableRow } from './table.ts';

const WIDTH = 16;
const RANGE_ROWS = 1000;

/** Pointers from awaited records to what awaits them: one partition per map, so that a batch asks once. */
export function createWaiters(table: Table, clock: Clock): Pick<StateStore, 'addWaiter' | 'listWaiters'> {
  return {
    async addWaiter(awaited, identity, mapId) {
      await table.save({ ...waiterRow(awaited, identity, mapId), mapId, identity }, 'Replace');
    },
    async listWaiters(mapId, keys) {
      if (keys.length === 0) return [];
      const pointers = await readPointers(table, waiterPartition(mapId), keys);
      const parked = await followPointers(table, clock, pointers, (row) => !isClosed(row));
      return parked.map(storedParked);
    },
  };
}

/** Mostly nothing waits: one page over all the keys tells. Where very much waits, each record is asked for by itself. */
async function readPointers(table: Table, partition: string, keys: readonly RecordKey[]): Promise<TableRow[]> {
  const ranges = [...new Set(keys)].map(waiterRange).sort(([left], [right]) => (left < right ? -1 : 1));
  const whole = rangeFilter(partition, ranges[0]?.[0] ?? '', ranges.at(-1)?.[1] ?? '');
  const { rows, more } = await table.firstPage(whole, RANGE_ROWS);
  if (!more) {
    const wanted = new Set(ranges.map(([from]) => from));
    return rows.filter(({ rowKey = '' }) => wanted.has(rowKey.slice(0, rowKey.indexOf('!') + 1)));
  }
  const found = await inParallel(ranges, WIDTH, ([from, to]) => table.all(rangeFilter(partition, from, to)));
  return found.flat();
}

function rangeFilter(partition: string, from: string, to: string): string {
  return odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`;
}
