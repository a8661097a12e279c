import { selectableColumn, unknownProperty } from './filter-path.ts';
import type { Preferences } from './preferences.ts';
import type { ExpandItem } from './query-options.ts';
import type { RowStore } from './row-store.ts';
import { isReference, rawNumber, type StoredValue } from './stored-value.ts';
import { type ColumnMetadata, navigationName, type Schema, type Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';

/** What shaping needs of its surroundings. */
export interface ShapeScope {
  schema: Schema;
  store: RowStore;
  preferences: Preferences;
}

/** Turns rows of one table into the JSON objects of an answer. */
export type RowShaper = (row: Row) => Record<string, unknown>;

const crm = 'Microsoft.Dynamics.CRM';
const formattedValue = 'OData.Community.Display.V1.FormattedValue';

/** Prepares the shaping of one query: columns and expansions are checked once, 400 when one does not exist. */
export function rowShaper(
  scope: ShapeScope,
  table: Table,
  select: string[] | undefined,
  expand: ExpandItem[],
): RowShaper {
  const columns = selectedColumns(table, select);
  const expansions = expand.map((item) => expansion(scope, table, item));
  return (row) => {
    const shaped: Record<string, unknown> = { '@odata.etag': etagOf(row) };
    for (const column of columns) addColumn(scope, shaped, column, row.values[column.logicalName] ?? null);
    for (const [name, read] of expansions) shaped[name] = read(row);
    return shaped;
  };
}

/** The etag of a row: its row version in a weak etag. */
export function etagOf(row: Row): string {
  return `W/"${row.version}"`;
}

function selectedColumns(table: Table, select: string[] | undefined): ColumnMetadata[] {
  if (select === undefined) return table.metadata.columns.filter((column) => column.readable !== false);
  const columns = new Map<string, ColumnMetadata>();
  for (const name of select) {
    // A navigation property in $select reads the lookup behind it.
    const column = table.navigations.get(name)?.column ?? selectableColumn(table, name);
    columns.set(column.logicalName, column);
  }
  // The primary key is always part of the answer.
  const primary = table.columns.get(table.metadata.primaryIdAttribute);
  if (primary !== undefined) columns.set(primary.logicalName, primary);
  return [...columns.values()];
}

function expansion(scope: ShapeScope, table: Table, item: ExpandItem): [string, (row: Row) => unknown] {
  const navigation = table.navigations.get(item.navigation);
  const target = navigation && scope.schema.byName.get(navigation.target);
  if (navigation === undefined || target === undefined) throw unknownProperty(table, item.navigation);
  const shaper = rowShaper(scope, target, item.select, item.expand);
  const name = navigation.column.logicalName;
  const read = (row: Row): unknown => {
    const reference = row.values[name];
    if (!isReference(reference) || reference.table !== navigation.target) return null;
    const found = scope.store.get(reference.table, reference.id);
    return found === undefined ? null : shaper(found);
  };
  return [item.navigation, read];
}

function addColumn(
  scope: ShapeScope,
  shaped: Record<string, unknown>,
  column: ColumnMetadata,
  value: StoredValue,
): void {
  const { preferences } = scope;
  const name = column.type === 'Lookup' ? `_${column.logicalName}_value` : column.logicalName;
  const formatted = preferences.includes(formattedValue) ? formattedText(scope, column, value) : undefined;
  if (formatted !== undefined) shaped[`${name}@${formattedValue}`] = formatted;
  if (isReference(value)) {
    if (preferences.includes(`${crm}.associatednavigationproperty`)) {
      shaped[`${name}@${crm}.associatednavigationproperty`] = navigationName(column, value.table);
    }
    if (preferences.includes(`${crm}.lookuplogicalname`)) shaped[`${name}@${crm}.lookuplogicalname`] = value.table;
  }
  shaped[name] = jsonValue(column, value);
}

/** The JSON of a value; decimals and money keep the scale of the database types (10 and 4 places). */
function jsonValue(column: ColumnMetadata, value: StoredValue): unknown {
  if (value === null) return null;
  if (isReference(value)) return value.id;
  if (column.type === 'Decimal') return rawNumber(padScale(String(value), 10));
  if (column.type === 'Money') return rawNumber(padScale(String(value), 4));
  return column.type === 'BigInt' ? rawNumber(String(value)) : value;
}

function padScale(text: string, places: number): string {
  const [whole, fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(places, '0')}`;
}

/** The display text of a choice, a yes/no or a lookup, as annotations and images show it. */
export function formattedText(
  scope: Pick<ShapeScope, 'schema' | 'store'>,
  column: ColumnMetadata,
  value: StoredValue,
): string | undefined {
  if (value === null) return undefined;
  if (isReference(value)) return nameOf(scope, value.table, value.id);
  if (column.type === 'Boolean') return value === true ? 'Yes' : 'No';
  if (column.type === 'MultiSelectPicklist') {
    return String(value)
      .split(',')
      .map((part) => labelOf(column, Number(part)) ?? part)
      .join('; ');
  }
  return labelOf(column, value);
}

function labelOf(column: ColumnMetadata, value: StoredValue): string | undefined {
  return column.options?.find((option) => option.value === value)?.label;
}

/** The primary name of a row, if it has one. */
export function nameOf(scope: Pick<ShapeScope, 'schema' | 'store'>, table: string, id: string): string | undefined {
  const primaryName = scope.schema.byName.get(table)?.metadata.primaryNameAttribute;
  const value = primaryName ? scope.store.get(table, id)?.values[primaryName] : undefined;
  return typeof value === 'string' ? value : undefined;
}
