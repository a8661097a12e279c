import type { FilterLanguage, Literal } from './filter.ts';

/** The text is no filter of its language; the message shows where it stops making sense and what was expected. */
export class FilterSyntaxError extends Error {
  readonly offset: number;

  constructor(text: string, offset: number, problem: string) {
    const shown = text.replace(/\s/g, ' ');
    super(`${problem} at position ${offset + 1}: ${shown.slice(0, offset)}▸${shown.slice(offset)}`);
    this.offset = offset;
  }
}

/** One token. A literal carries its value; `text` is what stands in the filter. */
export interface Token {
  kind: 'literal' | 'word' | 'mark' | 'end';
  text: string;
  at: number;
  literal?: Literal;
}

type Read = (text: string) => Literal | null;

const DATE_TIME = String.raw`\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?`;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?)`;
const END = String.raw`(?![\w\\/.:-])`;
const WORD = String.raw`[A-Za-z_][\w]*(?:[./][A-Za-z_]\w*)*`;

const literal =
  (kind: Literal['kind']): Read =>
  (text) => ({ kind, text });

const plainNumber: Read = (text) => ({ kind: 'number', text: text.replace(/^\+/, '') });

/** What literals look like, tried in this order: a GUID and a date begin like a number. */
const LITERALS: Record<FilterLanguage, readonly (readonly [RegExp, Read])[]> = {
  range: [
    [
      /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y,
      (text) => ({ kind: 'text', text: text.slice(1, -1).replace(/\\(.)/gs, '$1') }),
    ],
    [new RegExp(String.raw`\d{1,2}([\\/])\d{1,2}\1\d{4}${END}`, 'y'), dayFirst],
    [new RegExp(DATE_TIME + END, 'y'), isoDate],
    [new RegExp(NUMBER + END, 'y'), plainNumber],
    [/[A-Za-z_]\w*::\w+/y, enumSymbol],
  ],
  odata: [
    [/'(?:[^']|'')*'/y, (text) => ({ kind: 'text', text: text.slice(1, -1).replaceAll("''", "'") })],
    [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/iy, literal('guid')],
    [new RegExp(DATE_TIME + END, 'y'), isoDate],
    [new RegExp(NUMBER + END, 'y'), plainNumber],
    [/(?:true|false)(?![\w./])/y, literal('boolean')],
    [/null(?![\w./])/y, literal('null')],
  ],
};
const MARKS: Record<FilterLanguage, RegExp> = { range: /&&|\|\||==|!=|<=|>=|[<>=!()]/y, odata: /[(),]/y };
const WORDS = new RegExp(WORD, 'y');

/** Query ranges write a date day first, with backslashes (`23\06\2021`). */
function dayFirst(text: string): Literal | null {
  const [day = '', month = '', year = ''] = text.split(/[\\/]/);
  return isoDate(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
}

/** A day that the calendar does not have is none: the 30th of February would otherwise compare as text. */
function isoDate(text: string): Literal | null {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days ? { kind: 'date', text } : null;
}

function enumSymbol(text: string): Literal {
  const [enumName = '', symbol = ''] = text.split('::');
  return { kind: 'symbol', text: symbol, enumName };
}

/** @throws FilterSyntaxError at the first character that begins no token. */
export function filterTokens(text: string, language: FilterLanguage): Token[] {
  const tokens: Token[] = [];
  const blank = /\s*/y;
  let at = 0;
  for (;;) {
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
    if (at >= text.length) return [...tokens, { kind: 'end', text: '', at }];
    const token = tokenAt(text, at, language);
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(text: string, at: number, language: FilterLanguage): Token {
  for (const [form, read] of LITERALS[language]) {
    const found = matchAt(form, text, at);
    if (found === null) continue;
    const value = read(found);
    if (value === null) throw new FilterSyntaxError(text, at, `${found} is no day of the calendar`);
    return { kind: 'literal', text: found, at, literal: value };
  }
  const word = matchAt(WORDS, text, at);
  if (word !== null) return { kind: 'word', text: word, at };
  const mark = matchAt(MARKS[language], text, at);
  if (mark !== null) return { kind: 'mark', text: mark, at };
  const open = /["']/.test(text.charAt(at)) ? 'a text that is not closed, or in the wrong quotes,' : 'nothing readable';
  throw new FilterSyntaxError(text, at, open);
}

function matchAt(form: RegExp, text: string, at: number): string | null {
  form.lastIndex = at;
  return form.exec(text)?.[0] ?? null;
}
