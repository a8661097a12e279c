import { Decimal } from 'decimal.js';
import type { ComparisonOperator, FilterNode, Literal, Operand, PathOperand, TextFunction } from './filter-parser.ts';
import { type Family, type ResolvedPath, resolvePath } from './filter-path.ts';
import type { RowStore } from './row-store.ts';
import { fold, isGuid, type StoredValue } from './stored-value.ts';
import type { Schema, Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest } from './web-fault.ts';

/** True, false, or null for unknown: SQL's three values, so that `ne 3` and `not (… eq 3)` leave empty columns out. */
type Verdict = boolean | null;

/** A filter ready to run on rows. */
export type Predicate = (row: Row) => Verdict;

/** What a filter needs of its surroundings. */
export interface FilterScope {
  schema: Schema;
  store: RowStore;
  table: Table;
}

/** Compiles a filter for one table; throws 400 for unknown columns and for operands that do not compare. */
export function compileFilter(scope: FilterScope, node: FilterNode): Predicate {
  switch (node.kind) {
    case 'and': {
      const left = compileFilter(scope, node.left);
      const right = compileFilter(scope, node.right);
      return (row) => both(left(row), () => right(row));
    }
    case 'or': {
      const left = compileFilter(scope, node.left);
      const right = compileFilter(scope, node.right);
      return (row) => either(left(row), () => right(row));
    }
    case 'not': {
      const inner = compileFilter(scope, node.inner);
      return (row) => negate(inner(row));
    }
    case 'compare':
      return compileComparison(scope, node.operator, node.left, node.right);
    case 'text':
      return compileText(scope, node.name, node.path, node.literal);
    case 'in':
      return compileIn(scope, node.path, node.values, node.negated);
  }
}

/**
 * Ids of the rows that can satisfy the filter, taken from a column index, or undefined when only a scan can tell.
 * The filter must still be run on them.
 */
export function candidateIds(scope: FilterScope, node: FilterNode): Set<string> | undefined {
  switch (node.kind) {
    case 'and':
      return candidateIds(scope, node.left) ?? candidateIds(scope, node.right);
    case 'or': {
      const left = candidateIds(scope, node.left);
      const right = left && candidateIds(scope, node.right);
      return right && new Set([...(left ?? []), ...right]);
    }
    case 'compare':
      if (node.operator !== 'eq' || node.left.kind !== 'path' || !('text' in node.right)) return undefined;
      return indexed(scope, node.left, [node.right.text]);
    case 'in':
      return node.negated ? undefined : indexed(scope, node.path, node.values);
    case 'not':
    case 'text':
      return undefined;
  }
}

function indexed(scope: FilterScope, path: PathOperand, texts: string[]): Set<string> | undefined {
  const resolved = resolvePath(scope.schema, scope.store, scope.table, path.steps);
  if (resolved.hops > 0 || (resolved.family !== 'text' && resolved.family !== 'guid')) return undefined;
  return scope.store.idsByColumn(scope.table, resolved.column.logicalName, texts.map(fold));
}

function both(left: Verdict, right: () => Verdict): Verdict {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === null || other === null ? null : true;
}

function either(left: Verdict, right: () => Verdict): Verdict {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === null || other === null ? null : false;
}

function negate(verdict: Verdict): Verdict {
  return verdict === null ? null : !verdict;
}

function compileComparison(scope: FilterScope, operator: ComparisonOperator, left: Operand, right: Operand): Predicate {
  if (left.kind !== 'path') {
    if (right.kind !== 'path') throw badRequest('A comparison needs a column.');
    return compileComparison(scope, mirrored[operator], right, left);
  }
  const path = resolvePath(scope.schema, scope.store, scope.table, left.steps);
  if (right.kind === 'path') return compareColumns(scope, operator, path, right);
  if (right.kind === 'null') {
    if (operator !== 'eq' && operator !== 'ne') throw incompatible(path, 'null', operator);
    const wanted = operator === 'eq';
    return (row) => (path.read(row) === null) === wanted;
  }
  const literal = comparable(literalOf(path, right, operator), path.family);
  return (row) => {
    const value = path.read(row);
    return value === null ? null : holds(operator, order(comparable(value, path.family), literal));
  };
}

const mirrored: Record<ComparisonOperator, ComparisonOperator> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

function compareColumns(
  scope: FilterScope,
  operator: ComparisonOperator,
  left: ResolvedPath,
  other: PathOperand,
): Predicate {
  const right = resolvePath(scope.schema, scope.store, scope.table, other.steps);
  if (left.family !== right.family) throw incompatible(left, right.family, operator);
  return (row) => {
    const a = left.read(row);
    const b = right.read(row);
    if (a === null || b === null) return null;
    return holds(operator, order(comparable(a, left.family), comparable(b, left.family)));
  };
}

function compileText(scope: FilterScope, name: TextFunction, operand: PathOperand, literal: string): Predicate {
  const path = resolvePath(scope.schema, scope.store, scope.table, operand.steps);
  if (path.family !== 'text') throw incompatible(path, 'Edm.String', name);
  const wanted = fold(literal);
  return (row) => {
    const value = path.read(row);
    if (value === null) return null;
    const text = fold(String(value));
    if (name === 'contains') return text.includes(wanted);
    return name === 'startswith' ? text.startsWith(wanted) : text.endsWith(wanted);
  };
}

function compileIn(scope: FilterScope, operand: PathOperand, values: string[], negated: boolean): Predicate {
  const path = resolvePath(scope.schema, scope.store, scope.table, propertySteps(scope.table, operand.steps));
  const wanted = new Set(values.map((text) => String(comparable(text, path.family))));
  return (row) => {
    const value = path.read(row);
    return value === null ? null : wanted.has(String(comparable(value, path.family))) !== negated;
  };
}

// Query functions name columns by logical name, so a lookup may come without its `_…_value` dress.
function propertySteps(table: Table, steps: string[]): string[] {
  const name = steps[0];
  if (steps.length !== 1 || name === undefined || table.columns.get(name)?.type !== 'Lookup') return steps;
  return [`_${name}_value`];
}

function literalOf(path: ResolvedPath, literal: Literal, operator: string): StoredValue {
  if (literal.kind === 'boolean') {
    if (path.family !== 'boolean') throw incompatible(path, 'Edm.Boolean', operator);
    return literal.value;
  }
  if (literal.kind === 'null') return null;
  const fits: Record<Family, boolean> = {
    text: literal.kind === 'string',
    number: literal.kind === 'number',
    boolean: false,
    guid: literal.kind === 'guid' || (literal.kind === 'string' && isGuid(literal.text)),
    date: literal.kind === 'date',
  };
  if (!fits[path.family]) throw incompatible(path, literal.kind, operator);
  return literal.text;
}

type Comparable = string | number | boolean | Decimal;

function comparable(value: StoredValue, family: Family): Comparable {
  switch (family) {
    case 'number':
      return String(value).length > 15 ? new Decimal(String(value)) : Number(value);
    case 'date':
      return Date.parse(String(value));
    case 'boolean':
      return value === true || value === 'true' || value === '1';
    case 'text':
    case 'guid':
      return fold(String(value));
  }
}

function order(a: Comparable, b: Comparable): number {
  if (a instanceof Decimal || b instanceof Decimal) return new Decimal(String(a)).comparedTo(String(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function incompatible(path: ResolvedPath, other: string, operator: string): Error {
  return badRequest(
    `A binary operator with incompatible types was detected. Found operand types '${path.column.type}' and '${other}' for operator kind '${operator}'.`,
  );
}

/** Compares two stored values for `$orderby`; empty comes first, as in the database. */
export function orderValues(path: ResolvedPath, a: Row, b: Row): number {
  const left = path.read(a);
  const right = path.read(b);
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return order(comparable(left, path.family), comparable(right, path.family));
}
