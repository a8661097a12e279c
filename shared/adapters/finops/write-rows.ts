import type { Fault, Result } from '../../core/fault/fault.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Row } from '../../core/record/row.ts';
import type { RowWrite, RowWriteResult } from '../../ports/record-store.ts';
import { latestStart } from '../http/batch-sender.ts';
import { parseObject } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import type { BatchItem } from '../http/multipart-batch.ts';
import { rowsByKey } from '../http/rows-by-key.ts';
import type { FinopsApi } from './finops-api.ts';
import { finopsFault } from './finops-faults.ts';
import { readByKeys, readsByKeys, rowsOfAnswer } from './row-queries.ts';
import { type ReadPlan, readRow, unknownField } from './row-reading.ts';
import { writeRequest } from './write-requests.ts';

export interface WriteScope {
  api: FinopsApi;
  plan: ReadPlan;
  /** Whether the environment refuses a write whose `If-Match` is stale; else etags are compared just before. */
  honoursIfMatch: boolean;
}

/** A write on its way. An update is `sent` until a read tells what the row holds now. */
interface Pending {
  write: RowWrite;
  item: BatchItem | null;
  state: 'unsent' | 'sent' | 'ended';
  result: RowWriteResult | null;
}

const DELETED: RowWriteResult = { kind: 'done', rowId: null, address: null, version: null, values: null };

/**
 * Writes rows in one call. Each write is a change set of its own, so that none fails with another, and reads of the
 * updated rows follow in the same batch, because F&O answers an update with nothing. A server that stops its batch at
 * the first failure is sent the rest again.
 */
export async function writeRows(scope: WriteScope, writes: readonly RowWrite[]): Promise<RowWriteResult[]> {
  const all = writes.map((write) => prepare(scope, write));
  if (!scope.honoursIfMatch) await compareFirst(scope, all);
  // Each round answers at least one write, or it is the last.
  for (let round = 0; round <= writes.length; round += 1) {
    if (all.every((each) => each.state === 'ended') || !(await sendRound(scope, all))) break;
  }
  await recogniseDuplicates(scope, all);
  return all.map((each) => each.result ?? outcomeWithoutRow(each.write));
}

function prepare(scope: WriteScope, write: RowWrite): Pending {
  const request = writeRequest(scope.api, scope.plan, write);
  if (request === null || typeof request === 'string') {
    const fault = request === null ? unaddressable(scope, write) : unknownField(scope.plan.entity, request);
    return { write, item: null, state: 'ended', result: failed(fault) };
  }
  return { write, item: { changeset: [request] }, state: 'unsent', result: null };
}

/** Sends what is unsent, and reads what was updated. True when the server stopped before the end of the batch. */
async function sendRound(scope: WriteScope, all: readonly Pending[]): Promise<boolean> {
  const sent = all.filter((each) => each.state === 'unsent');
  const updated = all.filter(({ write, state }) => write.operation === 'update' && state !== 'ended');
  const reads = readsByKeys(
    scope.api,
    scope.plan,
    updated.map(({ write }) => write.key),
  );
  const items = [...sent.flatMap(({ item }) => item ?? []), ...reads];
  const answers = await scope.api.send(items, true, latestStart(sent.map(({ write }) => write)));
  const skipped = skippedOf(answers);
  for (const [index, each] of sent.entries()) {
    const answer = answers[index];
    if (answer === undefined || skipped.has(index)) continue;
    if (answer.ok) settle(scope, each, answer.value);
    else end(each, failed(answer.fault));
  }
  takeRows(scope, updated, answers.slice(sent.length));
  return skipped.size > 0;
}

/** Where a batch stopped, the last answer is the failure that it stopped at: what follows was not carried out. */
function skippedOf(answers: readonly Result<HttpResponse>[]): Set<number> {
  const skipped = new Set<number>();
  let last = 0;
  for (const [index, answer] of answers.entries()) {
    const status = answer.ok ? answer.value.status : null;
    if (status === 0 && last >= 400) skipped.add(index);
    else last = status ?? 0;
  }
  return skipped;
}

function settle(scope: WriteScope, each: Pending, answer: HttpResponse): void {
  const { write } = each;
  if (answer.status >= 200 && answer.status < 300) {
    if (write.operation === 'update') each.state = 'sent';
    else end(each, write.operation === 'delete' ? DELETED : insertedRow(scope, write, answer));
    return;
  }
  const what = `the ${write.operation} of ${scope.plan.entity.entitySet} ${write.key}`;
  const fault = finopsFault(answer, { operation: write.operation, what });
  end(each, write.operation === 'delete' && fault.class === 'gone' ? DELETED : failed(fault));
}

function insertedRow(scope: WriteScope, write: RowWrite, answer: HttpResponse): RowWriteResult {
  const row = readRow(scope.plan, parseObject(answer.text));
  return row.ok && row.value.version !== '' ? outcome(row.value) : outcomeWithoutRow(write);
}

function takeRows(scope: WriteScope, updated: readonly Pending[], answers: readonly Result<HttpResponse>[]): void {
  const rows = answers.flatMap((answer) => {
    const read = answer.ok ? rowsOfAnswer(scope.plan, answer.value) : answer;
    return read.ok ? read.value : [];
  });
  const byKey = rowsByKey(scope.plan.map, 'finops', rows, new Set(updated.map(({ write }) => write.key)));
  for (const each of updated) {
    const row = byKey.get(each.write.key);
    if (each.state === 'sent' && row !== undefined) end(each, outcome(row));
  }
}

function end(each: Pending, result: RowWriteResult): void {
  each.state = 'ended';
  each.result = result;
}

function outcome({ id, address, version, values }: Row): RowWriteResult {
  return { kind: 'done', rowId: id, address, version, values };
}

function outcomeWithoutRow({ rowId, address }: RowWrite): RowWriteResult {
  return { kind: 'done', rowId, address, version: null, values: null };
}

function failed(fault: Fault): RowWriteResult {
  return { kind: 'failed', fault };
}

/** Stands in for the condition where the server does not look at it; a change in between is still lost. */
async function compareFirst(scope: WriteScope, all: readonly Pending[]): Promise<void> {
  const conditional = all.filter(({ write, state }) => state === 'unsent' && write.ifMatch !== null);
  if (conditional.length === 0) return;
  const rows = await readByKeys(
    scope.api,
    scope.plan,
    conditional.map(({ write }) => write.key),
  );
  for (const each of conditional) {
    if (!rows.ok) {
      end(each, failed(rows.fault));
      continue;
    }
    const result = comparison(scope, each.write, rows.value.get(each.write.key));
    if (result !== null) end(each, result);
  }
}

function comparison(scope: WriteScope, write: RowWrite, row: Row | undefined): RowWriteResult | null {
  const name = `${scope.plan.entity.entitySet} ${write.key}`;
  if (row === undefined && write.operation === 'delete') return DELETED;
  if (row === undefined) return failed({ code: 'TW203', class: 'gone', message: `The row ${name} is gone.` });
  if (row.version === write.ifMatch) return null;
  return failed({ code: 'TW201', class: 'stale', message: `The row ${name} changed since it was read.` });
}

/**
 * That a record exists already is told in the user's language only. A refused insert whose key is there is taken for
 * one, whatever the words.
 */
async function recogniseDuplicates(scope: WriteScope, all: readonly Pending[]): Promise<void> {
  const refused = all.filter(
    ({ write, result }) =>
      write.operation === 'insert' && result?.kind === 'failed' && result.fault.class === 'business',
  );
  if (refused.length === 0) return;
  const keys: RecordKey[] = refused.map(({ write }) => write.key);
  const rows = await readByKeys(scope.api, scope.plan, keys);
  for (const each of refused) {
    if (!rows.ok || !rows.value.has(each.write.key) || each.result?.kind !== 'failed') continue;
    each.result = failed({ ...each.result.fault, code: 'TW202', class: 'exists' });
  }
}

function unaddressable(scope: WriteScope, write: RowWrite): Fault {
  const message = `The row ${scope.plan.entity.entitySet} ${write.key} has no known address. It is read again.`;
  return { code: 'TW203', class: 'gone', message };
}
