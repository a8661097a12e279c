import type { SimRequest, SimResponse } from '../exchange.ts';
import { type Caller, canSee, demandPrivilege, type FinopsUser } from './access.ts';
import { readQuery, renderRow } from './collection-query.ts';
import { parseExact } from './exact-json.ts';
import { conflictFault, methodFault, odataFault, routeFault, rowNotFoundFault } from './faults.ts';
import { emptyValue, type InputRules, type StoredValue } from './field-input.ts';
import { parseResourcePath, readKey, writeKey } from './key-segment.ts';
import type { Entity } from './metadata.ts';
import { entityOfSet } from './metadata.ts';
import { selectRows } from './row-selection.ts';
import { etagOf, keyOf, type StoredRow } from './row-store.ts';
import { type RowValues, readBody } from './row-validation.ts';
import { createRow, deleteRow, rowForUpdate, type Transaction, updateRow, type WriteWorld } from './row-writes.ts';

/** What the routes need of the simulator around them. */
export interface Service {
  world: WriteWorld;
  /** Public path of the simulator, for links in answers. */
  mountPath: string;
  userOf(request: SimRequest): FinopsUser;
}

const jsonHeaders = { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0' };

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): SimResponse {
  return { status, headers: { ...jsonHeaders, ...headers }, body: JSON.stringify(body) };
}

/** Absolute root of the service as the caller addressed it, ending in `/data/`. */
export function serviceRoot(service: Service, request: SimRequest): string {
  return `http://${request.headers['host'] ?? '127.0.0.1'}${service.mountPath}/data/`;
}

/** Parses a request body as a JSON object with exact numbers; throws a 400 fault when it is none. */
export function readJson(body: Buffer): unknown {
  try {
    return parseExact(body.toString('utf8'));
  } catch {
    throw odataFault('The request body is not valid JSON.');
  }
}

function callerOf(service: Service, request: SimRequest): Caller {
  const crossCompany = request.query.get('cross-company')?.toLowerCase() === 'true';
  return { user: service.userOf(request), crossCompany };
}

function rulesOf({ world }: Service): InputRules {
  return { enums: world.model.enums, switches: world.switches };
}

function nextLink(service: Service, request: SimRequest, offset: number, remaining: number | null): string {
  const { nextLink: form, nextLinkHost } = service.world.switches;
  const query = new URLSearchParams(request.query);
  query.delete('$skip');
  query.delete('$skiptoken');
  query.set(form === 'skip' ? '$skip' : '$skiptoken', String(offset));
  if (remaining !== null) {
    query.set('$top', String(remaining));
  }
  const host = nextLinkHost ?? request.headers['host'] ?? '127.0.0.1';
  return `http://${host}${service.mountPath}${request.path}?${query.toString().replaceAll('+', '%20')}`;
}

function readCollection(service: Service, request: SimRequest, entity: Entity): SimResponse {
  const { world } = service;
  const query = readQuery(request.query, entity, rulesOf(service), world.now());
  const { pageSize } = world.switches;
  const wanted = query.top ?? Number.POSITIVE_INFINITY;
  const end = query.skip + Math.min(wanted, pageSize);
  const { rows, total } = selectRows(world.store, entity, query, callerOf(service, request), end);
  const page = rows.slice(query.skip);
  const body: Record<string, unknown> = {
    '@odata.context': `${serviceRoot(service, request)}$metadata#${entity.metadata.entitySetName}`,
  };
  if (query.count) {
    body['@odata.count'] = total;
  }
  body['value'] = page.map((row) => renderRow(entity, row, query.select));
  if (page.length < Math.min(wanted, total - query.skip)) {
    const remaining = query.top === null ? null : query.top - page.length;
    body['@odata.nextLink'] = nextLink(service, request, query.skip + page.length, remaining);
  }
  return jsonResponse(200, body);
}

function countCollection(service: Service, request: SimRequest, entity: Entity): SimResponse {
  const query = readQuery(request.query, entity, rulesOf(service), service.world.now());
  const { total } = selectRows(service.world.store, entity, query, callerOf(service, request), 0);
  return { status: 200, headers: { 'content-type': 'text/plain', 'odata-version': '4.0' }, body: String(total) };
}

function renderSingle(
  service: Service,
  request: SimRequest,
  entity: Entity,
  row: StoredRow,
  select: ReadonlySet<string> | null,
): Record<string, unknown> {
  const context = `${serviceRoot(service, request)}$metadata#${entity.metadata.entitySetName}/$entity`;
  return { '@odata.context': context, ...renderRow(entity, row, select) };
}

function readSingle(service: Service, request: SimRequest, entity: Entity, key: StoredValue[]): SimResponse {
  const query = readQuery(request.query, entity, rulesOf(service), service.world.now());
  const row = service.world.store.find(entity, key);
  if (row === undefined || !canSee(callerOf(service, request), entity, row)) {
    throw rowNotFoundFault(entity.metadata.entitySetName);
  }
  return jsonResponse(200, renderSingle(service, request, entity, row, query.select), { etag: etagOf(row) });
}

function createFromBody(service: Service, request: SimRequest, entity: Entity, transaction: Transaction): SimResponse {
  const given = readBody(entity, readJson(request.body), rulesOf(service));
  const row = createRow(service.world, transaction, entity, given, service.userOf(request));
  const location = `${serviceRoot(service, request)}${entity.metadata.entitySetName}(${writeKey(keyOf(entity, row.values), entity)})`;
  return jsonResponse(201, renderSingle(service, request, entity, row, null), { etag: etagOf(row), location });
}

function demandMatch(request: SimRequest, row: StoredRow, world: WriteWorld): void {
  const given = request.headers['if-match'];
  if (given === undefined || given === '*' || given === etagOf(row)) {
    return;
  }
  switch (world.switches.ifMatch) {
    case 'precondition-412':
      throw conflictFault(412);
    case 'conflict-400':
      throw conflictFault(400);
    case 'conflict-500':
      throw conflictFault(500);
    case 'ignored':
      return;
  }
}

function replacing(service: Service, entity: Entity, given: RowValues): RowValues {
  const reset: RowValues = {};
  for (const field of entity.metadata.fields) {
    if (field.isKey !== true && field.allowEdit !== false) {
      reset[field.name] = emptyValue(field, rulesOf(service));
    }
  }
  return { ...reset, ...given };
}

function writeByKey(
  service: Service,
  request: SimRequest,
  entity: Entity,
  key: StoredValue[],
  transaction: Transaction,
): SimResponse {
  const { world } = service;
  const caller = callerOf(service, request);
  const given = request.method === 'DELETE' ? {} : readBody(entity, readJson(request.body), rulesOf(service));
  const row = rowForUpdate(world, entity, key, caller);
  demandMatch(request, row, world);
  if (request.method === 'DELETE') {
    deleteRow(world, transaction, entity, row, caller.user);
  } else {
    const replaces = request.method === 'PUT' && world.switches.put === 'replace';
    updateRow(world, transaction, entity, row, replaces ? replacing(service, entity, given) : given, caller.user);
  }
  return { status: 204, headers: { 'odata-version': '4.0' }, body: '' };
}

function handleCollection(
  service: Service,
  request: SimRequest,
  entity: Entity,
  rest: string,
  transaction: Transaction,
): SimResponse {
  if (request.method === 'GET') {
    demandPrivilege(service.userOf(request), entity, 'read');
    return rest === '$count' ? countCollection(service, request, entity) : readCollection(service, request, entity);
  }
  if (request.method === 'POST' && rest === '' && entity.metadata.isReadOnly !== true) {
    return createFromBody(service, request, entity, transaction);
  }
  throw methodFault(request.method);
}

function handleRow(
  service: Service,
  request: SimRequest,
  entity: Entity,
  keyText: string,
  transaction: Transaction,
): SimResponse {
  const key = readKey(keyText, entity, rulesOf(service));
  if (request.method === 'GET') {
    demandPrivilege(service.userOf(request), entity, 'read');
    return readSingle(service, request, entity, key);
  }
  if (['PATCH', 'PUT', 'DELETE'].includes(request.method) && entity.metadata.isReadOnly !== true) {
    return writeByKey(service, request, entity, key, transaction);
  }
  throw methodFault(request.method);
}

/** Serves `/data/<Set>` and `/data/<Set>(key)`; throws faults, and leaves committing to the caller. */
export function handleEntity(service: Service, request: SimRequest, transaction: Transaction): SimResponse {
  const { set, keyText, rest } = parseResourcePath(request.path.replace(/^\/data\//, ''));
  const entity = entityOfSet(service.world.model, set);
  if (entity === undefined || (rest !== '' && (rest !== '$count' || keyText !== null))) {
    throw routeFault(`${serviceRoot(service, request)}${request.path.slice('/data/'.length)}`);
  }
  return keyText === null
    ? handleCollection(service, request, entity, rest, transaction)
    : handleRow(service, request, entity, keyText, transaction);
}
