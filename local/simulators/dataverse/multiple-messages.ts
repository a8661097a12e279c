import type { SimResponse } from '../exchange.ts';
import { demandPrivilege, type Engine, type EntityRequest } from './engine.ts';
import { upsertRow } from './entity-writes.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-body.ts';
import { emptyResponse, jsonResponse } from './json-response.ts';
import { findRow, parseAddress, type RowKey, requireRow } from './row-address.ts';
import { createRow, updateRow } from './row-writes.ts';
import { isGuid } from './stored-value.ts';
import type { Table } from './table-metadata.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';
import { readBody } from './write-body.ts';

const prefix = 'Microsoft.Dynamics.CRM.';

/** True for the address segment of a bulk message. */
export function isMultipleMessage(segment: string): boolean {
  return segment.startsWith(prefix) && segment.endsWith('Multiple');
}

/**
 * CreateMultiple, UpdateMultiple and UpsertMultiple of standard tables ("Use bulk operation messages"): all or
 * nothing; repeated rows are an error, except that UpdateMultiple applies the first one only.
 */
export function runMultiple(engine: Engine, request: EntityRequest, table: Table, segment: string): SimResponse {
  const { logicalName } = table.metadata;
  const message = segment.slice(prefix.length);
  if (message === 'DeleteMultiple') {
    throw webFault(
      501,
      faultCodes.invalidArgument,
      `DeleteMultiple has not yet been implemented for entity ${logicalName}.`,
    );
  }
  if (engine.switches.tablesWithoutMultiple.includes(logicalName)) {
    throw badRequest(`The '${message}' message is not supported for entity '${logicalName}'.`);
  }
  const targets = readTargets(table, request);
  switch (message) {
    case 'CreateMultiple': {
      demandPrivilege(engine, request.context, table, 'Create');
      const ids = engine.transact(() => targets.map((target) => createTarget(engine, request, table, target)));
      const context = `${request.context.serviceRoot}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse`;
      return jsonResponse(200, { '@odata.context': context, Ids: ids });
    }
    case 'UpdateMultiple':
      demandPrivilege(engine, request.context, table, 'Write');
      engine.transact(() => updateTargets(engine, request, table, targets));
      return emptyResponse(204);
    case 'UpsertMultiple':
      engine.transact(() => upsertTargets(engine, request, table, targets));
      return emptyResponse(204);
    default:
      throw webFault(404, faultCodes.notFoundSegment, `Resource not found for the segment '${segment}'.`);
  }
}

function readTargets(table: Table, request: EntityRequest): JsonObject[] {
  const targets = parseJsonObject(request.body)['Targets'];
  if (!Array.isArray(targets) || targets.length === 0) throw badRequest("The parameter 'Targets' must hold rows.");
  return targets.map((target) => {
    if (!isJsonObject(target)) throw badRequest("Every item of 'Targets' must be a row.");
    // The parameter is a collection of the abstract base type, so each row has to name its own.
    const type = target['@odata.type'];
    if (typeof type !== 'string' || type.replace(/^#/, '') !== `${prefix}${table.metadata.logicalName}`) {
      throw badRequest(`Every item of 'Targets' needs '@odata.type' ${prefix}${table.metadata.logicalName}.`);
    }
    return target;
  });
}

function createTarget(engine: Engine, request: EntityRequest, table: Table, target: JsonObject): string {
  const values = readBody({ ...engine, ...request }, table, target, true);
  return createRow(engine.writes, table, values, request.context).id;
}

function updateTargets(engine: Engine, request: EntityRequest, table: Table, targets: JsonObject[]): void {
  const seen = new Set<string>();
  for (const target of targets) {
    const row = requireRow(engine.store, table, targetKey(engine, request, table, target));
    // Later rows with the same key are ignored without a word.
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    updateRow(engine.writes, table, row, readBody({ ...engine, ...request }, table, target, false), request.context);
  }
}

function upsertTargets(engine: Engine, request: EntityRequest, table: Table, targets: JsonObject[]): void {
  const seen = new Set<string>();
  for (const target of targets) {
    const key = targetKey(engine, request, table, target);
    const found = findRow(engine.store, table, key);
    demandPrivilege(engine, request.context, table, found === undefined ? 'Create' : 'Write');
    const values = readBody({ ...engine, ...request }, table, target, found === undefined);
    if (found !== undefined && seen.has(found.id)) {
      throw webFault(412, faultCodes.duplicateRecord, 'Cannot insert duplicate key.');
    }
    seen.add(upsertRow(engine, request, table, key, found, values).id);
  }
}

function targetKey(engine: Engine, request: EntityRequest, table: Table, target: JsonObject): RowKey {
  const address = target['@odata.id'];
  if (typeof address === 'string') {
    const parsed = parseAddress(engine.schema, request.relative(address));
    if (parsed.table === table && parsed.key !== undefined) return parsed.key;
    throw badRequest(`'${address}' is not a row of '${table.metadata.entitySetName}'.`);
  }
  const id = target[table.metadata.primaryIdAttribute];
  if (typeof id === 'string' && isGuid(id)) return { kind: 'id', id: id.toLowerCase() };
  throw badRequest(`Every item of 'Targets' needs '${table.metadata.primaryIdAttribute}' or '@odata.id'.`);
}
