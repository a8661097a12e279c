import type { CanonicalValue, Values } from '../../core/record/canonical-value.ts';
import type { ColumnType } from '../../core/record/column-type.ts';
import { exactNumber } from '../http/exact-json.ts';
import { columnOf, type DataverseTable, type Tables } from './dataverse-table.ts';
import type { Candidate } from './lookup-binding.ts';

/** A lookup made ready to write: bound to a row, or cleared. */
export interface BoundLookup {
  path: string;
  clear: readonly string[];
  target: { candidate: Candidate; id: string } | null;
}

/** The JSON body of a write, or the column that the table does not have. */
export type RowBody = { ok: true; text: string } | { ok: false; column: string };

/**
 * Writes canonical values as the Web API takes them ("Create a table row using the Web API"): by logical name and
 * type, numbers with all their digits, lookups as a bind of their navigation property.
 */
export function rowBody(
  tables: Tables,
  table: DataverseTable,
  values: Values,
  lookups: readonly BoundLookup[],
  id: string | null,
): RowBody {
  const body: Record<string, unknown> = id === null ? {} : { [table.primaryId]: id };
  for (const [name, value] of Object.entries(values)) {
    if (name.includes('.')) continue;
    const member = plainMember(tables, table, name, value);
    if (member === null) return { ok: false, column: name };
    body[member[0]] = member[1];
  }
  for (const lookup of lookups) Object.assign(body, lookupMembers(lookup));
  return { ok: true, text: JSON.stringify(body) };
}

/** A column that is no path; a lookup among them holds the id of its row. */
function plainMember(
  tables: Tables,
  table: DataverseTable,
  name: string,
  value: CanonicalValue,
): [string, unknown] | null {
  const column = columnOf(table, name);
  if (column === undefined) return null;
  const [target] = column.targets;
  if (target === undefined) return [column.logicalName, wireValue(value, column.type)];
  const bind = `${target.navigation}@odata.bind`;
  const set = tables.get(target.table)?.entitySetName;
  if (value === null) return [bind, null];
  return set === undefined ? null : [bind, `/${set}(${value})`];
}

function lookupMembers({ clear, target }: BoundLookup): Record<string, string | null> {
  const members = clear.map((navigation) => [`${navigation}@odata.bind`, null] as const);
  if (target === null) return Object.fromEntries(members);
  const { table, navigation } = target.candidate;
  return { [`${navigation}@odata.bind`]: `/${table.entitySetName}(${target.id})` };
}

function wireValue(value: CanonicalValue, type: ColumnType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'boolean':
      return value === 'true';
    case 'integer':
    case 'decimal':
    case 'option':
      return exactNumber(value);
    case 'text':
    case 'instant':
    case 'date':
    case 'guid':
    case 'enum':
    case 'options':
      return value;
  }
}
