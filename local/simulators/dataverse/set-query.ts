import type { SimResponse } from '../exchange.ts';
import { demandPrivilege, type Engine, type EntityRequest } from './engine.ts';
import { candidateIds, compileFilter, orderValues, type Predicate } from './filter-evaluation.ts';
import { parseFilter } from './filter-parser.ts';
import { resolvePath } from './filter-path.ts';
import { jsonResponse } from './json-response.ts';
import { parseQueryOptions, type QueryOptions } from './query-options.ts';
import { rowShaper } from './row-shape.ts';
import type { Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest } from './web-fault.ts';

const maxPage = 5000;

/** Answers a GET on an entity set: filter, order, top, expand, count and pages ("Page results using OData"). */
export function querySet(engine: Engine, request: EntityRequest, table: Table, restrict?: Predicate): SimResponse {
  demandPrivilege(engine, request.context, table, 'Read');
  const options = parseQueryOptions(request.query);
  const { preferences, serviceRoot } = request.context;
  const shape = rowShaper({ ...engine, preferences }, table, options.select, options.expand);
  const rows = orderedRows(engine, table, options, matchingRows(engine, request, table, options, restrict));
  const total = rows.length;
  // With $top the page size preference counts for nothing.
  const size = options.top ?? Math.min(preferences.maxPageSize ?? maxPage, maxPage);
  const cursor = readCursor(options);
  const start = startOf(rows, options, cursor);
  const page = rows.slice(start, start + size);
  const more = options.top === undefined && start + size < total;
  const body: Record<string, unknown> = { '@odata.context': contextOf(serviceRoot, table, options) };
  // The count stops at 5,000 ("Count number of rows").
  if (options.count) body['@odata.count'] = Math.min(total, maxPage);
  body['value'] = page.map(shape);
  const last = page.at(-1);
  if (more && last !== undefined) {
    const position = options.orderBy.length > 0 ? start + size : last.ordinal;
    body['@odata.nextLink'] = nextLink(request, (cursor?.page ?? 1) + 1, position);
  }
  return jsonResponse(200, body, preferenceApplied(request));
}

/** The `@odata.context` of rows of a table. */
export function contextOf(root: string, table: Table, options: Pick<QueryOptions, 'select'>, entity = false): string {
  const columns = options.select === undefined ? '' : `(${options.select.join(',')})`;
  return `${root}$metadata#${table.metadata.entitySetName}${columns}${entity ? '/$entity' : ''}`;
}

/** Tells the caller which page size was taken. */
export function preferenceApplied(request: EntityRequest): Record<string, string> {
  const size = request.context.preferences.maxPageSize;
  return size === undefined ? {} : { 'preference-applied': `odata.maxpagesize=${size}` };
}

/** Number of rows that match, as plain text ("/$count"). */
export function countSet(engine: Engine, request: EntityRequest, table: Table): SimResponse {
  demandPrivilege(engine, request.context, table, 'Read');
  const options = parseQueryOptions(request.query);
  const count = Math.min(matchingRows(engine, request, table, options, undefined).length, maxPage);
  return { status: 200, headers: { 'content-type': 'text/plain', 'odata-version': '4.0' }, body: String(count) };
}

function matchingRows(
  engine: Engine,
  request: EntityRequest,
  table: Table,
  options: QueryOptions,
  restrict: Predicate | undefined,
): Row[] {
  const all = engine.store.rows(table.metadata.logicalName);
  const restricted = (row: Row): boolean => restrict === undefined || restrict(row) === true;
  if (options.filter === undefined) return [...all.values()].filter(restricted);
  const scope = { schema: engine.schema, store: engine.store, table };
  const node = parseFilter(options.filter, request.query);
  const predicate = compileFilter(scope, node);
  const matches = (row: Row): boolean => predicate(row) === true && restricted(row);
  const ids = candidateIds(scope, node);
  if (ids === undefined) return [...all.values()].filter(matches);
  return [...ids]
    .flatMap((id) => all.get(id) ?? [])
    .filter(matches)
    .sort((a, b) => a.ordinal - b.ordinal);
}

function orderedRows(engine: Engine, table: Table, options: QueryOptions, rows: Row[]): Row[] {
  if (options.orderBy.length === 0) return rows;
  const orders = options.orderBy.map(({ path, descending }) => ({
    path: resolvePath(engine.schema, engine.store, table, path.split('/')),
    sign: descending ? -1 : 1,
  }));
  return rows.sort((a, b) => {
    for (const { path, sign } of orders) {
      const order = orderValues(path, a, b);
      if (order !== 0) return order * sign;
    }
    return a.ordinal - b.ordinal;
  });
}

function readCursor(options: QueryOptions): { page: number; position: number } | undefined {
  if (options.skipToken === undefined) return undefined;
  const match = /^<cookie pagenumber="(\d+)" pagingcookie="(\d+)"/.exec(options.skipToken);
  if (match === null) throw badRequest('Malformed XML in the Paging Cookie.');
  return { page: Number(match[1]), position: Number(match[2]) };
}

function startOf(rows: Row[], options: QueryOptions, cursor: { position: number } | undefined): number {
  if (cursor === undefined) return 0;
  if (options.orderBy.length > 0) return cursor.position;
  const found = rows.findIndex((row) => row.ordinal > cursor.position);
  return found < 0 ? rows.length : found;
}

function nextLink(request: EntityRequest, page: number, position: number): string {
  const cookie = `<cookie pagenumber="${page}" pagingcookie="${position}" istracking="False" />`;
  return linkWith(request, '$skiptoken', cookie);
}

/** The address of this request with one query option put in place of an older one of its name. */
export function linkWith(request: EntityRequest, name: string, value: string): string {
  const options = [...request.query].filter(([key]) => key !== '$skiptoken' && key !== '$deltatoken');
  const text = [...options, [name, value] as const]
    .map(([key, entry]) => `${key}=${encodeURIComponent(entry)}`)
    .join('&');
  return `${request.context.serviceRoot}${encodeURI(request.address)}?${text}`;
}
