import fc from 'fast-check';
import type { Condition, Filter, FilterLanguage, Literal } from '../../../../../shared/core/map/filter/filter.ts';

const TEXT = fc.string({
  unit: fc.constantFrom('a', 'B', 'c', 'é', '1', "'", '"', '\\', '*', '%', '_', '.', '?'),
  maxLength: 3,
});
const COMPARISON = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge');

/** Literals by the column they are compared with: what one type takes, a server refuses for another. */
const COLUMNS: Record<string, fc.Arbitrary<Literal>> = {
  name: TEXT.map((text) => ({ kind: 'text', text })),
  credit: fc.integer({ min: -3, max: 3 }).map((number) => ({ kind: 'number', text: `${number}.5` })),
  choice: fc.integer({ min: 0, max: 3 }).map((number) => ({ kind: 'number', text: String(number) })),
  since: fc.constantFrom('2021-06-23', '2021-06-24').map((text) => ({ kind: 'date', text })),
};
const ODATA_ONLY: Record<string, fc.Arbitrary<Literal>> = {
  active: fc.constantFrom('true', 'false').map((text) => ({ kind: 'boolean', text })),
  owner: fc
    .constantFrom('a', 'b')
    .map((digit) => ({ kind: 'guid', text: `${digit.repeat(8)}-1111-4111-8111-111111111111` })),
};
const RANGE_ONLY: Record<string, fc.Arbitrary<Literal>> = {
  kind: fc.constantFrom('Person', 'Other').map((text) => ({ kind: 'symbol', text, enumName: 'PartyType' })),
};

/** Filters of one language over a few columns, so that they often agree or contradict each other. */
export function arbitraryFilter(language: FilterLanguage): fc.Arbitrary<Filter> {
  const columns = { ...COLUMNS, ...(language === 'odata' ? ODATA_ONLY : RANGE_ONLY) };
  const conditions = Object.entries(columns).flatMap(([column, literal]) => comparisons(column, literal, language));
  const condition = fc.oneof(...conditions, ...textConditions(language));
  const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      condition,
      fc.record({ op: fc.constantFrom('and', 'or'), left: tie('tree'), right: tie('tree') }),
      fc.record({ op: fc.constant('not'), of: tie('tree') }),
    ) as fc.Arbitrary<Filter>,
  }));
  return tree;
}

function comparisons(
  column: string,
  literal: fc.Arbitrary<Literal>,
  language: FilterLanguage,
): fc.Arbitrary<Condition>[] {
  const compare = (comparison: typeof COMPARISON, value: fc.Arbitrary<Literal>): fc.Arbitrary<Condition> =>
    fc.record({
      op: fc.constant('compare'),
      column: fc.constant(column),
      comparison,
      literal: value,
    }) as fc.Arbitrary<Condition>;
  if (language === 'range') return [compare(COMPARISON, literal)];
  const nothing = fc.constant<Literal>({ kind: 'null', text: 'null' });
  const list = fc.array(literal, { minLength: 1, maxLength: 3 });
  return [
    compare(COMPARISON, literal),
    compare(fc.constantFrom('eq', 'ne'), nothing),
    list.map((literals) => ({ op: 'in', column, literals })),
  ];
}

function textConditions(language: FilterLanguage): fc.Arbitrary<Condition>[] {
  if (language === 'range') return [TEXT.map((pattern) => ({ op: 'like', column: 'name', pattern }))];
  return [
    fc
      .tuple(fc.constantFrom('startswith', 'endswith', 'contains'), TEXT)
      .map(([test, text]) => ({ op: 'text', column: 'name', test, text }) as const),
  ];
}
