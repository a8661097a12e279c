import { odata, type TransactionAction } from '@azure/data-tables';
import { laneOf } from '../../core/record/fingerprint.ts';
import type { Side } from '../../core/record/side.ts';
import type { RecordRef, StateStore } from '../../ports/state-store.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { inParallel } from './in-parallel.ts';
import { keyPart } from './key-text.ts';
import type { RowName, Table } from './table.ts';

const WIDTH = 16;
const TRANSACTION_ROWS = 100;
const REMEMBERED_MAX = 50_000;

/**
 * The index from row ids to records, a row for each pair, in eight partitions a table. Rows are only added here, so an
 * entry that this instance wrote once is never written again; reading is not cached, because others add, too.
 */
export function createIdsIndex(table: Table): Pick<StateStore, 'findIds' | 'rememberIds'> {
  const remembered = createBoundedCache<true>(REMEMBERED_MAX);
  return {
    async findIds(side, tableName, ids) {
      const wanted = [...new Set(ids)];
      const found = await inParallel(wanted, WIDTH, async (id) => {
        return [id, await findOne(table, bucketOf(side, tableName, id), id)] as const;
      });
      return new Map(found.filter(([, refs]) => refs.length > 0));
    },
    async rememberIds(side, tableName, entries) {
      const added = new Map<string, RowName & Record<string, unknown>>();
      for (const { id, mapId, key } of entries) {
        const partitionKey = bucketOf(side, tableName, id);
        const rowKey = `${keyPart(id)}!${keyPart(mapId)}!${keyPart(key)}`;
        const name = `${partitionKey}!${rowKey}`;
        if (remembered.get(name) === undefined) added.set(name, { partitionKey, rowKey, mapId, key });
      }
      const byBucket = Map.groupBy(added.values(), (row) => row.partitionKey);
      await inParallel([...byBucket.values()], WIDTH, (rows) => saveAll(table, rows));
      for (const name of added.keys()) remembered.set(name, true, 1);
    },
  };
}

function bucketOf(side: Side, tableName: string, id: string): string {
  return `${side}|${keyPart(tableName)}|${laneOf(id)}`;
}

async function findOne(table: Table, partitionKey: string, id: string): Promise<RecordRef[]> {
  const [from, to] = [`${keyPart(id)}!`, `${keyPart(id)}"`];
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
  return (await table.all(filter)).map((row) => ({ mapId: String(row['mapId']), key: String(row['key']) }));
}

async function saveAll(table: Table, rows: readonly (RowName & Record<string, unknown>)[]): Promise<void> {
  for (let start = 0; start < rows.length; start += TRANSACTION_ROWS) {
    const slice = rows.slice(start, start + TRANSACTION_ROWS);
    const result = await table.transact(slice.map((row): TransactionAction => ['upsert', row, 'Replace']));
    if (result.kind === 'failed') throw new Error(`The index of ids refused a row (${result.status}).`);
  }
}
