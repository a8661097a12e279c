import { odataFault } from './faults.ts';
import { Exact, type InputRules, type StoredValue } from './field-input.ts';
import { edmType } from './field-output.ts';
import { readLiteral } from './key-segment.ts';
import type { FieldMetadata } from './metadata.ts';
import { folded } from './row-store.ts';
import type { RowValues } from './row-validation.ts';

export type Predicate = (values: Readonly<RowValues>) => boolean;

/** A condition, and where it can hold at all. */
export interface Condition {
  test: Predicate;
  /** Field values of which at least one group must hold for the test to pass; null when nothing of that kind is known. */
  pins: readonly Readonly<RowValues>[] | null;
}

type ExactValue = InstanceType<typeof Exact>;

/** One side of a comparison. */
export type Operand =
  | { kind: 'field'; field: FieldMetadata }
  | { kind: 'literal'; qualifier: string | null; quoted: string | null; bare: string }
  | { kind: 'arithmetic'; value: (values: Readonly<RowValues>) => ExactValue };

export const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof comparisons)[number];

const outcomes: Record<Comparison, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const mirrored: Record<Comparison, Comparison> = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' };

function isNumeric(field: FieldMetadata): boolean {
  return field.type === 'Int32' || field.type === 'Int64' || field.type === 'Real';
}

/** Negative, zero or positive, as the database orders two values of a field: text without regard to case. */
export function compareStored(field: FieldMetadata, left: StoredValue, right: StoredValue): number {
  if (isNumeric(field)) {
    return new Exact(left).comparedTo(new Exact(right));
  }
  return compareText(folded(left), folded(right));
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

function incompatible(field: FieldMetadata, other: string, operator: Comparison): Error {
  return odataFault(
    `A binary operator with incompatible types was detected. Found operand types '${edmType(field)}' and '${other}' for operator kind '${operator}'.`,
  );
}

function literalType(literal: Operand & { kind: 'literal' }): string {
  if (literal.qualifier !== null) {
    return literal.qualifier;
  }
  return literal.quoted === null ? 'Edm.Decimal' : 'Edm.String';
}

function compareToLiteral(
  field: FieldMetadata,
  operator: Comparison,
  literal: Operand & { kind: 'literal' },
  rules: InputRules,
): Condition {
  if (field.type === 'Enum' && operator !== 'eq' && operator !== 'ne') {
    throw odataFault(`Enumerations can be compared with eq and ne alone, not with '${operator}'.`);
  }
  if (literal.bare === 'null') {
    return unpinned((values) => outcomes[operator](values[field.name] === '' ? 0 : 1));
  }
  if (isNumeric(field) && literal.quoted === null) {
    const number = readNumber(literal.bare, field, operator);
    const test: Predicate = (values) => outcomes[operator](new Exact(values[field.name] ?? 0).comparedTo(number));
    return { test, pins: operator === 'eq' ? [{ [field.name]: number.toFixed() }] : null };
  }
  let value: StoredValue;
  try {
    value = readLiteral(literal, field, rules);
  } catch {
    throw incompatible(field, literalType(literal), operator);
  }
  if (field.type === 'String' && literal.quoted?.includes('*') === true && (operator === 'eq' || operator === 'ne')) {
    const pattern = wildcard(literal.quoted);
    return unpinned((values) => pattern.test(String(values[field.name] ?? '')) === (operator === 'eq'));
  }
  const wanted = folded(value);
  const test: Predicate = (values) => outcomes[operator](compareText(folded(values[field.name] ?? ''), wanted));
  return { test, pins: operator === 'eq' ? [{ [field.name]: value }] : null };
}

function unpinned(test: Predicate): Condition {
  return { test, pins: null };
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function readNumber(text: string, field: FieldMetadata, operator: Comparison): ExactValue {
  if (!/^-?\d+(\.\d+)?$/.test(text)) {
    throw incompatible(field, 'Edm.String', operator);
  }
  return new Exact(text);
}

/** The numeric value of an operand of add, sub, mul, div, mod; throws a 400 fault when it is not a number. */
export function numericValue(operand: Operand): (values: Readonly<RowValues>) => ExactValue {
  switch (operand.kind) {
    case 'arithmetic':
      return operand.value;
    case 'field':
      if (!isNumeric(operand.field)) {
        throw odataFault(`Property '${operand.field.name}' of type '${edmType(operand.field)}' is not a number.`);
      }
      return (values) => new Exact(values[operand.field.name] ?? 0);
    case 'literal': {
      if (operand.quoted !== null || !/^-?\d+(\.\d+)?$/.test(operand.bare)) {
        throw odataFault(`The literal '${operand.quoted ?? operand.bare}' is not a number.`);
      }
      const number = new Exact(operand.bare);
      return () => number;
    }
  }
}

/** Builds the test of one comparison; throws a 400 fault on operands of different types. */
export function buildComparison(left: Operand, operator: Comparison, right: Operand, rules: InputRules): Condition {
  if (left.kind === 'field' && right.kind === 'literal') {
    return compareToLiteral(left.field, operator, right, rules);
  }
  if (left.kind === 'literal' && right.kind === 'field') {
    return compareToLiteral(right.field, mirrored[operator], left, rules);
  }
  if (left.kind === 'field' && right.kind === 'field' && !(isNumeric(left.field) && isNumeric(right.field))) {
    if (edmType(left.field) !== edmType(right.field)) {
      throw incompatible(left.field, edmType(right.field), operator);
    }
    return unpinned((values) =>
      outcomes[operator](compareStored(left.field, values[left.field.name] ?? '', values[right.field.name] ?? '')),
    );
  }
  const [first, second] = [numericValue(left), numericValue(right)];
  return unpinned((values) => outcomes[operator](first(values).comparedTo(second(values))));
}

/** Beyond this many groups a look-up by key is no better than a scan. */
const pinLimit = 1_000;

/** Both conditions. */
export function conjunction(left: Condition, right: Condition): Condition {
  const test: Predicate = (values) => left.test(values) && right.test(values);
  if (left.pins === null || right.pins === null || left.pins.length * right.pins.length > pinLimit) {
    return { test, pins: left.pins ?? right.pins };
  }
  const others = right.pins;
  return { test, pins: left.pins.flatMap((pin) => others.map((other) => ({ ...pin, ...other }))) };
}

/** Either condition. */
export function disjunction(left: Condition, right: Condition): Condition {
  const test: Predicate = (values) => left.test(values) || right.test(values);
  return { test, pins: left.pins === null || right.pins === null ? null : [...left.pins, ...right.pins] };
}
