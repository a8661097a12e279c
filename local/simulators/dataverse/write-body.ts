import { cannotBeNull, convertValue } from './column-values.ts';
import { isJsonObject, type Json, type JsonObject } from './json-body.ts';
import { parseAddress, requireRow } from './row-address.ts';
import type { RowStore } from './row-store.ts';
import type { Reference, StoredValue, Values } from './stored-value.ts';
import {
  type ColumnMetadata,
  lookupColumnOfValueName,
  type Navigation,
  type Schema,
  type Table,
} from './table-metadata.ts';
import { badPayload, badRequest, webFault } from './web-fault.ts';

/** What reading a body needs of its surroundings. */
export interface BodyScope {
  schema: Schema;
  store: RowStore;
  /** Turns an absolute, rooted or relative address into a decoded one relative to the service root. */
  relative(address: string): string;
  /** Addresses made by earlier parts of the same change set: `1` for `$1`. */
  references: Map<string, string>;
}

/**
 * Reads the column values of a body ("Create a table row", "Associate and disassociate"): plain columns by
 * logical name, lookups by `navigation@odata.bind`. Columns the caller may not write are left out silently, as
 * the service does. Throws 400 for unknown names, wrong types and wrong navigation names, 404 for a missing target.
 */
export function readBody(scope: BodyScope, table: Table, body: JsonObject, forCreate: boolean): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('@odata.bind')) {
      const [column, reference] = bind(scope, table, name.slice(0, -'@odata.bind'.length), value);
      if (isWritable(column, forCreate)) values[column.logicalName] = reference;
      continue;
    }
    if (name.includes('@')) continue;
    const read = readProperty(table, name, value, forCreate);
    if (read !== undefined) values[read[0]] = read[1];
  }
  return values;
}

function readProperty(table: Table, name: string, value: Json, forCreate: boolean): [string, StoredValue] | undefined {
  const set = table.metadata.entitySetName;
  if (lookupColumnOfValueName(table, name) !== undefined) {
    throw badPayload(
      set,
      'Microsoft.Crm.CrmException: CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    );
  }
  const column = table.navigations.get(name)?.column ?? table.columns.get(name);
  if (column === undefined) {
    throw badPayload(
      set,
      `Microsoft.Crm.CrmException: Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${table.metadata.logicalName}'.`,
    );
  }
  if (column.type === 'Lookup') {
    if (isJsonObject(value)) throw webFault(501, '', 'Deep insert is not simulated.');
    if (value !== null) throw undeclared(table, name);
    return isWritable(column, forCreate) ? clearLookup(column) : undefined;
  }
  return isWritable(column, forCreate) ? [column.logicalName, convertValue(table, column, value)] : undefined;
}

function isWritable(column: ColumnMetadata, forCreate: boolean): boolean {
  return (forCreate ? column.validForCreate : column.validForUpdate) !== false;
}

function clearLookup(column: ColumnMetadata): [string, StoredValue] {
  if (column.required === 'SystemRequired') throw cannotBeNull(column);
  return [column.logicalName, null];
}

function bind(scope: BodyScope, table: Table, name: string, value: Json): [ColumnMetadata, Reference | null] {
  const navigation = table.navigations.get(name);
  if (navigation === undefined) throw undeclared(table, name);
  if (value === null) {
    clearLookup(navigation.column);
    return [navigation.column, null];
  }
  if (typeof value !== 'string') throw undeclared(table, name);
  return [navigation.column, resolveReference(scope, table, navigation, value)];
}

function resolveReference(scope: BodyScope, table: Table, navigation: Navigation, text: string): Reference {
  const address = parseAddress(scope.schema, scope.relative(substituteReference(scope.references, text)));
  const target = address.table.metadata.logicalName;
  // An owner is bound through one property whatever it is; every other property has one table.
  const allowed = sharesProperty(table, navigation) ? (navigation.column.targets ?? []) : [navigation.target];
  if (address.key === undefined || address.rest.length > 0 || !allowed.includes(target)) {
    throw badPayload(
      table.metadata.entitySetName,
      `Microsoft.OData.ODataException: The value '${text}' is not valid for the navigation property '${navigation.name}' of type '${navigation.target}'.`,
    );
  }
  return { table: target, id: requireRow(scope.store, address.table, address.key).id };
}

function sharesProperty(table: Table, navigation: Navigation): boolean {
  const { column } = navigation;
  return (
    (column.targets?.length ?? 0) > 1 &&
    column.navigations === undefined &&
    table.navigations.has(column.navigation ?? '')
  );
}

/** Puts the address made by part `n` in place of `$n`; 400 when no such part came before. */
export function substituteReference(references: Map<string, string>, text: string): string {
  const match = /^\/?\$([\w-]+)(.*)$/.exec(text);
  const id = match?.[1];
  if (id === undefined || id === 'batch' || id === 'metadata') return text;
  const address = references.get(id);
  if (address === undefined) {
    throw badRequest(`Content-ID Reference: '$${id}' does not exist in the batch context.`);
  }
  return `${address}${match?.[2] ?? ''}`;
}

function undeclared(table: Table, name: string): Error {
  return badPayload(
    table.metadata.entitySetName,
    `Microsoft.OData.ODataException: An undeclared property '${name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
  );
}
