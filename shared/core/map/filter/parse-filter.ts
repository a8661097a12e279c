import type { Comparison, Filter, FilterLanguage, Literal, TextFunction } from './filter.ts';
import { FilterSyntaxError, filterTokens, type Token } from './filter-tokens.ts';

/** How the words of a language join conditions; `or` binds weakest, `not` strongest. */
interface Grammar {
  joins: Readonly<Record<string, { op: 'and' | 'or'; power: number }>>;
  not: string;
  comparisons: Readonly<Record<string, Comparison>>;
  condition(reader: TokenReader): Filter;
}

/** A text of more nested brackets than this is no filter that a person wrote, and would exhaust the stack. */
const DEEPEST = 200;
const TEXT_FUNCTIONS: readonly string[] = ['startswith', 'endswith', 'contains'] satisfies TextFunction[];

const GRAMMARS: Record<FilterLanguage, Grammar> = {
  range: {
    joins: { '||': { op: 'or', power: 1 }, '&&': { op: 'and', power: 2 } },
    not: '!',
    comparisons: { '==': 'eq', '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' },
    condition: rangeCondition,
  },
  odata: {
    joins: { or: { op: 'or', power: 1 }, and: { op: 'and', power: 2 } },
    not: 'not',
    comparisons: { eq: 'eq', ne: 'ne', lt: 'lt', le: 'le', gt: 'gt', ge: 'ge' },
    condition: odataCondition,
  },
};

/**
 * Parses a filter of one side by operator precedence (Pratt): F&O's query range expressions ("Using expressions in
 * query ranges") or what OData's `$filter` has in Dataverse ("Filter rows using OData"), with `in`.
 * @throws FilterSyntaxError
 */
export function parseFilter(text: string, language: FilterLanguage): Filter {
  const reader = tokenReader(text, filterTokens(text, language));
  const filter = parseJoined(reader, GRAMMARS[language], 0, 0);
  if (reader.peek().kind !== 'end') reader.fail('the end, or a word that joins two conditions');
  return filter;
}

interface TokenReader {
  peek(): Token;
  take(): Token;
  /** Takes the next token when it is this word or mark. */
  accept(text: string): boolean;
  expect(text: string): void;
  fail(wanted: string): never;
}

function tokenReader(text: string, tokens: readonly Token[]): TokenReader {
  const end: Token = { kind: 'end', text: '', at: text.length };
  let next = 0;
  const peek = (): Token => tokens[next] ?? end;
  const fail = (wanted: string): never => {
    const { at, text: found } = peek();
    throw new FilterSyntaxError(text, at, `expected ${wanted}, found ${found === '' ? 'the end' : found}`);
  };
  const accept = (wanted: string): boolean => {
    const token = peek();
    if (token.kind === 'literal' || token.kind === 'end' || token.text !== wanted) return false;
    next += 1;
    return true;
  };
  return {
    peek,
    accept,
    fail,
    take: () => {
      const token = peek();
      next += 1;
      return token;
    },
    expect: (wanted) => {
      if (!accept(wanted)) fail(`"${wanted}"`);
    },
  };
}

function parseJoined(reader: TokenReader, grammar: Grammar, weakest: number, depth: number): Filter {
  if (depth > DEEPEST) reader.fail(`at most ${DEEPEST} nested brackets`);
  let left = parseOne(reader, grammar, depth);
  for (;;) {
    const token = reader.peek();
    const join = token.kind === 'literal' ? undefined : grammar.joins[token.text];
    if (join === undefined || join.power <= weakest) return left;
    reader.take();
    left = { op: join.op, left, right: parseJoined(reader, grammar, join.power, depth) };
  }
}

function parseOne(reader: TokenReader, grammar: Grammar, depth: number): Filter {
  if (depth > DEEPEST) reader.fail(`at most ${DEEPEST} nested brackets`);
  if (reader.accept(grammar.not)) return { op: 'not', of: parseOne(reader, grammar, depth + 1) };
  if (!reader.accept('(')) return grammar.condition(reader);
  const inner = parseJoined(reader, grammar, 0, depth + 1);
  reader.expect(')');
  return inner;
}

function rangeCondition(reader: TokenReader): Filter {
  const column = takeColumn(reader);
  if (reader.peek().kind === 'word' && reader.peek().text.toLowerCase() === 'like') {
    reader.take();
    return { op: 'like', column, pattern: takeText(reader) };
  }
  const comparison = takeComparison(reader, GRAMMARS.range, '== != < <= > >= or like');
  const word = reader.peek();
  if (word.kind !== 'word') return { op: 'compare', column, comparison, literal: takeLiteral(reader) };
  reader.take();
  return { op: 'compare', column, comparison, literal: { kind: 'symbol', text: word.text } };
}

function odataCondition(reader: TokenReader): Filter {
  const column = takeColumn(reader);
  if (isTextFunction(column) && reader.accept('(')) {
    const tested = takeColumn(reader);
    reader.expect(',');
    const text = takeText(reader);
    reader.expect(')');
    return { op: 'text', column: tested, test: column, text };
  }
  if (reader.accept('in')) return { op: 'in', column, literals: takeList(reader) };
  const comparison = takeComparison(reader, GRAMMARS.odata, 'eq, ne, gt, ge, lt, le or in');
  const at = reader.peek();
  if (at.literal?.kind === 'null' && comparison !== 'eq' && comparison !== 'ne')
    reader.fail('a value: null has no order');
  return { op: 'compare', column, comparison, literal: takeLiteral(reader) };
}

function isTextFunction(word: string): word is TextFunction {
  return TEXT_FUNCTIONS.includes(word);
}

function takeList(reader: TokenReader): Literal[] {
  reader.expect('(');
  const literals: Literal[] = [];
  do {
    if (reader.peek().literal?.kind === 'null') reader.fail('a value: a list holds no null');
    literals.push(takeLiteral(reader));
  } while (reader.accept(','));
  reader.expect(')');
  return literals;
}

function takeColumn(reader: TokenReader): string {
  return reader.peek().kind === 'word' ? reader.take().text : reader.fail('a column');
}

function takeComparison(reader: TokenReader, grammar: Grammar, wanted: string): Comparison {
  const token = reader.peek();
  const comparison = token.kind === 'literal' ? undefined : grammar.comparisons[token.text];
  if (comparison === undefined) return reader.fail(wanted);
  reader.take();
  return comparison;
}

function takeLiteral(reader: TokenReader): Literal {
  const { literal } = reader.peek();
  if (literal === undefined) return reader.fail('a value');
  reader.take();
  return literal;
}

function takeText(reader: TokenReader): string {
  return reader.peek().literal?.kind === 'text' ? takeLiteral(reader).text : reader.fail('a quoted text');
}
