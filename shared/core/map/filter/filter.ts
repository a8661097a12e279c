/** The two languages: F&O's query range expressions and Dataverse's OData `$filter`. */
export type FilterLanguage = 'range' | 'odata';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
export type TextFunction = 'startswith' | 'endswith' | 'contains';

/** A value as a filter writes it. Dates are ISO whatever the language; symbols are members of an F&O enum. */
export interface Literal {
  kind: 'text' | 'number' | 'boolean' | 'date' | 'guid' | 'symbol' | 'null';
  text: string;
  /** The enum that a symbol was written with (`AccountType::Customer`). */
  enumName?: string;
}

/** A condition on one column. In the pattern of `like`, `*` stands for any text and `?` for one character. */
export type Condition =
  | { op: 'compare'; column: string; comparison: Comparison; literal: Literal }
  | { op: 'in'; column: string; literals: readonly Literal[] }
  | { op: 'like'; column: string; pattern: string }
  | { op: 'text'; column: string; test: TextFunction; text: string };

/** A filter of either language as one tree. */
export type Filter = { op: 'and' | 'or'; left: Filter; right: Filter } | { op: 'not'; of: Filter } | Condition;

/** The same tree with every condition replaced. */
export function mapConditions(filter: Filter, replace: (condition: Condition) => Filter): Filter {
  if ('column' in filter) return replace(filter);
  if (filter.op === 'not') return { op: 'not', of: mapConditions(filter.of, replace) };
  const { op, left, right } = filter;
  return { op, left: mapConditions(left, replace), right: mapConditions(right, replace) };
}

/** All conditions of a filter, in the order in which they are written. */
export function conditionsOf(filter: Filter): Condition[] {
  if ('column' in filter) return [filter];
  if (filter.op === 'not') return conditionsOf(filter.of);
  return [...conditionsOf(filter.left), ...conditionsOf(filter.right)];
}

/** The columns that a filter reads; they count as mapped, because a row crosses the boundary by them. */
export function filterColumns(filter: Filter): string[] {
  return [...new Set(conditionsOf(filter).map(({ column }) => column))];
}

/** A list of values as comparisons, for servers that know no `in`. */
export function withoutIn(filter: Filter): Filter {
  return mapConditions(filter, (condition) => {
    if (condition.op !== 'in') return condition;
    const { column } = condition;
    return condition.literals
      .map((literal): Filter => ({ op: 'compare', column, comparison: 'eq', literal }))
      .reduce((left, right) => ({ op: 'or', left, right }));
  });
}
