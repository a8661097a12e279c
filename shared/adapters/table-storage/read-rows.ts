import { odata } from '@azure/data-tables';
import { inParallel } from './in-parallel.ts';
import type { Table, TableRow } from './table.ts';

const POINT_READS_WIDTH = 16;
/** Below this, point reads are as cheap as trying a range. */
const RANGE_WANTED_MIN = 4;
/** A range may bring this many times the wanted rows: beyond that, point reads move less. */
const RANGE_SLACK = 4;

/**
 * Rows of one partition by row key; absent ones are missing. There is no multi-get, and a partition may hold very many
 * rows: one query tries the range of the wanted keys, bounded in rows, and decides all of them where the wanted ones lie
 * close together (a page of a load) or there are few rows (claims, parked changes); the others are read one by one.
 */
export async function readRows(
  table: Table,
  partitionKey: string,
  rowKeys: readonly string[],
): Promise<Map<string, TableRow>> {
  const found = new Map<string, TableRow>();
  const wanted = [...new Set(rowKeys)].sort();
  const undecided = wanted.length < RANGE_WANTED_MIN ? wanted : await tryRange(table, partitionKey, wanted, found);
  await inParallel(undecided, POINT_READS_WIDTH, async (rowKey) => {
    const row = await table.get({ partitionKey, rowKey });
    if (row !== null) found.set(rowKey, row);
  });
  return found;
}

/** Answers the keys that the range did not reach. */
async function tryRange(
  table: Table,
  partitionKey: string,
  wanted: readonly string[],
  found: Map<string, TableRow>,
): Promise<string[]> {
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${wanted[0]} and RowKey le ${wanted.at(-1)}`;
  const { rows, more } = await table.firstPage(filter, wanted.length * RANGE_SLACK);
  const asked = new Set(wanted);
  let reached = '';
  for (const row of rows) {
    reached = row.rowKey ?? '';
    if (asked.has(reached)) found.set(reached, row);
  }
  return more ? wanted.filter((rowKey) => rowKey > reached) : [];
}
