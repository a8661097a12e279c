import { badRequest } from './web-fault.ts';

/** One token of a `$filter`; `text` of a string is unquoted. */
export interface FilterToken {
  kind: 'word' | 'string' | 'number' | 'guid' | 'date' | 'symbol' | 'alias';
  text: string;
  position: number;
}

const guid = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\w-])/y;
const date = /\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?(?![\w-])/y;
const number = /[+-]?\d+(\.\d+)?([eE][+-]?\d+)?(?![\w-])/y;
const word = /[A-Za-z_][\w]*([./][A-Za-z_][\w]*)*/y;
const alias = /@[A-Za-z_]\w*/y;
const singleQuoted = /'((?:[^']|'')*)'/y;
const doubleQuoted = /"((?:[^"\\]|\\.)*)"/y;
const blank = /\s+/y;

// A GUID and a date begin like a number, so the longer forms come first.
const scanners: [FilterToken['kind'], RegExp][] = [
  ['guid', guid],
  ['date', date],
  ['number', number],
  ['word', word],
  ['alias', alias],
];

/** Splits a filter into tokens; throws 400 at the first character that begins none. */
export function lexFilter(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  let position = 0;
  while (position < text.length) {
    const skipped = match(blank, text, position);
    if (skipped !== undefined) {
      position += skipped[0].length;
      continue;
    }
    const [token, length] = nextToken(text, position);
    tokens.push(token);
    position += length;
  }
  return tokens;
}

function nextToken(text: string, position: number): [FilterToken, number] {
  const symbol = text.charAt(position);
  if ('(),[]='.includes(symbol)) return [{ kind: 'symbol', text: symbol, position }, 1];
  const single = match(singleQuoted, text, position);
  if (single !== undefined) {
    return [{ kind: 'string', text: (single[1] ?? '').replaceAll("''", "'"), position }, single[0].length];
  }
  const double = match(doubleQuoted, text, position);
  if (double !== undefined) {
    return [{ kind: 'string', text: JSON.parse(double[0]) as string, position }, double[0].length];
  }
  for (const [kind, pattern] of scanners) {
    const found = match(pattern, text, position);
    if (found !== undefined) return [{ kind, text: found[0], position }, found[0].length];
  }
  throw badRequest(`Syntax error at position ${position} in '${text}'.`);
}

function match(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}
