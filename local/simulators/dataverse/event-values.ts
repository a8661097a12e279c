import { formattedText, nameOf } from './row-shape.ts';
import type { RowStore } from './row-store.ts';
import { isReference, type Reference, rawNumber, type StoredValue, type Values } from './stored-value.ts';
import type { ColumnMetadata, Schema, Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';

/** A member of the arrays that .NET writes for a dictionary. */
export interface KeyValue {
  key: string;
  value: unknown;
}

/** What writing event values needs of its surroundings. */
export interface EventValueScope {
  schema: Schema;
  store: RowStore;
  /** Offset in which the server writes dates of unspecified kind. */
  serverOffsetMinutes: number;
}

const contracts = 'http://schemas.microsoft.com/xrm/2011/Contracts';

/** `__type` of a data-contract object, first in it as the serialiser writes it. */
export function contractType(name: string): { __type: string } {
  return { __type: `${name}:${contracts}` };
}

/** An instant of UTC kind: `/Date(ms)/`. */
function utcDate(ms: number): string {
  return `/Date(${ms})/`;
}

/**
 * An instant of unspecified or local kind: `/Date(ms±hhmm)/`, where ms is the wall clock minus the offset
 * (DataContractJsonSerializer, "Dates/Times and JSON").
 */
export function offsetDate(wallMs: number, offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? '-' : '+';
  const total = Math.abs(offsetMinutes);
  const text = `${String(Math.floor(total / 60)).padStart(2, '0')}${String(total % 60).padStart(2, '0')}`;
  return `/Date(${wallMs - offsetMinutes * 60_000}${sign}${text})/`;
}

/** The columns of an event's Target; a cleared column is there with null. Names of lookups are not. */
export function targetAttributes(scope: EventValueScope, table: Table, values: Values): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: value === null ? null : eventValue(scope, table.columns.get(key), value, false),
  }));
}

/** An image: the registered columns as far as they hold a value, with the names of lookups. */
export function imageEntity(scope: EventValueScope, table: Table, row: Row, columns: readonly string[]): unknown {
  const attributes: KeyValue[] = [];
  const held: Values = {};
  for (const name of new Set([...columns, table.metadata.primaryIdAttribute])) {
    const value = row.values[name] ?? null;
    if (value === null) continue;
    held[name] = value;
    attributes.push({ key: name, value: eventValue(scope, table.columns.get(name), value, true) });
  }
  return entityMembers(table, row.id, attributes, formattedValues(scope, table, held));
}

/** The members of an Entity in alphabetical order, without `__type`. */
export function entityMembers(table: Table, id: string, attributes: KeyValue[], formatted: KeyValue[]): object {
  return {
    Attributes: attributes,
    EntityState: null,
    FormattedValues: formatted,
    Id: id,
    KeyAttributes: [],
    LogicalName: table.metadata.logicalName,
    RelatedEntities: [],
    RowVersion: null,
  };
}

/** The display texts that go with a set of values. */
export function formattedValues(scope: EventValueScope, table: Table, values: Values): KeyValue[] {
  const formatted: KeyValue[] = [];
  for (const [key, value] of Object.entries(values)) {
    const column = table.columns.get(key);
    const text = column && formattedText(scope, column, value);
    if (text !== undefined) formatted.push({ key, value: text });
  }
  return formatted;
}

/** An EntityReference; the one of `OwningExtension` carries no `__type`. */
export function entityReference(table: string, id: string, name: string | null): object {
  return { Id: id, KeyAttributes: [], LogicalName: table, Name: name, RowVersion: null };
}

function eventValue(
  scope: EventValueScope,
  column: ColumnMetadata | undefined,
  value: Exclude<StoredValue, null>,
  named: boolean,
): unknown {
  if (isReference(value)) return referenceValue(scope, value, named);
  switch (column?.type) {
    case 'Money':
      return { ...contractType('Money'), Value: rawNumber(String(value)) };
    case 'Decimal':
    case 'BigInt':
      return rawNumber(String(value));
    case 'Picklist':
    case 'State':
    case 'Status':
      return { ...contractType('OptionSetValue'), Value: value };
    case 'MultiSelectPicklist':
      return String(value)
        .split(',')
        .map((part) => ({ ...contractType('OptionSetValue'), Value: Number(part) }));
    case 'DateTime':
      return dateValue(scope, column, String(value));
    case 'String':
    case 'Memo':
    case 'Uniqueidentifier':
    case 'Boolean':
    case 'Integer':
    case 'Double':
    case 'Lookup':
    case undefined:
      return value;
  }
}

function referenceValue(scope: EventValueScope, value: Reference, named: boolean): object {
  const name = named ? (nameOf(scope, value.table, value.id) ?? null) : null;
  return { ...contractType('EntityReference'), ...entityReference(value.table, value.id, name) };
}

function dateValue(scope: EventValueScope, column: ColumnMetadata, text: string): string {
  const ms = Date.parse(text);
  const utcKind = (column.behavior ?? 'UserLocal') === 'UserLocal';
  return utcKind ? utcDate(ms) : offsetDate(ms, scope.serverOffsetMinutes);
}
