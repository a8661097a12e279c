import type { SimResponse } from '../exchange.ts';
import { demandPrivilege, type Engine, type EntityRequest } from './engine.ts';
import { representation } from './entity-reads.ts';
import { parseJsonObject } from './json-body.ts';
import { emptyResponse, jsonResponse } from './json-response.ts';
import {
  findRow,
  missingRow,
  type ResourceAddress,
  type RowKey,
  refuseForbiddenCharacters,
  requireRow,
} from './row-address.ts';
import { etagOf } from './row-shape.ts';
import { createRow, deleteRow, updateRow } from './row-writes.ts';
import type { Values } from './stored-value.ts';
import type { Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';
import { readBody } from './write-body.ts';

/** POST on a set: 204 with `OData-EntityId`, or 201 with the row when asked for. */
export function postRow(engine: Engine, request: EntityRequest, table: Table): SimResponse {
  demandPrivilege(engine, request.context, table, 'Create');
  const body = parseJsonObject(request.body);
  const row = engine.transact(() => {
    const values = readBody({ ...engine, ...request }, table, body, true);
    return createRow(engine.writes, table, values, request.context);
  });
  return written(engine, request, table, row.id, { created: true, address: rowAddress(table, row.id) });
}

/**
 * PATCH on a row: an upsert, unless `If-Match` (update only) or `If-None-Match: *` (insert only) says otherwise
 * ("Perform conditional operations using the Web API").
 */
export function patchRow(engine: Engine, request: EntityRequest, address: ResourceAddress): SimResponse {
  const { table, key } = address;
  if (key === undefined || address.rest.length > 0) throw methodNotAllowed(request);
  refuseForbiddenCharacters(key);
  const body = parseJsonObject(request.body);
  const { row, created } = engine.transact(() => {
    const found = findRow(engine.store, table, key);
    if (found !== undefined && request.headers['if-none-match'] === '*') {
      throw webFault(412, faultCodes.duplicateRecord, 'A record with matching key values already exists.');
    }
    checkMatch(request, table, key, found);
    demandPrivilege(engine, request.context, table, found === undefined ? 'Create' : 'Write');
    const values = readBody({ ...engine, ...request }, table, body, found === undefined);
    const written = upsertRow(engine, request, table, key, found, values);
    return { row: written, created: found === undefined };
  });
  const addressText = key.kind === 'id' ? rowAddress(table, row.id) : `${table.metadata.entitySetName}(${key.text})`;
  return written(engine, request, table, row.id, { created, address: addressText });
}

/**
 * The upsert rule of standard tables ("Use Upsert to create or update a record"): a row that is there ignores
 * key values in the body, a new row takes them from the body first and from the address otherwise.
 */
export function upsertRow(
  engine: Engine,
  request: EntityRequest,
  table: Table,
  key: RowKey,
  found: Row | undefined,
  values: Values,
): Row {
  if (found === undefined) {
    const keyValues = key.kind === 'id' ? { [table.metadata.primaryIdAttribute]: key.id } : key.values;
    return createRow(engine.writes, table, { ...keyValues, ...values }, request.context);
  }
  const changes = { ...values };
  if (key.kind === 'alternate') for (const column of key.key.columns) delete changes[column];
  return updateRow(engine.writes, table, found, changes, request.context);
}

/** DELETE on a row, or on one of its columns (which clears it). */
export function removeRow(engine: Engine, request: EntityRequest, address: ResourceAddress): SimResponse {
  const { table, key, rest } = address;
  if (key === undefined) throw methodNotAllowed(request);
  refuseForbiddenCharacters(key);
  const [column] = rest;
  if (column !== undefined) return writeColumn(engine, request, address, column, null);
  demandPrivilege(engine, request.context, table, 'Delete');
  engine.transact(() => {
    const row = requireRow(engine.store, table, key);
    checkMatch(request, table, key, row);
    deleteRow(engine.writes, table, row, request.context);
  });
  return emptyResponse(204);
}

/** PUT on one column: `{"value": …}`; not for lookups. */
export function putColumn(engine: Engine, request: EntityRequest, address: ResourceAddress): SimResponse {
  const [column] = address.rest;
  if (column === undefined || address.rest.length > 1) throw methodNotAllowed(request);
  const body = parseJsonObject(request.body);
  if (!('value' in body)) throw badRequest("The payload needs a property named 'value'.");
  return writeColumn(engine, request, address, column, body['value'] ?? null);
}

function writeColumn(
  engine: Engine,
  request: EntityRequest,
  address: ResourceAddress,
  column: string,
  value: Parameters<typeof readBody>[2][string],
): SimResponse {
  const { table, key } = address;
  if (key === undefined || table.columns.get(column)?.type === 'Lookup') throw methodNotAllowed(request);
  demandPrivilege(engine, request.context, table, 'Write');
  engine.transact(() => {
    const row = requireRow(engine.store, table, key);
    const values = readBody({ ...engine, ...request }, table, { [column]: value }, false);
    updateRow(engine.writes, table, row, values, request.context);
  });
  return emptyResponse(204);
}

function checkMatch(request: EntityRequest, table: Table, key: RowKey, row: Row | undefined): void {
  const wanted = request.headers['if-match'];
  if (wanted === undefined) return;
  if (row === undefined) throw missingRow(table, key);
  if (wanted === '*') return;
  if (!table.metadata.optimisticConcurrency) {
    throw webFault(
      400,
      faultCodes.optimisticConcurrencyNotEnabled,
      `Optimistic concurrency isn't enabled for entity type ${table.metadata.logicalName}. The IfVersionMatches value of ConcurrencyBehavior can only be used if optimistic concurrency is enabled.`,
    );
  }
  if (wanted === etagOf(row)) return;
  throw webFault(
    412,
    faultCodes.concurrencyVersionMismatch,
    "The version of the existing record doesn't match the RowVersion property provided.",
  );
}

function written(
  engine: Engine,
  request: EntityRequest,
  table: Table,
  id: string,
  outcome: { created: boolean; address: string },
): SimResponse {
  const headers = { 'odata-entityid': `${request.context.serviceRoot}${encodeURI(outcome.address)}` };
  if (!request.context.preferences.returnRepresentation) return emptyResponse(204, headers);
  return jsonResponse(outcome.created ? 201 : 200, representation(engine, request, table, id), {
    ...headers,
    'preference-applied': 'return=representation',
  });
}

function rowAddress(table: Table, id: string): string {
  return `${table.metadata.entitySetName}(${id})`;
}

/** The 405 of a method that the resource does not know. */
export function methodNotAllowed(request: EntityRequest): Error {
  return webFault(
    405,
    faultCodes.badRequest,
    `The requested resource '${request.address}' does not support http method '${request.method}'.`,
  );
}
