import type { Comparison, Condition, Filter, FilterLanguage, Literal } from './filter.ts';

const JOINS: Record<FilterLanguage, Record<'and' | 'or', string>> = {
  range: { and: '&&', or: '||' },
  odata: { and: 'and', or: 'or' },
};
const RANGE_COMPARISONS: Record<Comparison, string> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};

/** The filter does not exist in that language; `translateFilter` says how it may be written there, or why not. */
export class NotPrintableError extends Error {}

/**
 * Writes a filter so that `parseFilter` reads the same tree again. F&O wants brackets round every condition.
 * @throws NotPrintableError for `like` in OData, and for `in`, text functions and null in a query range.
 */
export function printFilter(filter: Filter, language: FilterLanguage): string {
  switch (filter.op) {
    case 'not': {
      const inner = printFilter(filter.of, language);
      if (language === 'range') return `(!${inner})`;
      return `not (${inner})`;
    }
    case 'and':
    case 'or': {
      const join = ` ${JOINS[language][filter.op]} `;
      if (language === 'range') {
        return `(${printFilter(filter.left, language)}${join}${printFilter(filter.right, language)})`;
      }
      const left = bracketed(filter.left, isJoin(filter.left) && filter.left.op !== filter.op);
      return left + join + bracketed(filter.right, isJoin(filter.right));
    }
    case 'compare':
    case 'in':
    case 'like':
    case 'text':
      return language === 'range' ? `(${rangeText(filter)})` : odataText(filter);
  }
}

function isJoin(filter: Filter): boolean {
  return filter.op === 'and' || filter.op === 'or';
}

function bracketed(filter: Filter, needed: boolean): string {
  const text = printFilter(filter, 'odata');
  return needed ? `(${text})` : text;
}

function rangeText(condition: Condition): string {
  const { column } = condition;
  if (condition.op === 'like') return `${column} like ${doubleQuoted(condition.pattern)}`;
  if (condition.op !== 'compare') throw new NotPrintableError(`a query range knows no ${condition.op}`);
  return `${column} ${RANGE_COMPARISONS[condition.comparison]} ${rangeLiteral(condition.literal)}`;
}

function rangeLiteral({ kind, text, enumName }: Literal): string {
  switch (kind) {
    case 'null':
      throw new NotPrintableError('a query range knows no null');
    case 'number':
      return text;
    case 'symbol':
      return enumName === undefined ? text : `${enumName}::${text}`;
    case 'date': {
      const [year, month, day] = text.split('-');
      return text.length === 10 ? `${day}\\${month}\\${year}` : text;
    }
    case 'boolean':
      return text === 'true' ? '1' : '0';
    case 'text':
    case 'guid':
      return doubleQuoted(text);
  }
}

function doubleQuoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function odataText(condition: Condition): string {
  const { column } = condition;
  switch (condition.op) {
    case 'like':
      throw new NotPrintableError('OData knows no like');
    case 'text':
      return `${condition.test}(${column},${singleQuoted(condition.text)})`;
    case 'in':
      return `${column} in (${condition.literals.map(odataLiteral).join(',')})`;
    case 'compare':
      return `${column} ${condition.comparison} ${odataLiteral(condition.literal)}`;
  }
}

function odataLiteral({ kind, text }: Literal): string {
  if (kind === 'symbol') throw new NotPrintableError(`OData of Dataverse knows no enum symbol (${text})`);
  if (kind === 'null') return 'null';
  return kind === 'text' ? singleQuoted(text) : text;
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
