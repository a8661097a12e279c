import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { CompiledMap } from '../../core/map/compiled-map.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Row } from '../../core/record/row.ts';
import type { RecordStore, RowWriteResult, Wanted } from '../../ports/record-store.ts';
import { rowsByKey } from '../http/rows-by-key.ts';
import type { DataverseApi } from './dataverse-api.ts';
import type { DataverseMetadata } from './dataverse-metadata.ts';
import { createLookupResolver } from './lookup-resolver.ts';
import { createProjection } from './projection.ts';
import { pathsByIds, pathsByKeys, type ReadPlan, readRows } from './row-queries.ts';
import { writeRows } from './write-rows.ts';

export interface DataverseRecordStoreOptions {
  api: DataverseApi;
  metadata: DataverseMetadata;
  /** The tag that marks a write of the row as ours, so that the event it raises is known as an echo. */
  tag: (rowId: string) => string;
}

/** Writes in one `$batch`; it may hold 1,000 requests, and a hundred keep it within the server's time. */
const BATCH_WRITES = 100;

/** The rows of one Dataverse environment, over its Web API. */
export function createDataverseRecordStore(options: DataverseRecordStoreOptions): RecordStore {
  const { api, metadata } = options;
  const resolver = createLookupResolver(api);
  const plans = new WeakMap<CompiledMap, ReadPlan>();
  const planOf = async (map: CompiledMap): Promise<Result<ReadPlan>> => {
    const ready = plans.get(map);
    if (ready !== undefined) return success(ready);
    const plan = await preparePlan(metadata, map);
    if (plan.ok) plans.set(map, plan.value);
    return plan;
  };
  return {
    async read(map, wanted) {
      const plan = await planOf(map);
      return plan.ok ? readWanted(api, plan.value, map, wanted) : plan;
    },
    async readByIds(map, ids) {
      const plan = await planOf(map);
      if (!plan.ok) return plan;
      const rows = await readRows(api, plan.value, pathsByIds(plan.value, ids));
      return rows.ok ? success(new Map(rows.value.map((row) => [row.id, row]))) : rows;
    },
    async write(map, writes) {
      const plan = await planOf(map);
      if (!plan.ok) return writes.map(() => ({ kind: 'failed', fault: plan.fault }));
      const scope = { api, plan: plan.value, map, resolver, tag: options.tag };
      const results: RowWriteResult[] = [];
      for (let at = 0; at < writes.length; at += BATCH_WRITES) {
        results.push(...(await writeRows(scope, writes.slice(at, at + BATCH_WRITES))));
      }
      return results;
    },
  };
}

async function preparePlan(metadata: DataverseMetadata, map: CompiledMap): Promise<Result<ReadPlan>> {
  const side = map.sides.dataverse;
  const tables = await metadata.tables(side.table, side.columns);
  if (!tables.ok) return tables;
  const table = tables.value.get(side.table);
  if (table === undefined) return failure(unknownTable(side.table));
  const projection = createProjection(tables.value, table, side.columns);
  return projection.ok ? success({ tables: tables.value, table, projection: projection.value }) : projection;
}

/** By id first, those without an id by key in the same call; then by key those whose id leads nowhere. */
async function readWanted(
  api: DataverseApi,
  plan: ReadPlan,
  map: CompiledMap,
  wanted: readonly Wanted[],
): Promise<Result<ReadonlyMap<RecordKey, Row>>> {
  const ids = wanted.flatMap(({ rowId }) => rowId ?? []);
  const unlinked = wanted.filter(({ rowId }) => rowId === null).map(({ key }) => key);
  const first = await readRows(api, plan, [...pathsByIds(plan, ids), ...pathsByKeys(plan, map, unlinked)]);
  if (!first.ok) return first;
  const byId = new Map(first.value.map((row) => [row.id, row]));
  const found = new Map<RecordKey, Row>();
  for (const { key, rowId } of wanted) {
    const row = rowId === null ? undefined : byId.get(rowId);
    if (row !== undefined) found.set(key, row);
  }
  for (const [key, row] of rowsByKey(map, 'dataverse', first.value, new Set(unlinked))) found.set(key, row);
  const lost = wanted.filter(({ key, rowId }) => rowId !== null && !found.has(key)).map(({ key }) => key);
  const second = await readRows(api, plan, pathsByKeys(plan, map, lost));
  if (!second.ok) return second;
  for (const [key, row] of rowsByKey(map, 'dataverse', second.value, new Set(lost))) found.set(key, row);
  return success(found);
}

function unknownTable(name: string): Fault {
  const message = `Dataverse has no table ${name}. Compare the map with the tables of the environment.`;
  return { code: 'TW106', class: 'configuration', message };
}
