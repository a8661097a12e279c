import type { SimResponse } from '../exchange.ts';
import { countDelta, isDeltaRequest, queryDelta } from './delta-query.ts';
import { demandPrivilege, type Engine, type EntityRequest } from './engine.ts';
import { selectableColumn, unknownProperty } from './filter-path.ts';
import { emptyResponse, jsonResponse } from './json-response.ts';
import { parseQueryOptions } from './query-options.ts';
import { type ResourceAddress, refuseForbiddenCharacters, requireRow, unknownSegment } from './row-address.ts';
import { etagOf, rowShaper } from './row-shape.ts';
import { contextOf, countSet, querySet } from './set-query.ts';
import { isReference } from './stored-value.ts';
import type { Table } from './table-metadata.ts';

/** Answers a GET on a set, a row, one column of a row, or the rows that refer to it. */
export function readEntity(engine: Engine, request: EntityRequest, address: ResourceAddress): SimResponse {
  const { table, key, rest } = address;
  if (key !== undefined) return readRow(engine, request, address);
  if (rest.length === 0) {
    return isDeltaRequest(request) ? queryDelta(engine, request, table) : querySet(engine, request, table);
  }
  if (rest.length === 1 && rest[0] === '$count') {
    return isDeltaRequest(request) ? countDelta(engine, request, table) : countSet(engine, request, table);
  }
  throw unknownSegment(rest.join('/'));
}

/** One row as JSON with its context, as GET and `return=representation` give it. */
export function representation(
  engine: Engine,
  request: EntityRequest,
  table: Table,
  id: string,
): Record<string, unknown> {
  const options = parseQueryOptions(request.query);
  const row = requireRow(engine.store, table, { kind: 'id', id });
  const shape = rowShaper(
    { ...engine, preferences: request.context.preferences },
    table,
    options.select,
    options.expand,
  );
  return { '@odata.context': contextOf(request.context.serviceRoot, table, options, true), ...shape(row) };
}

function readRow(engine: Engine, request: EntityRequest, address: ResourceAddress): SimResponse {
  const { table, key, rest } = address;
  if (key === undefined) throw unknownSegment(request.address);
  demandPrivilege(engine, request.context, table, 'Read');
  refuseForbiddenCharacters(key);
  const row = requireRow(engine.store, table, key);
  const [segment] = rest;
  if (segment !== undefined) return readSegment(engine, request, table, row.id, segment);
  const etag = etagOf(row);
  // Conditional retrieval does not work together with $expand.
  if (request.headers['if-none-match'] === etag && !request.query.has('$expand')) return emptyResponse(304, { etag });
  return jsonResponse(200, representation(engine, request, table, row.id), { etag });
}

function readSegment(engine: Engine, request: EntityRequest, table: Table, id: string, segment: string): SimResponse {
  const collection = (engine.schema.referrers.get(table.metadata.logicalName) ?? []).find(
    ({ column }) => column.collection === segment,
  );
  if (collection !== undefined) {
    const name = collection.column.logicalName;
    return querySet(engine, request, collection.table, (row) => {
      const reference = row.values[name];
      return isReference(reference) && reference.id === id && reference.table === table.metadata.logicalName;
    });
  }
  if (!table.columns.has(segment)) throw unknownProperty(table, segment);
  const column = selectableColumn(table, segment);
  const { preferences, serviceRoot } = request.context;
  const row = requireRow(engine.store, table, { kind: 'id', id });
  const shaped = rowShaper({ ...engine, preferences }, table, [column.logicalName], [])(row);
  if (shaped[segment] === null) return emptyResponse(204);
  const context = `${serviceRoot}$metadata#${table.metadata.entitySetName}(${id})/${segment}`;
  return jsonResponse(200, { '@odata.context': context, value: shaped[segment] });
}
