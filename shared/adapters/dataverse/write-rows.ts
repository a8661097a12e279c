import { type Fault, success } from '../../core/fault/fault.ts';
import type { CompiledMap } from '../../core/map/compiled-map.ts';
import type { Values } from '../../core/record/canonical-value.ts';
import { recordKeyParts } from '../../core/record/record-key.ts';
import type { RowWrite, RowWriteResult } from '../../ports/record-store.ts';
import { latestStart } from '../http/batch-sender.ts';
import { parseObject } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import type { BatchItem } from '../http/multipart-batch.ts';
import { completeValues } from './complete-values.ts';
import type { DataverseApi } from './dataverse-api.ts';
import { dataverseFault, errorOf } from './dataverse-faults.ts';
import { type Binding, bindingsOf, isOwnRow } from './lookup-binding.ts';
import type { LookupResolver } from './lookup-resolver.ts';
import { type BoundLookup, rowBody } from './row-body.ts';
import type { ReadPlan } from './row-queries.ts';
import { reopenedUpdate, selfReferringInsert, writeRequest } from './write-requests.ts';

export interface WriteScope {
  api: DataverseApi;
  plan: ReadPlan;
  map: CompiledMap;
  resolver: LookupResolver;
  tag: (rowId: string) => string;
}

/** A write on its way. */
interface Pending {
  write: RowWrite;
  values: Values;
  bindings: readonly Binding[];
  lookups: readonly BoundLookup[];
  result: RowWriteResult | null;
}

/**
 * Writes rows in one call, lookups resolved before in one more where they are not known yet. A row refused because a
 * remembered lookup leads nowhere any more is resolved and sent once again: the refusal left it untouched.
 */
export async function writeRows(scope: WriteScope, writes: readonly RowWrite[]): Promise<RowWriteResult[]> {
  const complete = await completeValues(scope, writes);
  const pending = writes.map((write, index): Pending => {
    const values = complete[index] ?? write.values;
    const bindings =
      write.operation === 'delete'
        ? []
        : bindingsOf(scope.plan.tables, scope.plan.table, values, companyOf(scope.map, write));
    return { write, values, bindings, lookups: [], result: null };
  });
  const misled = await sendRound(scope, pending);
  if (misled.length > 0) await sendRound(scope, misled);
  return pending.map(({ write, result }) => result ?? failed(missingReference(write, null)));
}

/** Sends the writes; gives back those that a remembered lookup misled, with the lookup forgotten. */
async function sendRound(scope: WriteScope, round: readonly Pending[]): Promise<Pending[]> {
  const candidates = round.flatMap(({ bindings }) => bindings.flatMap((binding) => binding.candidates));
  const fault = await scope.resolver.resolve(scope.plan.tables, candidates);
  const sent: Pending[] = [];
  const requests: BatchItem[] = [];
  for (const each of round) {
    const request = prepare(scope, each, fault);
    if (request === null) continue;
    sent.push(each);
    requests.push(request);
  }
  const answers = await scope.api.write(requests, latestStart(sent.map(({ write }) => write)));
  const misled: Pending[] = [];
  for (const [index, each] of sent.entries()) {
    const answer = answers[index] ?? success({ status: 0, headers: {}, text: '' });
    each.result = answer.ok ? resultOf(scope, each, answer.value) : failed(answer.fault);
    if (answer.ok && forgetMisleading(scope, each, answer.value)) misled.push(each);
  }
  return misled;
}

/** The request of a write; null where it cannot be sent, with the reason as its result. */
function prepare(scope: WriteScope, each: Pending, fault: Fault | null): BatchItem | null {
  const { write, values } = each;
  const lookups: BoundLookup[] = [];
  for (const binding of each.bindings) {
    const lookup = boundLookup(scope, each, binding);
    if (lookup === null) {
      each.result = failed(fault ?? missingReference(write, binding.path));
      return null;
    }
    lookups.push(lookup);
  }
  each.lookups = lookups;
  const { api, plan, tag } = scope;
  const mark = tag(write.rowId ?? '');
  if (write.operation === 'delete') return writeRequest(api, plan, write, null, mark);
  const inserted = write.operation === 'insert' ? write.rowId : null;
  const own = lookups.filter(({ target }) => inserted !== null && target?.id === inserted);
  const others = lookups.filter((lookup) => !own.includes(lookup));
  const body = rowBody(plan.tables, plan.table, withoutState(write, values), others, inserted);
  if (!body.ok) {
    each.result = failed(unknownColumn(plan.table.logicalName, body.column));
    return null;
  }
  const request = writeRequest(api, plan, write, body.text, mark);
  if (write.reopen !== undefined)
    return reopenedUpdate(request, stateBody(scope, write.reopen.before), stateBody(scope, write.reopen.after));
  const bound = rowBody(plan.tables, plan.table, {}, own, null);
  if (own.length === 0 || inserted === null || !bound.ok) return request;
  return selfReferringInsert(request, api, plan, inserted, bound.text);
}

/** Where a row is reopened to be edited, its state goes before or after the other values, never among them. */
function withoutState({ reopen }: RowWrite, values: Values): Values {
  const state = { ...reopen?.before, ...reopen?.after };
  return Object.fromEntries(Object.entries(values).filter(([column]) => !(column in state)));
}

function stateBody({ plan }: WriteScope, state: Values | null): string | null {
  if (state === null) return null;
  const body = rowBody(plan.tables, plan.table, state, [], null);
  return body.ok ? body.text : null;
}

/** The row that a lookup is bound to; null where there is none. A row being inserted may be its own target. */
function boundLookup(scope: WriteScope, each: Pending, { path, clear, candidates }: Binding): BoundLookup | null {
  if (clear.length > 0) return { path, clear, target: null };
  const { write, values } = each;
  const company = companyOf(scope.map, write);
  for (const candidate of candidates) {
    const own = write.operation === 'insert' && isOwnRow(candidate, scope.plan.table, values, company);
    const id = scope.resolver.idOf(candidate) ?? (own ? write.rowId : null);
    if (id !== null) return { path, clear, target: { candidate, id } };
  }
  return null;
}

function resultOf(scope: WriteScope, { write, lookups }: Pending, answer: HttpResponse): RowWriteResult {
  const { status } = answer;
  if (write.operation === 'delete' && (status === 204 || isGone(answer))) {
    return { kind: 'done', rowId: null, address: null, version: null, values: null };
  }
  if (status >= 200 && status < 300) {
    const row = scope.plan.projection.read(parseObject(answer.text));
    if (row.ok && row.value.id !== '') {
      const { id, address, version, values } = row.value;
      return { kind: 'done', rowId: id, address, version, values };
    }
    return { kind: 'done', rowId: write.rowId, address: write.address ?? write.rowId, version: null, values: null };
  }
  const misleading = misleadingLookup(write, lookups, answer);
  if (misleading !== undefined) return failed(missingReference(write, misleading.path));
  const what = `the ${write.operation} of ${scope.plan.table.logicalName} ${write.key}`;
  return failed(dataverseFault(answer, { writes: true, what }));
}

const GONE_CODES = new Set(['0x80040217', '0x80060891']);

function isGone(answer: HttpResponse): boolean {
  // A gateway's 404 says nothing about the row.
  return answer.status === 404 && GONE_CODES.has(errorOf(answer).code);
}

/**
 * The lookup that made the server answer that a row does not exist. The message names the missing row's id; an insert
 * addresses no row itself, so there it can only be a lookup.
 */
function misleadingLookup(
  write: RowWrite,
  lookups: readonly BoundLookup[],
  answer: HttpResponse,
): BoundLookup | undefined {
  const { code, message } = errorOf(answer);
  if (!GONE_CODES.has(code) || write.operation === 'delete') return undefined;
  const bound = lookups.filter(({ target }) => target !== null);
  const named = bound.find(({ target }) => message.toLowerCase().includes(target?.id ?? ''));
  return named ?? (write.operation === 'insert' ? bound[0] : undefined);
}

function forgetMisleading(scope: WriteScope, { write, lookups }: Pending, answer: HttpResponse): boolean {
  const misleading = misleadingLookup(write, lookups, answer);
  if (misleading?.target == null) return false;
  scope.resolver.forget(misleading.target.candidate);
  return true;
}

/** Targets with companies are looked for in the company of the row, which its values or else its key tell. */
function companyOf(map: CompiledMap, write: RowWrite): string | null {
  const { companyColumn, keyColumns } = map.sides.dataverse;
  if (companyColumn === null) return null;
  return write.values[companyColumn] ?? recordKeyParts(write.key)[keyColumns.indexOf(companyColumn)] ?? null;
}

function failed(fault: Fault): RowWriteResult {
  return { kind: 'failed', fault };
}

function missingReference(write: RowWrite, path: string | null): Fault {
  const value = path === null ? '' : ` "${write.values[path] ?? ''}"`;
  const message = `Dataverse has no row for ${path ?? 'a lookup'}${value} of ${write.key}. It is written once there is one.`;
  return { code: 'TW204', class: 'missing-reference', message, ...(path === null ? {} : { field: path }) };
}

function unknownColumn(table: string, column: string): Fault {
  const message = `The table ${table} has no column ${column}. Compare the map with the table's definition.`;
  return { code: 'TW106', class: 'configuration', message, field: column };
}
