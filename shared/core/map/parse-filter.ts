import type { Comparison, Filter } from './source-filter.ts';

/** The two languages: F&O's query range expressions and Dataverse's OData `$filter`. */
export type FilterLanguage = 'range' | 'odata';

/** The text is no filter of its language; the message says where it stops making sense. */
export class FilterSyntaxError extends Error {}

interface Token {
  kind: 'text' | 'number' | 'word' | 'mark' | 'end';
  text: string;
  at: number;
}

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?(?![\w\\/-]))|([A-Za-z_][\w./]*(?:::\w+)?)|(&&|\|\||==|!=|<=|>=|[<>=!(),])|(\d[\d\\/-]*))/y;

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new FilterSyntaxError(`cannot read "${text.slice(at).trim()}"`);
    const [, double, single, number, word, mark, date] = match;
    if (double !== undefined) tokens.push({ kind: 'text', text: double.replace(/\\(.)/g, '$1'), at });
    else if (single !== undefined) tokens.push({ kind: 'text', text: single.replace(/''/g, "'"), at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark, at });
    else tokens.push({ kind: 'text', text: date ?? '', at });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

const COMPARISONS: Record<FilterLanguage, Readonly<Record<string, Comparison>>> = {
  range: { '==': 'eq', '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' },
  odata: { eq: 'eq', ne: 'ne', lt: 'lt', le: 'le', gt: 'gt', ge: 'ge' },
};
const CONNECTIVES: Record<FilterLanguage, { and: string; or: string; not: string }> = {
  range: { and: '&&', or: '||', not: '!' },
  odata: { and: 'and', or: 'or', not: 'not' },
};
const LIKE_FUNCTIONS: Readonly<Record<string, (text: string) => string>> = {
  startswith: (text) => `${text}*`,
  endswith: (text) => `*${text}`,
  contains: (text) => `*${text}*`,
};

/**
 * Parses a filter as the standard maps write them: comparisons, `like` and the three text functions, joined by and,
 * or and not, with brackets.
 * @throws FilterSyntaxError
 */
export function parseFilter(text: string, language: FilterLanguage): Filter {
  const tokens = tokenise(text);
  let next = 0;
  const peek = (): Token => tokens[next] ?? { kind: 'end', text: '', at: text.length };
  const take = (): Token => {
    const token = peek();
    next += 1;
    return token;
  };
  const fail = (token: Token, wanted: string): never => {
    throw new FilterSyntaxError(`expected ${wanted} at position ${token.at + 1}, found "${token.text || 'the end'}"`);
  };
  const expect = (mark: string): void => {
    const token = take();
    if (token.text !== mark || token.kind === 'text') fail(token, `"${mark}"`);
  };
  const { and, or, not } = CONNECTIVES[language];

  const joined = (connective: string, op: 'and' | 'or', operand: () => Filter): Filter => {
    let left = operand();
    while (peek().text === connective && peek().kind !== 'text') {
      take();
      left = { op, left, right: operand() };
    }
    return left;
  };
  const disjunction = (): Filter => joined(or, 'or', () => joined(and, 'and', unary));
  const unary = (): Filter => {
    if (peek().text === not && peek().kind !== 'text') {
      take();
      return { op: 'not', of: unary() };
    }
    if (peek().text !== '(' || peek().kind !== 'mark') return condition();
    take();
    const inner = disjunction();
    expect(')');
    return inner;
  };
  const condition = (): Filter => {
    const name = take();
    if (name.kind !== 'word') fail(name, 'a column');
    const asLike = LIKE_FUNCTIONS[name.text.toLowerCase()];
    if (language === 'odata' && asLike !== undefined && peek().text === '(') {
      take();
      const column = take().text;
      expect(',');
      const pattern = asLike(take().text);
      expect(')');
      return { op: 'like', column, pattern };
    }
    const operator = take();
    if (language === 'range' && operator.text.toLowerCase() === 'like') {
      return { op: 'like', column: name.text, pattern: take().text };
    }
    const comparison = COMPARISONS[language][operator.text] ?? fail(operator, 'a comparison');
    return { op: 'compare', column: name.text, comparison, literal: literal() };
  };
  const literal = (): string | null => {
    const token = take();
    if (token.kind === 'text' || token.kind === 'number') return token.text;
    if (token.kind !== 'word') return fail(token, 'a value');
    if (language === 'odata' && token.text === 'null') return null;
    return token.text.split('::').at(-1) ?? token.text;
  };

  const filter = disjunction();
  if (peek().kind !== 'end') fail(peek(), 'the end');
  return filter;
}
