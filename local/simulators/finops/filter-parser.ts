import { odataFault } from './faults.ts';
import { Exact, type InputRules } from './field-input.ts';
import {
  buildComparison,
  type Comparison,
  type Condition,
  comparisons,
  conjunction,
  disjunction,
  numericValue,
  type Operand,
} from './filter-comparison.ts';
import { type FilterToken, tokenizeFilter } from './filter-tokens.ts';
import type { Entity } from './metadata.ts';
import { dataNamespace } from './metadata.ts';

interface Cursor {
  text: string;
  tokens: FilterToken[];
  next: number;
  entity: Entity;
  rules: InputRules;
}

type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'mod';

function peek(cursor: Cursor): FilterToken {
  return cursor.tokens[cursor.next] as FilterToken;
}

function wordAhead(cursor: Cursor): string {
  const token = peek(cursor);
  return token.kind === 'word' ? token.text : '';
}

function syntaxFault(cursor: Cursor): Error {
  return odataFault(`Syntax error at position ${peek(cursor).at} in '${cursor.text}'.`);
}

function expectClose(cursor: Cursor): void {
  if (peek(cursor).kind !== 'close') {
    throw syntaxFault(cursor);
  }
  cursor.next += 1;
}

function isComparison(word: string): word is Comparison {
  return (comparisons as readonly string[]).includes(word);
}

function parsePrimary(cursor: Cursor): Operand {
  const token = peek(cursor);
  if (token.kind === 'quoted') {
    cursor.next += 1;
    return { kind: 'literal', qualifier: token.qualifier, quoted: token.text, bare: '' };
  }
  if (token.kind === 'open') {
    cursor.next += 1;
    const inner = parseSum(cursor);
    expectClose(cursor);
    return inner;
  }
  if (token.kind !== 'word') {
    throw syntaxFault(cursor);
  }
  cursor.next += 1;
  const field = cursor.entity.fields.get(token.text);
  if (field !== undefined) {
    return { kind: 'field', field };
  }
  if (peek(cursor).kind === 'open') {
    throw odataFault(`The function '${token.text}' is not supported in $filter.`);
  }
  if (token.text === 'null' || /^-?\d/.test(token.text)) {
    return { kind: 'literal', qualifier: null, quoted: null, bare: token.text };
  }
  const type = `${dataNamespace}.${cursor.entity.metadata.name}`;
  throw odataFault(`Could not find a property named '${token.text}' on type '${type}'.`);
}

function calculate(operator: Arithmetic, left: Operand, right: Operand): Operand {
  const [first, second] = [numericValue(left), numericValue(right)];
  return {
    kind: 'arithmetic',
    value: (values) => {
      const [a, b] = [first(values), second(values)];
      if ((operator === 'div' || operator === 'mod') && b.isZero()) {
        return new Exact(Number.NaN);
      }
      return new Exact(a)[operator](b);
    },
  };
}

function parseChain(cursor: Cursor, operators: readonly Arithmetic[], operand: (cursor: Cursor) => Operand): Operand {
  let left = operand(cursor);
  for (let word = wordAhead(cursor); (operators as readonly string[]).includes(word); word = wordAhead(cursor)) {
    cursor.next += 1;
    left = calculate(word as Arithmetic, left, operand(cursor));
  }
  return left;
}

function parseProduct(cursor: Cursor): Operand {
  return parseChain(cursor, ['mul', 'div', 'mod'], parsePrimary);
}

function parseSum(cursor: Cursor): Operand {
  return parseChain(cursor, ['add', 'sub'], parseProduct);
}

function parseComparison(cursor: Cursor): Condition {
  const left = parseSum(cursor);
  const operator = wordAhead(cursor);
  if (!isComparison(operator)) {
    throw syntaxFault(cursor);
  }
  cursor.next += 1;
  return buildComparison(left, operator, parseSum(cursor), cursor.rules);
}

function parseNot(cursor: Cursor): Condition {
  if (wordAhead(cursor) === 'not') {
    cursor.next += 1;
    const inner = parseNot(cursor);
    return { test: (values) => !inner.test(values), pins: null };
  }
  if (peek(cursor).kind !== 'open') {
    return parseComparison(cursor);
  }
  // A bracket may hold a condition or a sum: try the condition, and go back when it turns out to be a sum.
  const start = cursor.next;
  cursor.next += 1;
  try {
    const inner = parseOr(cursor);
    expectClose(cursor);
    return inner;
  } catch (error) {
    cursor.next = start;
    try {
      return parseComparison(cursor);
    } catch {
      throw error;
    }
  }
}

function parseAnd(cursor: Cursor): Condition {
  let left = parseNot(cursor);
  while (wordAhead(cursor) === 'and') {
    cursor.next += 1;
    left = conjunction(left, parseNot(cursor));
  }
  return left;
}

function parseOr(cursor: Cursor): Condition {
  let left = parseAnd(cursor);
  while (wordAhead(cursor) === 'or') {
    cursor.next += 1;
    left = disjunction(left, parseAnd(cursor));
  }
  return left;
}

/**
 * Reads `$filter` in the dialect of "Open Data Protocol (OData)": eq, ne, gt, ge, lt, le, and, or, not, add, sub, mul,
 * div, mod; `*` in an eq value stands for any text. Throws a 400 fault on `in`, `has`, functions and unknown names.
 */
export function parseFilter(text: string, entity: Entity, rules: InputRules): Condition {
  const cursor: Cursor = { text, tokens: tokenizeFilter(text), next: 0, entity, rules };
  const condition = parseOr(cursor);
  if (peek(cursor).kind !== 'end') {
    throw syntaxFault(cursor);
  }
  return condition;
}
