import type { SimResponse } from '../exchange.ts';
import { demandPrivilege, type Engine, type EntityRequest } from './engine.ts';
import { jsonResponse } from './json-response.ts';
import { parseQueryOptions, type QueryOptions } from './query-options.ts';
import { rowShaper } from './row-shape.ts';
import { contextOf, linkWith, preferenceApplied } from './set-query.ts';
import type { Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';

const maxPage = 5000;

/** Everything after a row version, as far as one page series goes: up to the version at its start. */
interface DeltaRange {
  /** Undefined for the first read: all rows, no deletes. */
  since: number | undefined;
  until: number;
  offset: number;
}

interface DeltaEntry {
  row: Row | undefined;
  id: string;
}

/** True when the request asks for changes: by the preference, or by a link that an earlier answer gave. */
export function isDeltaRequest(request: EntityRequest): boolean {
  if (request.query.has('$deltatoken')) return true;
  return request.context.preferences.trackChanges || (request.query.get('$skiptoken') ?? '').startsWith('delta!');
}

/**
 * Answers a change-tracking query ("Use change tracking to synchronize data with external systems"): all rows
 * at first, then changed rows by version and deletes last; the last page carries the delta link.
 */
export function queryDelta(engine: Engine, request: EntityRequest, table: Table): SimResponse {
  demandPrivilege(engine, request.context, table, 'Read');
  const options = parseQueryOptions(request.query);
  refuseOptions(table, options);
  const { preferences, serviceRoot } = request.context;
  const range = readRange(engine, request, options);
  const entries = entriesOf(engine, table, range);
  const size = Math.min(preferences.maxPageSize ?? maxPage, maxPage);
  const page = entries.slice(range.offset, range.offset + size);
  const shape = rowShaper({ ...engine, preferences }, table, options.select, []);
  const context = `${serviceRoot}$metadata#${table.metadata.entitySetName}`;
  const body: Record<string, unknown> = {
    '@odata.context': `${contextOf(serviceRoot, table, options)}${range.since === undefined ? '' : '/$delta'}`,
    value: page.map(({ row, id }) =>
      row === undefined ? { '@odata.context': `${context}/$deletedEntity`, id, reason: 'deleted' } : shape(row),
    ),
  };
  const end = range.offset + size;
  if (end < entries.length) {
    const token = `delta!${range.since ?? 'all'}!${range.until}!${end}`;
    body['@odata.nextLink'] = linkWith(request, '$skiptoken', token);
  } else {
    body['@odata.deltaLink'] = linkWith(request, '$deltatoken', writeToken(range.until, request.context.now));
  }
  return jsonResponse(200, body, { 'preference-applied': 'odata.track-changes', ...preferenceApplied(request) });
}

/** Answers `…/$count?$deltatoken=`: the number of changes since the token. */
export function countDelta(engine: Engine, request: EntityRequest, table: Table): SimResponse {
  demandPrivilege(engine, request.context, table, 'Read');
  const range = readRange(engine, request, parseQueryOptions(request.query));
  const count = entriesOf(engine, table, range).length;
  return { status: 200, headers: { 'content-type': 'text/plain', 'odata-version': '4.0' }, body: String(count) };
}

function refuseOptions(table: Table, options: QueryOptions): void {
  const { logicalName, changeTracking } = table.metadata;
  if (!changeTracking) throw badRequest(`Change tracking is not enabled for entity '${logicalName}'.`);
  if (
    options.filter !== undefined ||
    options.orderBy.length > 0 ||
    options.expand.length > 0 ||
    options.top !== undefined
  ) {
    throw badRequest('The query options $filter, $orderby, $expand and $top are not supported with change tracking.');
  }
}

function readRange(engine: Engine, request: EntityRequest, options: QueryOptions): DeltaRange {
  const until = engine.store.currentVersion();
  if (options.deltaToken !== undefined) {
    return { since: readToken(engine, options.deltaToken, request.context.now), until, offset: 0 };
  }
  if (options.skipToken === undefined) return { since: undefined, until, offset: 0 };
  const match = /^delta!(all|\d+)!(\d+)!(\d+)$/.exec(options.skipToken);
  if (match === null) throw badRequest('Malformed paging token.');
  return {
    since: match[1] === 'all' ? undefined : Number(match[1]),
    until: Number(match[2]),
    offset: Number(match[3]),
  };
}

function entriesOf(engine: Engine, table: Table, range: DeltaRange): DeltaEntry[] {
  const since = range.since ?? 0;
  const name = table.metadata.logicalName;
  const rows = [...engine.store.rows(name).values()].filter((row) => row.version > since && row.version <= range.until);
  if (range.since === undefined) return rows.map((row) => ({ row, id: row.id }));
  rows.sort((a, b) => a.version - b.version);
  // A row that was made again under its old id is there, and is not reported as deleted.
  const gone = engine.store
    .tombstones(name)
    .filter(({ id, version }) => version > since && version <= range.until && engine.store.get(name, id) === undefined)
    .map(({ id }) => id);
  return [...rows.map((row) => ({ row, id: row.id })), ...[...new Set(gone)].map((id) => ({ row: undefined, id }))];
}

// As on the page: `919042!08/22/2017 08:10:44`.
function writeToken(version: number, nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return `${version}!${month}/${day}/${year} ${time}`;
}

function readToken(engine: Engine, token: string, nowMs: number): number {
  const match = /^(\d+)!(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})$/.exec(token);
  if (match === null) throw badRequest('The delta token is not valid.');
  const [, version, month, day, year, time] = match;
  if (nowMs - Date.parse(`${year}-${month}-${day}T${time}Z`) > engine.switches.deltaTokenLifeMs) {
    throw webFault(
      400,
      faultCodes.expiredVersionStamp,
      'Version stamp associated with the client has expired. Please perform a full sync.',
    );
  }
  return Number(version);
}
