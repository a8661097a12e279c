import { type FilterToken, lexFilter } from './filter-lexer.ts';
import { badRequest } from './web-fault.ts';

/** A literal of the filter language; numbers stay text so that long ones keep their digits. */
export type Literal =
  | { kind: 'null' }
  | { kind: 'string' | 'number' | 'guid' | 'date'; text: string }
  | { kind: 'boolean'; value: boolean };

/** A column, reached over lookups: `msdyn_company/cdm_companycode`. */
export interface PathOperand {
  kind: 'path';
  steps: string[];
}

export type Operand = Literal | PathOperand;
export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextFunction = 'contains' | 'startswith' | 'endswith';

/** A parsed `$filter`. */
export type FilterNode =
  | { kind: 'and' | 'or'; left: FilterNode; right: FilterNode }
  | { kind: 'not'; inner: FilterNode }
  | { kind: 'compare'; operator: ComparisonOperator; left: Operand; right: Operand }
  | { kind: 'text'; name: TextFunction; path: PathOperand; literal: string }
  | { kind: 'in'; path: PathOperand; values: string[]; negated: boolean };

const comparisons = new Set<string>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const textFunctions = new Set<string>(['contains', 'startswith', 'endswith']);

interface Cursor {
  tokens: FilterToken[];
  at: number;
  aliases: URLSearchParams;
}

/**
 * Parses the OData filter subset that the Web API documents ("Filter rows using OData"); `aliases` holds
 * parameter aliases (`@name=value` in the query). Throws 400 for anything else.
 */
export function parseFilter(text: string, aliases: URLSearchParams): FilterNode {
  const cursor: Cursor = { tokens: lexFilter(text), at: 0, aliases };
  const node = parseOr(cursor);
  const rest = cursor.tokens[cursor.at];
  if (rest !== undefined) throw syntaxFault(`unexpected '${rest.text}' at position ${rest.position} in '${text}'`);
  return node;
}

function parseOr(cursor: Cursor): FilterNode {
  let left = parseAnd(cursor);
  while (takeWord(cursor, 'or')) left = { kind: 'or', left, right: parseAnd(cursor) };
  return left;
}

function parseAnd(cursor: Cursor): FilterNode {
  let left = parseNot(cursor);
  while (takeWord(cursor, 'and')) left = { kind: 'and', left, right: parseNot(cursor) };
  return left;
}

function parseNot(cursor: Cursor): FilterNode {
  if (takeWord(cursor, 'not')) return { kind: 'not', inner: parseNot(cursor) };
  return parsePrimary(cursor);
}

function parsePrimary(cursor: Cursor): FilterNode {
  if (takeSymbol(cursor, '(')) {
    const inner = parseOr(cursor);
    expectSymbol(cursor, ')');
    return inner;
  }
  const token = cursor.tokens[cursor.at];
  const next = cursor.tokens[cursor.at + 1];
  if (token?.kind === 'word' && next?.kind === 'symbol' && next.text === '(') return parseCall(cursor, token.text);
  const left = parseOperand(cursor);
  const operator = cursor.tokens[cursor.at];
  if (operator?.kind !== 'word' || !comparisons.has(operator.text)) {
    throw syntaxFault(`a comparison was expected at position ${operator?.position ?? 'end'}`);
  }
  cursor.at += 1;
  return { kind: 'compare', operator: operator.text as ComparisonOperator, left, right: parseOperand(cursor) };
}

function parseCall(cursor: Cursor, name: string): FilterNode {
  cursor.at += 2;
  if (textFunctions.has(name)) {
    const path = parseOperand(cursor);
    expectSymbol(cursor, ',');
    const literal = parseOperand(cursor);
    expectSymbol(cursor, ')');
    if (path.kind !== 'path' || literal.kind !== 'string') {
      throw syntaxFault(`${name} needs a column and a text`);
    }
    return { kind: 'text', name: name as TextFunction, path, literal: literal.text };
  }
  if (name === 'Microsoft.Dynamics.CRM.In' || name === 'Microsoft.Dynamics.CRM.NotIn') {
    return parseIn(cursor, name.endsWith('NotIn'));
  }
  throw badRequest(
    `An unknown function with name '${name}' was found. This may also be a function import or a key lookup.`,
  );
}

// "In query function": PropertyName='statecode',PropertyValues=["0","1"].
function parseIn(cursor: Cursor, negated: boolean): FilterNode {
  expectWord(cursor, 'PropertyName');
  expectSymbol(cursor, '=');
  const property = parseOperand(cursor);
  expectSymbol(cursor, ',');
  expectWord(cursor, 'PropertyValues');
  expectSymbol(cursor, '=');
  const aliased = cursor.tokens[cursor.at];
  const values = aliased?.kind === 'alias' ? aliasList(cursor, aliased) : parseList(cursor);
  expectSymbol(cursor, ')');
  if (property.kind !== 'string') throw syntaxFault('PropertyName must be a text');
  return { kind: 'in', path: { kind: 'path', steps: property.text.split('/') }, values, negated };
}

function aliasList(cursor: Cursor, alias: FilterToken): string[] {
  cursor.at += 1;
  const text = cursor.aliases.get(alias.text);
  if (text === null) throw syntaxFault(`the alias ${alias.text} has no value`);
  return parseList({ tokens: lexFilter(text), at: 0, aliases: cursor.aliases });
}

function parseList(cursor: Cursor): string[] {
  expectSymbol(cursor, '[');
  const values: string[] = [];
  while (!takeSymbol(cursor, ']')) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined || (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'guid')) {
      throw syntaxFault('PropertyValues must be a list of texts');
    }
    values.push(token.text);
    cursor.at += 1;
    if (!takeSymbol(cursor, ',') && cursor.tokens[cursor.at]?.text !== ']')
      throw syntaxFault("',' or ']' was expected");
  }
  return values;
}

function parseOperand(cursor: Cursor): Operand {
  const token = cursor.tokens[cursor.at];
  cursor.at += 1;
  if (token === undefined) throw syntaxFault('the expression ends too early');
  switch (token.kind) {
    case 'string':
    case 'number':
    case 'guid':
    case 'date':
      return { kind: token.kind, text: token.text };
    case 'alias':
      return aliasOperand(cursor, token);
    case 'word':
      if (token.text === 'null') return { kind: 'null' };
      if (token.text === 'true' || token.text === 'false') return { kind: 'boolean', value: token.text === 'true' };
      return { kind: 'path', steps: token.text.split('/') };
    case 'symbol':
      throw syntaxFault(`unexpected '${token.text}' at position ${token.position}`);
  }
}

function aliasOperand(cursor: Cursor, token: FilterToken): Operand {
  const text = cursor.aliases.get(token.text);
  // An alias without a value stands for null (OData 4.01 Part 2 section 5.3.2).
  if (text === null) return { kind: 'null' };
  return parseOperand({ tokens: lexFilter(text), at: 0, aliases: cursor.aliases });
}

function takeWord(cursor: Cursor, word: string): boolean {
  return take(cursor, 'word', word);
}

function takeSymbol(cursor: Cursor, symbol: string): boolean {
  return take(cursor, 'symbol', symbol);
}

function take(cursor: Cursor, kind: string, text: string): boolean {
  const token = cursor.tokens[cursor.at];
  if (token?.kind !== kind || token.text !== text) return false;
  cursor.at += 1;
  return true;
}

function expectSymbol(cursor: Cursor, symbol: string): void {
  if (!takeSymbol(cursor, symbol)) throw syntaxFault(`'${symbol}' was expected`);
}

function expectWord(cursor: Cursor, word: string): void {
  if (!takeWord(cursor, word)) throw syntaxFault(`'${word}' was expected`);
}

function syntaxFault(detail: string): Error {
  return badRequest(`Syntax error in $filter: ${detail}.`);
}
