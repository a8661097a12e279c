import type { CanonicalValue, Values } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** A filter of either language as one tree. `literal` null is OData's `null`. */
export type Filter =
  | { op: 'and' | 'or'; left: Filter; right: Filter }
  | { op: 'not'; of: Filter }
  | { op: 'compare'; column: string; comparison: Comparison; literal: string | null }
  | { op: 'like'; column: string; pattern: string };

/**
 * Evaluates a filter as the server would. In Dataverse a comparison with an empty column is never true except
 * `eq null`, so `ne 3` leaves empty rows out (SQL's rule, which the standard maps' `or … eq null` takes for granted);
 * in F&O an empty text is a text, so `!= "999"` lets it in.
 */
export function matchesFilter(
  filter: Filter,
  values: Values,
  typeOf: (column: string) => ColumnType,
  emptyIsText: boolean,
): boolean {
  const evaluate = (node: Filter): boolean => {
    switch (node.op) {
      case 'and':
        return evaluate(node.left) && evaluate(node.right);
      case 'or':
        return evaluate(node.left) || evaluate(node.right);
      case 'not':
        return !evaluate(node.of);
      case 'like':
        return like(values[node.column] ?? (emptyIsText ? '' : null), node.pattern);
      case 'compare':
        return compare(values[node.column] ?? null, node, typeOf(node.column), emptyIsText);
    }
  };
  return evaluate(filter);
}

/** The columns that a filter reads; they count as mapped, because a row crosses the boundary by them. */
export function filterColumns(filter: Filter): string[] {
  if (filter.op === 'compare' || filter.op === 'like') return [filter.column];
  if (filter.op === 'not') return filterColumns(filter.of);
  return [...new Set([...filterColumns(filter.left), ...filterColumns(filter.right)])];
}

function compare(
  value: CanonicalValue,
  node: { comparison: Comparison; literal: string | null },
  type: ColumnType,
  emptyIsText: boolean,
): boolean {
  const literal = literalValue(node.literal, type);
  if (value === null || literal === null) {
    const bothEmpty = value === null && literal === null;
    if (node.comparison === 'eq') return bothEmpty;
    if (node.comparison === 'ne') return literal === null ? value !== null : emptyIsText;
    return false;
  }
  const order = orderOf(value, literal, type);
  return ORDER[node.comparison](order);
}

const ORDER: Record<Comparison, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

function literalValue(literal: string | null, type: ColumnType): CanonicalValue {
  if (literal === null || literal === '') return null;
  if (type.kind !== 'enum') return literal;
  const number = Number(literal);
  if (Number.isNaN(number) || type.members === undefined) return literal.toLowerCase();
  const symbol = Object.entries(type.members).find(([, value]) => value === number)?.[0];
  return symbol?.toLowerCase() ?? literal.toLowerCase();
}

function orderOf(value: string, literal: string, type: ColumnType): number {
  if (type.kind === 'decimal' || type.kind === 'integer' || type.kind === 'option') {
    return Math.sign(Number(value) - Number(literal));
  }
  const left = value.toLowerCase();
  const right = literal.toLowerCase();
  return left === right ? 0 : left < right ? -1 : 1;
}

function like(value: CanonicalValue, pattern: string): boolean {
  if (value === null) return false;
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*');
  return new RegExp(`^${source}$`, 'i').test(value);
}
