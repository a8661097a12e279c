import { failure, type Result, success } from '../../core/fault/fault.ts';
import type { CompiledMap } from '../../core/map/compiled-map.ts';
import { type RecordKey, recordKeyParts } from '../../core/record/record-key.ts';
import type { Row } from '../../core/record/row.ts';
import { rowsOf } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import { chunked, queryText } from '../http/service-address.ts';
import type { DataverseApi } from './dataverse-api.ts';
import { dataverseFault } from './dataverse-faults.ts';
import type { DataverseTable, Tables } from './dataverse-table.ts';
import { type Condition, conditionOf, equalTerm, groupedFilter } from './filter-text.ts';
import type { Projection } from './projection.ts';

/** A table with all that its reading needs. */
export interface ReadPlan {
  tables: Tables;
  table: DataverseTable;
  projection: Projection;
}

/** Ids in one query: `In` takes many values, but the address must stay readable for servers. */
const IDS_PER_QUERY = 100;
/** Keys in one query: each is a condition, and a query may hold 500. */
const KEYS_PER_QUERY = 50;

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Addresses that read rows by id ("In query function"); what is no GUID is no row's id. */
export function pathsByIds(plan: ReadPlan, ids: readonly string[]): string[] {
  const { table } = plan;
  return chunked(
    [...new Set(ids)].filter((id) => GUID.test(id)),
    IDS_PER_QUERY,
  ).map((some) => {
    const values = JSON.stringify(some);
    const filter = `Microsoft.Dynamics.CRM.In(PropertyName='${table.primaryId}',PropertyValues=${values})`;
    return pathOf(plan, filter);
  });
}

/** Addresses that read rows by key; a key that no row of the table can have is not asked for. */
export function pathsByKeys(plan: ReadPlan, map: CompiledMap, keys: readonly RecordKey[]): string[] {
  const conditions = [...new Set(keys)].flatMap((key) => keyCondition(plan, map, key) ?? []);
  return chunked(conditions, KEYS_PER_QUERY).map((some) => pathOf(plan, groupedFilter(some)));
}

function keyCondition(plan: ReadPlan, map: CompiledMap, key: RecordKey): Condition | null {
  const { keyColumns, companyColumn } = map.sides.dataverse;
  const parts = recordKeyParts(key);
  const shared: string[] = [];
  const own: string[] = [];
  for (const [index, column] of keyColumns.entries()) {
    const term = equalTerm(plan.tables, plan.table, column, parts[index] ?? null);
    if (term === null) return null;
    (column === companyColumn ? shared : own).push(term);
  }
  return conditionOf(shared, own);
}

function pathOf(plan: ReadPlan, filter: string): string {
  return `${plan.table.entitySetName}?${plan.projection.query}&$filter=${queryText(filter)}`;
}

/** Reads all addresses in one call and gives the rows of all answers. Faults as for `RecordStore.read`. */
export async function readRows(api: DataverseApi, plan: ReadPlan, paths: readonly string[]): Promise<Result<Row[]>> {
  const answers = await api.read(paths);
  if (!answers.ok) return answers;
  const rows: Row[] = [];
  for (const answer of answers.value) {
    const read = rowsOfAnswer(plan, answer);
    if (!read.ok) return read;
    rows.push(...read.value);
  }
  return success(rows);
}

/** The rows of one answer in canonical form. Faults as for `RecordStore.read`. */
export function rowsOfAnswer(plan: ReadPlan, answer: HttpResponse): Result<Row[]> {
  const found = answer.status === 200 ? rowsOf(answer.text) : null;
  if (found === null) {
    const context = { writes: false, what: `a read of ${plan.table.logicalName}` };
    return failure(dataverseFault(answer.status === 200 ? { ...answer, status: 0 } : answer, context));
  }
  const rows: Row[] = [];
  for (const row of found) {
    const read = plan.projection.read(row);
    if (!read.ok) return read;
    rows.push(read.value);
  }
  return success(rows);
}
