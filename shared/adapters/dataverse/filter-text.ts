import type { CanonicalValue } from '../../core/record/canonical-value.ts';
import type { ColumnType } from '../../core/record/column-type.ts';
import { quoted } from '../http/service-address.ts';
import { type DataverseTable, routesOf, type Tables } from './dataverse-table.ts';

/** `path eq value` as a term of `$filter`; null where the table does not have the path. */
export function equalTerm(tables: Tables, table: DataverseTable, path: string, value: CanonicalValue): string | null {
  const route = routesOf(tables, table, path)[0];
  if (route === undefined) return null;
  const { column, navigations } = route;
  const own = column.targets.length > 0 ? `_${column.logicalName}_value` : column.logicalName;
  return `${[...navigations, own].join('/')} eq ${literal(value, column.type)}`;
}

function literal(value: CanonicalValue, type: ColumnType): string {
  if (value === null) return 'null';
  return type.kind === 'text' || type.kind === 'options' ? quoted(value) : value;
}

/** One condition of several terms, the same for many: `a and (b or c)` with what they share written once. */
export function groupedFilter(conditions: readonly { shared: readonly string[]; own: string }[]): string {
  const groups = new Map<string, string[]>();
  for (const { shared, own } of conditions) {
    const head = shared.join(' and ');
    const members = groups.get(head) ?? [];
    members.push(own);
    groups.set(head, members);
  }
  const texts = [...groups].map(([head, members]) => {
    const any = members.length === 1 ? (members[0] ?? '') : `(${members.join(' or ')})`;
    return head === '' ? any : `${head} and ${any}`;
  });
  return texts.length === 1 ? (texts[0] ?? '') : texts.map((text) => `(${text})`).join(' or ');
}
