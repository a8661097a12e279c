import type { RowStore } from './row-store.ts';
import { isReference, type StoredValue } from './stored-value.ts';
import {
  type ColumnMetadata,
  type ColumnType,
  lookupColumnOfValueName,
  type Schema,
  type Table,
} from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest } from './web-fault.ts';

/** How values of a column compare. */
export type Family = 'text' | 'number' | 'boolean' | 'guid' | 'date';

/** A resolved column path: reads its value from a row of the table the query is on. */
export interface ResolvedPath {
  column: ColumnMetadata;
  family: Family;
  /** The table the path ends on; another than the queried one when the path has hops. */
  table: Table;
  hops: number;
  read(row: Row): StoredValue;
}

const families: Record<ColumnType, Family> = {
  String: 'text',
  Memo: 'text',
  MultiSelectPicklist: 'text',
  Uniqueidentifier: 'guid',
  Lookup: 'guid',
  Boolean: 'boolean',
  Integer: 'number',
  BigInt: 'number',
  Decimal: 'number',
  Double: 'number',
  Money: 'number',
  Picklist: 'number',
  State: 'number',
  Status: 'number',
  DateTime: 'date',
};

/** Resolves `name`, `_lookup_value` or `navigation/…/name`; throws 400 for a name the table does not have. */
export function resolvePath(schema: Schema, store: RowStore, table: Table, steps: readonly string[]): ResolvedPath {
  let current = table;
  const hops: { column: string; target: string }[] = [];
  for (const name of steps.slice(0, -1)) {
    const navigation = current.navigations.get(name);
    const next = navigation && schema.byName.get(navigation.target);
    if (navigation === undefined || next === undefined) throw unknownProperty(current, name);
    hops.push({ column: navigation.column.logicalName, target: navigation.target });
    current = next;
  }
  const column = selectableColumn(current, steps.at(-1) ?? '');
  const name = column.logicalName;
  const end = (row: Row): StoredValue => {
    const value = row.values[name] ?? null;
    return isReference(value) ? value.id : value;
  };
  const read = (row: Row): StoredValue => {
    let at: Row | undefined = row;
    for (const hop of hops) {
      const reference: StoredValue | undefined = at.values[hop.column];
      if (!isReference(reference) || reference.table !== hop.target) return null;
      at = store.get(reference.table, reference.id);
      if (at === undefined) return null;
    }
    return end(at);
  };
  return {
    column,
    family: families[column.type],
    table: current,
    hops: hops.length,
    read: hops.length === 0 ? end : read,
  };
}

/** The column that a name in `$select`, `$filter` or `$orderby` stands for; a lookup goes by `_name_value`. */
export function selectableColumn(table: Table, name: string): ColumnMetadata {
  const column = lookupColumnOfValueName(table, name) ?? table.columns.get(name);
  if (column === undefined || column.readable === false) throw unknownProperty(table, name);
  if (column.type === 'Lookup' && column.logicalName === name) throw unknownProperty(table, name);
  return column;
}

/** The refusal of a property that the table does not have. */
export function unknownProperty(table: Table, name: string): Error {
  return badRequest(
    `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${table.metadata.logicalName}'.`,
  );
}
