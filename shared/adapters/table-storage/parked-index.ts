import { randomUUID } from 'node:crypto';
import { odata, type TransactionAction } from '@azure/data-tables';
import type { Clock } from '../../ports/clock.ts';
import type { ParkedChange, ParkedFilter, StoredParkedChange } from '../../ports/state-store.ts';
import { inParallel } from './in-parallel.ts';
import { sortableMs } from './key-text.ts';
import { type Parking, stampOf, storedParked } from './parked-row.ts';
import { readRows } from './read-rows.ts';
import { DUE_PARTITION, indexRow, indexStamp, parkedRow, UNDUE_PARTITIONS, unduePartition } from './state-keys.ts';
import type { RowName, Table, TableRow } from './table.ts';

/** A pointer is written before what it points to; only one older than this is taken for a left-over of a crash. */
const POINTER_GRACE_MS = 5 * 60_000;
const WIDTH = 16;
const TRANSACTION_ROWS = 100;

/**
 * Writes the index rows of changes that are about to be parked. Each is named by a nonce, so that it belongs to one
 * version of one parked row, and taking it out can never hide another.
 */
export async function indexParkings(table: Table, changes: readonly ParkedChange[]): Promise<Parking[]> {
  const parkings = changes.map((parked) => ({ parked, stamp: indexStamp(parked, randomUUID().slice(0, 13)) }));
  const byPartition = Map.groupBy(
    parkings.map(({ parked, stamp }) => ({
      ...indexRow(parked, stamp),
      mapId: parked.mapId,
      identity: parked.identity,
      reason: parked.reason,
      stamp,
    })),
    (row) => row.partitionKey,
  );
  await inParallel([...byPartition.values()], WIDTH, async (rows) => {
    for (let start = 0; start < rows.length; start += TRANSACTION_ROWS) {
      const actions = rows
        .slice(start, start + TRANSACTION_ROWS)
        .map((row): TransactionAction => ['upsert', row, 'Replace']);
      const result = await table.transact(actions);
      if (result.kind === 'failed') throw new Error(`The index of parked changes refused a row (${result.status}).`);
    }
  });
  return parkings;
}

/** Takes out index rows of parked changes that are no more; some may be gone already. */
export async function dropIndexRows(table: Table, names: readonly RowName[]): Promise<void> {
  const byPartition = Map.groupBy(names, (name) => name.partitionKey);
  await inParallel([...byPartition.values()], WIDTH, async (rows) => {
    for (let start = 0; start < rows.length; start += TRANSACTION_ROWS) {
      const slice = rows.slice(start, start + TRANSACTION_ROWS);
      const result = await table.transact(slice.map((row): TransactionAction => ['delete', { ...row }]));
      if (result.kind === 'failed') await inParallel(slice, WIDTH, (name) => table.remove(name, '*'));
    }
  });
}

/** Parked changes that pass: first what is released by time, in that order; then the others. */
export async function listIndexed(table: Table, clock: Clock, filter: ParkedFilter): Promise<StoredParkedChange[]> {
  const found: StoredParkedChange[] = [];
  for (const query of queriesFor(filter)) {
    for await (const page of table.pages(query)) {
      if (found.length >= filter.limit) return found;
      for (let start = 0; start < page.length && found.length < filter.limit; start += filter.limit) {
        const pointers = page.slice(start, start + filter.limit);
        const rows = await followPointers(table, clock, pointers, (row, pointer) => stampOf(row) === pointer['stamp']);
        found.push(...rows.map(storedParked));
      }
    }
  }
  return found.slice(0, filter.limit);
}

function queriesFor({ mapId, reason, identity, dueByMs }: ParkedFilter): string[] {
  const more = [
    mapId === undefined ? '' : odata` and mapId eq ${mapId}`,
    identity === undefined ? '' : odata` and identity eq ${identity}`,
    reason === undefined ? '' : odata` and reason eq ${reason}`,
  ].join('');
  const due = odata`PartitionKey eq ${DUE_PARTITION}` + more;
  // `~` follows everything that comes after the time in a row key.
  if (dueByMs !== undefined) return [due + odata` and RowKey le ${`${sortableMs(dueByMs)}~`}`];
  const [from, to] = UNDUE_PARTITIONS;
  const undue =
    mapId === undefined
      ? odata`PartitionKey ge ${from} and PartitionKey lt ${to}`
      : odata`PartitionKey eq ${unduePartition(mapId)}`;
  return [due, undue + more];
}

/** The parked rows that pointers lead to, in the pointers' order; pointers that lead nowhere are removed on the way. */
export async function followPointers(
  table: Table,
  clock: Clock,
  pointers: readonly TableRow[],
  leadsTo: (row: TableRow, pointer: TableRow) => boolean,
): Promise<TableRow[]> {
  const targets = pointers.map((pointer) => {
    const name = parkedRow({ mapId: String(pointer['mapId']), identity: String(pointer['identity']) });
    return { pointer, name };
  });
  const partitions = [...Map.groupBy(targets, ({ name }) => name.partitionKey)];
  const read = await inParallel(partitions, WIDTH, async ([partitionKey, members]) => {
    const rowKeys = members.map(({ name }) => name.rowKey);
    return [partitionKey, await readRows(table, partitionKey, rowKeys)] as const;
  });
  const byPartition = new Map(read);
  const found: TableRow[] = [];
  const dangling: TableRow[] = [];
  for (const { pointer, name } of targets) {
    const row = byPartition.get(name.partitionKey)?.get(name.rowKey);
    if (row !== undefined && leadsTo(row, pointer)) found.push(row);
    else if (clock.nowMs() - Date.parse(pointer.timestamp ?? '') > POINTER_GRACE_MS) dangling.push(pointer);
  }
  await inParallel(dangling, WIDTH, ({ partitionKey, rowKey, etag }) =>
    table.remove({ partitionKey: partitionKey ?? '', rowKey: rowKey ?? '' }, etag),
  );
  return found;
}
