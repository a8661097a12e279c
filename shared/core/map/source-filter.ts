import type { CanonicalValue, Values } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** A filter of either language as one tree. `literal` null is OData's `null`. */
export type Filter =
  | { op: 'and' | 'or'; left: Filter; right: Filter }
  | { op: 'not'; of: Filter }
  | { op: 'compare'; column: string; comparison: Comparison; literal: string | null }
  | { op: 'like'; column: string; pattern: string };

/** Unknown (null) is what a comparison with an empty column comes to; its opposite is unknown, too. */
type Verdict = boolean | null;

/**
 * Evaluates a filter as the server would. In Dataverse a comparison with an empty column is unknown except with
 * `null`, so neither `ne 3` nor `not (… eq 3)` lets empty rows in (SQL's rule, which the standard maps' `or … eq null`
 * takes for granted); in F&O an empty text is a text, so `!= "999"` lets it in.
 */
export function matchesFilter(
  filter: Filter,
  values: Values,
  typeOf: (column: string) => ColumnType,
  emptyIsText: boolean,
): boolean {
  const evaluate = (node: Filter): Verdict => {
    switch (node.op) {
      case 'and':
        return both(evaluate(node.left), evaluate(node.right));
      case 'or':
        return opposite(both(opposite(evaluate(node.left)), opposite(evaluate(node.right))));
      case 'not':
        return opposite(evaluate(node.of));
      case 'like':
        return like(values[node.column] ?? (emptyIsText ? '' : null), node.pattern, emptyIsText);
      case 'compare':
        return compare(values[node.column] ?? null, node, typeOf(node.column), emptyIsText);
    }
  };
  return evaluate(filter) === true;
}

function both(left: Verdict, right: Verdict): Verdict {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

function opposite(verdict: Verdict): Verdict {
  return verdict === null ? null : !verdict;
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
): Verdict {
  const literal = literalValue(node.literal, type);
  if (literal === null) {
    if (node.comparison === 'eq') return value === null;
    return node.comparison === 'ne' && value !== null;
  }
  if (value === null) return emptyIsText ? node.comparison === 'ne' : null;
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
  if (type.kind === 'enum') return enumLiteral(literal, type.members);
  if (type.kind === 'boolean') return BOOLEAN_NUMBERS[literal] ?? literal;
  if (type.kind === 'date') return isoDay(literal);
  if (type.kind !== 'instant') return literal;
  const day = isoDay(literal);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : literal;
}

const BOOLEAN_NUMBERS: Readonly<Record<string, string>> = { '0': 'false', '1': 'true' };

function enumLiteral(literal: string, members: Readonly<Record<string, number>> | undefined): string {
  const number = Number(literal);
  if (Number.isNaN(number) || members === undefined) return literal.toLowerCase();
  const symbol = Object.entries(members).find(([, value]) => value === number)?.[0];
  return (symbol ?? literal).toLowerCase();
}

/** Query ranges write a date day first, with backslashes (`23\06\2021`). */
function isoDay(literal: string): string {
  const [, day, month, year] = /^(\d{1,2})[\\/](\d{1,2})[\\/](\d{4})$/.exec(literal) ?? [];
  if (day === undefined || month === undefined || year === undefined) return literal;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function orderOf(value: string, literal: string, type: ColumnType): number {
  if (type.kind === 'decimal' || type.kind === 'integer' || type.kind === 'option') {
    return Math.sign(Number(value) - Number(literal));
  }
  const left = value.toLowerCase();
  const right = literal.toLowerCase();
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `*` stands for any text; in query ranges `?` stands for one character. */
function like(value: CanonicalValue, pattern: string, isRange: boolean): Verdict {
  if (value === null) return null;
  const one = isRange ? '.' : '\\?';
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, one);
  return new RegExp(`^${source}$`, 'is').test(value);
}
