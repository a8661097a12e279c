import { failure, type Result, success } from '../../core/fault/fault.ts';
import { unnumberedRowId } from '../../core/map/numbering.ts';
import { type RecordKey, recordKeyParts } from '../../core/record/record-key.ts';
import type { Row } from '../../core/record/row.ts';
import { allAnswers } from '../http/batch-sender.ts';
import { rowsOf } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import type { BatchRequest } from '../http/multipart-batch.ts';
import { rowsByKey } from '../http/rows-by-key.ts';
import { chunked, queryText } from '../http/service-address.ts';
import type { FinopsApi } from './finops-api.ts';
import { fieldOf, literal } from './finops-entity.ts';
import { finopsFault } from './finops-faults.ts';
import { keySegment } from './odata-key.ts';
import { type ReadPlan, readRow } from './row-reading.ts';

/** Keys in one query: no limit is published, and twenty terms are known to be taken. */
const KEYS_PER_QUERY = 20;

/**
 * Reads of rows by key, over all companies. F&O knows no `in`, so a key is a term of its own; a key that no row can
 * have is not asked for.
 */
export function readsByKeys(api: FinopsApi, plan: ReadPlan, keys: readonly RecordKey[]): BatchRequest[] {
  const conditions = [...new Set(keys)].flatMap((key) => keyCondition(plan, key) ?? []);
  return chunked(conditions, KEYS_PER_QUERY).map((some) => ({
    method: 'GET',
    url: `${setAddress(api, plan)}&$filter=${queryText(filterOf(some))}`,
    headers: { accept: 'application/json' },
  }));
}

/** Reads of rows by their OData keys. */
export function readByPredicate(api: FinopsApi, plan: ReadPlan, predicate: string): BatchRequest {
  const set = `${api.root}${plan.entity.entitySet}`;
  const url = `${set}${keySegment(predicate)}?cross-company=true&$select=${plan.select}`;
  return { method: 'GET', url, headers: { accept: 'application/json' } };
}

function setAddress(api: FinopsApi, plan: ReadPlan): string {
  return `${api.root}${plan.entity.entitySet}?cross-company=true&$select=${plan.select}`;
}

interface KeyCondition {
  /** Empty for entities without companies. */
  company: string;
  own: string;
}

/** Keys of one company share its term: `dataAreaId eq 'usmf' and (… or …)`. */
function filterOf(conditions: readonly KeyCondition[]): string {
  const groups = Map.groupBy(conditions, ({ company }) => company);
  const texts = [...groups].map(([company, members]) => {
    const own = members.map((member) => member.own).join(' or ');
    return company === '' ? own : `${company} and (${own})`;
  });
  return texts.length === 1 ? texts.join('') : texts.map((text) => `(${text})`).join(' or ');
}

function keyCondition({ map, entity }: ReadPlan, key: RecordKey): KeyCondition | null {
  const { keyColumns, companyColumn } = map.sides.finops;
  const parts = recordKeyParts(key);
  const id = unnumberedRowId(map, key);
  const own: string[] = [];
  let company = '';
  for (const [index, column] of keyColumns.entries()) {
    const [name, value] =
      id !== null && column === map.numbering?.column ? [map.numbering.matchColumn, id] : [column, parts[index] ?? ''];
    const field = fieldOf(entity, name);
    const text = field === undefined ? null : literal(value, field);
    if (text === null) return null;
    const term = `${field?.name} eq ${text}`;
    if (column === companyColumn) company = term;
    else own.push(term);
  }
  return { company, own: own.length === 1 ? own.join('') : `(${own.join(' and ')})` };
}

/** The rows of one collection answer in canonical form. Faults as for `RecordStore.read`. */
export function rowsOfAnswer(plan: ReadPlan, answer: HttpResponse): Result<Row[]> {
  const found = answer.status === 200 ? rowsOf(answer.text) : null;
  if (found === null) {
    const unreadable = answer.status === 200 ? { ...answer, status: 0 } : answer;
    return failure(finopsFault(unreadable, { operation: 'read', what: `a read of ${plan.entity.entitySet}` }));
  }
  const rows: Row[] = [];
  for (const row of found) {
    const read = readRow(plan, row);
    if (!read.ok) return read;
    rows.push(read.value);
  }
  return success(rows);
}

/** Reads rows by key in one call. Faults as for `RecordStore.read`. */
export async function readByKeys(
  api: FinopsApi,
  plan: ReadPlan,
  keys: readonly RecordKey[],
): Promise<Result<Map<RecordKey, Row>>> {
  const answers = allAnswers(await api.send(readsByKeys(api, plan, keys), false));
  if (!answers.ok) return answers;
  const rows: Row[] = [];
  for (const answer of answers.value) {
    const read = rowsOfAnswer(plan, answer);
    if (!read.ok) return read;
    rows.push(...read.value);
  }
  // A star in a key matches like a wildcard here, so the answer may hold more than was asked for.
  return success(rowsByKey(plan.map, 'finops', rows, new Set(keys)));
}
