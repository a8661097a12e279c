import { odata, type TransactionAction } from '@azure/data-tables';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Side } from '../../core/record/side.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { inParallel } from './in-parallel.ts';
import { keyPart } from './key-text.ts';
import type { RowName, Table } from './table.ts';

const WIDTH = 16;
const TRANSACTION_ROWS = 100;
const KNOWN_MAX = 100_000;

/**
 * The index from row ids to records, a row for each pair, in one partition a table: it takes some 2,000 new rows a
 * second, and each further one would cost a batch another transaction. Rows are only added, so what this instance has
 * seen stays true, and is neither written nor asked for again: should another instance have added a record since, the
 * row itself tells that it has left the one that is known here.
 */
export function createIdsIndex(table: Table): Pick<StateStore, 'findIds' | 'rememberIds'> {
  const known = createBoundedCache<RecordKey[]>(KNOWN_MAX);
  const learn = (name: string, keys: readonly RecordKey[]): RecordKey[] => {
    const all = [...new Set([...(known.get(name) ?? []), ...keys])];
    known.set(name, all, all.length);
    return all;
  };
  return {
    async findIds(mapId, side, tableName, ids) {
      const found = await inParallel([...new Set(ids)], WIDTH, async (id) => {
        const name = nameOf(mapId, side, tableName, id);
        const keys = known.get(name) ?? (await findOne(table, mapId, partitionOf(side, tableName), id));
        if (keys.length > 0) learn(name, keys);
        return [id, keys] as const;
      });
      return new Map(found.filter(([, keys]) => keys.length > 0));
    },
    async rememberIds(mapId, side, tableName, entries) {
      const partitionKey = partitionOf(side, tableName);
      const added = new Map<string, RowName & Record<string, unknown>>();
      for (const { id, key } of entries) {
        if (known.get(nameOf(mapId, side, tableName, id))?.includes(key)) continue;
        const rowKey = `${keyPart(id)}!${keyPart(mapId)}!${keyPart(key)}`;
        added.set(rowKey, { partitionKey, rowKey, mapId, key });
      }
      await saveAll(table, [...added.values()]);
      for (const { id, key } of entries) learn(nameOf(mapId, side, tableName, id), [key]);
    },
  };
}

/** Map ids and table names hold no space. */
function nameOf(mapId: string, side: Side, tableName: string, id: string): string {
  return `${mapId} ${side} ${tableName} ${id}`;
}

function partitionOf(side: Side, tableName: string): string {
  return `${side}|${keyPart(tableName)}`;
}

async function findOne(table: Table, mapId: string, partitionKey: string, id: string): Promise<RecordKey[]> {
  const [from, to] = [`${keyPart(id)}!${keyPart(mapId)}!`, `${keyPart(id)}!${keyPart(mapId)}"`];
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
  return (await table.all(filter)).map((row) => String(row['key']));
}

async function saveAll(table: Table, rows: readonly (RowName & Record<string, unknown>)[]): Promise<void> {
  for (let start = 0; start < rows.length; start += TRANSACTION_ROWS) {
    const slice = rows.slice(start, start + TRANSACTION_ROWS);
    const result = await table.transact(slice.map((row): TransactionAction => ['upsert', row, 'Replace']));
    if (result.kind === 'failed') throw new Error(`The index of ids refused a row (${result.status}).`);
  }
}
