import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../../core/record/canonical-value.ts';
import type { ColumnType } from '../../core/record/column-type.ts';
import { quoted } from '../http/service-address.ts';
import { type DataverseTable, routesOf, type Tables } from './dataverse-table.ts';

/**
 * `path eq value` as a term of `$filter`; null where the table does not have the path, or where no row can match
 * because the value is none of the column's type. One such value must not refuse a query for many rows.
 */
export function equalTerm(tables: Tables, table: DataverseTable, path: string, value: CanonicalValue): string | null {
  const route = routesOf(tables, table, path)[0];
  if (route === undefined) return null;
  const { column, navigations } = route;
  const text = literal(value, column.type);
  const own = column.targets.length > 0 ? `_${column.logicalName}_value` : column.logicalName;
  return text === null ? null : `${[...navigations, own].join('/')} eq ${text}`;
}

function literal(value: CanonicalValue, type: ColumnType): string | null {
  if (value === null) return 'null';
  try {
    const fitting = canonicalValue(value, type);
    return type.kind === 'text' || type.kind === 'options' ? quoted(value) : fitting;
  } catch (error) {
    if (error instanceof NotCanonicalError) return null;
    throw error;
  }
}

/** What one row is found by: a part that it shares with others, mostly the company, and its own. */
export interface Condition {
  shared: string;
  own: string;
}

/** A condition of all the terms. */
export function conditionOf(shared: readonly string[], own: readonly string[]): Condition {
  return { shared: shared.join(' and '), own: own.length === 1 ? own.join('') : `(${own.join(' and ')})` };
}

/** Any of the conditions: `a and (b or c)`, with what they share written once. */
export function groupedFilter(conditions: readonly Condition[]): string {
  const groups = new Map<string, string[]>();
  for (const { shared, own } of conditions) {
    const members = groups.get(shared) ?? [];
    members.push(own);
    groups.set(shared, members);
  }
  const texts = [...groups].map(([head, members]) => {
    const any = members.length === 1 ? (members[0] ?? '') : `(${members.join(' or ')})`;
    return head === '' ? any : `${head} and ${any}`;
  });
  return texts.length === 1 ? (texts[0] ?? '') : texts.map((text) => `(${text})`).join(' or ');
}
