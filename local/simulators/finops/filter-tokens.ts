import { odataFault } from './faults.ts';

export type FilterToken =
  | { kind: 'open' | 'close' | 'comma' | 'end'; at: number }
  | { kind: 'quoted'; qualifier: string | null; text: string; at: number }
  | { kind: 'word'; text: string; at: number };

const tokenForm = /\s*(?:(\()|(\))|(,)|(?:([A-Za-z_][\w.]*)?'((?:[^']|'')*)')|([^\s(),']+))/y;

/** Splits a `$filter` expression; throws a 400 fault with the position of what cannot be read. */
export function tokenizeFilter(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  const trimmed = text.trimEnd();
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < trimmed.length) {
    const at = tokenForm.lastIndex;
    const match = tokenForm.exec(trimmed);
    if (match === null) {
      throw odataFault(`Syntax error at position ${at} in '${text}'.`);
    }
    const [, open, close, comma, qualifier, quoted, word] = match;
    if (open !== undefined) {
      tokens.push({ kind: 'open', at });
    } else if (close !== undefined) {
      tokens.push({ kind: 'close', at });
    } else if (comma !== undefined) {
      tokens.push({ kind: 'comma', at });
    } else if (quoted !== undefined) {
      tokens.push({ kind: 'quoted', qualifier: qualifier ?? null, text: quoted.replaceAll("''", "'"), at });
    } else {
      tokens.push({ kind: 'word', text: word ?? '', at });
    }
  }
  tokens.push({ kind: 'end', at: trimmed.length });
  return tokens;
}
