import { Decimal } from 'decimal.js';
import { type CanonicalValue, canonicalValue, NotCanonicalError, type Values } from '../../record/canonical-value.ts';
import type { ColumnType } from '../../record/column-type.ts';
import type { Side } from '../../record/side.ts';
import type { Comparison, Condition, Filter, Literal } from './filter.ts';

/** Unknown (null) is what a comparison with an empty column comes to; its opposite is unknown, too. */
type Verdict = boolean | null;
type Test = (values: Values) => Verdict;

/** What evaluating needs to know of the side that the filter belongs to. */
export interface FilterScope {
  side: Side;
  typeOf(column: string): ColumnType;
  /**
   * F&O fields of an outer-joined data source: empty there is SQL null, so no comparison holds, `== ""` included. Without
   * it all fields are taken for fields of the root, where empty is the type's own empty value.
   */
  isOuterJoined?(column: string): boolean;
}

/**
 * Compiles a filter to what the server would say of a row in canonical form. Dataverse follows SQL: a comparison with an
 * empty column is unknown except with `null`, so neither `ne 3` nor `not (… eq 3)` lets empty rows in. F&O has no null
 * in its own fields: an empty text is a text, and an empty date is the first of January 1900.
 */
export function compileFilter(filter: Filter, scope: FilterScope): (values: Values) => boolean {
  const test = compile(filter, scope);
  return (values) => test(values) === true;
}

function compile(filter: Filter, scope: FilterScope): Test {
  switch (filter.op) {
    case 'and':
    case 'or':
      return joined(filter.op === 'or', compile(filter.left, scope), compile(filter.right, scope));
    case 'not': {
      const inner = compile(filter.of, scope);
      return (values) => {
        const verdict = inner(values);
        return verdict === null ? null : !verdict;
      };
    }
    case 'compare':
    case 'in':
    case 'like':
    case 'text':
      return compileCondition(filter, scope);
  }
}

/** `decisive` is the verdict of one part that settles the whole: false of a conjunction, true of a disjunction. */
function joined(decisive: boolean, left: Test, right: Test): Test {
  return (values) => {
    const first = left(values);
    if (first === decisive) return decisive;
    const second = right(values);
    if (second === decisive) return decisive;
    return first === null || second === null ? null : !decisive;
  };
}

function compileCondition(condition: Condition, scope: FilterScope): Test {
  const { column } = condition;
  const type = scope.typeOf(column);
  if (condition.op === 'compare' && condition.literal.kind === 'null') {
    const wanted = condition.comparison === 'eq';
    return (values) => ((values[column] ?? null) === null) === wanted;
  }
  const test = valueTest(condition, type, scope.side);
  const isNull = scope.side === 'dataverse' || scope.isOuterJoined?.(column) === true;
  const ofEmpty = isNull ? null : test(EMPTY[type.kind]);
  return (values) => {
    const value: CanonicalValue = values[column] ?? null;
    return value === null ? ofEmpty : test(value);
  };
}

/** What F&O stores where nothing was entered; canonical form has null for all of these. */
const EMPTY: Record<ColumnType['kind'], string> = {
  text: '',
  integer: '0',
  decimal: '0',
  boolean: 'false',
  instant: '1900-01-01T00:00:00Z',
  date: '1900-01-01',
  guid: '00000000-0000-0000-0000-000000000000',
  enum: '',
  option: '0',
  options: '',
};

const HOLDS: Record<Comparison, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

function valueTest(condition: Condition, type: ColumnType, side: Side): (value: string) => Verdict {
  switch (condition.op) {
    case 'compare': {
      const literal = comparableLiteral(condition.literal, type, side);
      const holds = HOLDS[condition.comparison];
      // The server would refuse a literal of another type; here no row can be said to satisfy it.
      if (literal === null) return () => null;
      return (value) => holds(orderOf(comparable(value, type, side), literal));
    }
    case 'in': {
      const literals = condition.literals.map((literal) => comparableLiteral(literal, type, side));
      return (value) => {
        const own = comparable(value, type, side);
        if (literals.some((literal) => literal !== null && orderOf(own, literal) === 0)) return true;
        return literals.includes(null) ? null : false;
      };
    }
    case 'like': {
      const pattern = likePattern(folded(condition.pattern, side));
      return (value) => pattern.test(folded(value, side));
    }
    case 'text': {
      const wanted = folded(condition.text, side);
      if (condition.test === 'contains') return (value) => folded(value, side).includes(wanted);
      if (condition.test === 'startswith') return (value) => folded(value, side).startsWith(wanted);
      return (value) => folded(value, side).endsWith(wanted);
    }
  }
}

function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'su');
}

const ASCII = /^[\x20-\x7e]*$/;

/** Both databases compare text without case; Dataverse's collation also without accents. */
function folded(text: string, side: Side): string {
  if (side === 'finops' || ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

type Comparable = string | number | Decimal;

/** A canonical value as it compares; enums by number where the members are known, because the database stores those. */
function comparable(value: string, type: ColumnType, side: Side): Comparable {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'option':
      return value.length > 15 ? new Decimal(value) : Number(value);
    case 'enum':
      return memberNumber(value, type.members) ?? value.toLowerCase();
    case 'text':
      return folded(value, side);
    case 'boolean':
    case 'date':
    case 'guid':
    case 'instant':
    case 'options':
      return value;
  }
}

function memberNumber(symbol: string, members: Readonly<Record<string, number>> | undefined): number | undefined {
  if (members === undefined) return undefined;
  if (NUMBER.test(symbol)) return Number(symbol);
  const wanted = symbol.toLowerCase();
  return Object.entries(members).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function comparableLiteral({ text }: Literal, type: ColumnType, side: Side): Comparable | null {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'option':
      return NUMBER.test(text) ? comparable(text, type, side) : null;
    case 'enum':
      return comparable(text, type, side);
    case 'text':
      return folded(text.trimEnd(), side);
    case 'date':
      return dayOrInstant(text)?.slice(0, 10) ?? null;
    case 'instant':
      return dayOrInstant(text);
    case 'boolean':
    case 'guid':
    case 'options':
      return canonicalLiteral(text, type) ?? EMPTY[type.kind];
  }
}

function canonicalLiteral(text: string, type: ColumnType): CanonicalValue {
  try {
    return canonicalValue(text, type);
  } catch (error) {
    if (error instanceof NotCanonicalError) return text;
    throw error;
  }
}

/** A day as its first second; the empty date keeps its digits, because here it is a value among others. */
function dayOrInstant(text: string): string | null {
  const [, day, month, year] = /^(\d{1,2})[\\/](\d{1,2})[\\/](\d{4})$/.exec(text) ?? [];
  const iso = year === undefined ? text : `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return `${iso}T00:00:00Z`;
  if (!/^\d{4}-\d{2}-\d{2}T/.test(iso)) return null;
  if (iso.startsWith('1900-01-01')) return EMPTY.instant;
  const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(iso) ? iso : `${iso}Z`;
  return canonicalLiteral(zoned, { kind: 'instant' });
}

function orderOf(left: Comparable, right: Comparable): number {
  if (left instanceof Decimal || right instanceof Decimal) return decimalOrder(left, right);
  return left === right ? 0 : left < right ? -1 : 1;
}

function decimalOrder(left: Comparable, right: Comparable): number {
  return new Decimal(left).comparedTo(right);
}
