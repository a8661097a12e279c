import type { Condition, Filter, Literal } from './filter.ts';

/** What a filter says for certain of single columns: the only values that pass, and values that never do. */
export interface FilterValues {
  only: ReadonlyMap<string, ReadonlySet<string>>;
  never: ReadonlyMap<string, ReadonlySet<string>>;
}

const NOTHING: FilterValues = { only: new Map(), never: new Map() };

/** Reads off what is certain; columns and values without regard to case. What it cannot see through says nothing. */
export function filterValues(filter: Filter): FilterValues {
  if ('column' in filter) return conditionValues(filter);
  if (filter.op === 'not') return NOTHING;
  const left = filterValues(filter.left);
  const right = filterValues(filter.right);
  return filter.op === 'and'
    ? { only: merged(left.only, right.only, intersection), never: merged(left.never, right.never, union) }
    : { only: shared(left.only, right.only, union), never: shared(left.never, right.never, intersection) };
}

/** Whether no row can pass both. */
export function areDisjoint(one: FilterValues, other: FilterValues): boolean {
  const excludes = (a: FilterValues, b: FilterValues): boolean =>
    [...a.only].some(([column, values]) => {
      const allowed = b.only.get(column);
      const refused = b.never.get(column);
      return [...values].every(
        (value) => (allowed !== undefined && !allowed.has(value)) || refused?.has(value) === true,
      );
    });
  return excludes(one, other) || excludes(other, one);
}

function conditionValues(condition: Condition): FilterValues {
  const column = condition.column.toLowerCase();
  if (condition.op === 'in')
    return { ...NOTHING, only: new Map([[column, new Set(condition.literals.map(literalValue))]]) };
  if (condition.op !== 'compare') return NOTHING;
  const values = new Map([[column, new Set([literalValue(condition.literal)])]]);
  if (condition.comparison === 'eq') return { ...NOTHING, only: values };
  return condition.comparison === 'ne' ? { ...NOTHING, never: values } : NOTHING;
}

/** An empty text and null are one, as they are in canonical values. */
function literalValue({ kind, text }: Literal): string {
  return kind === 'null' ? '' : text.toLowerCase();
}

type ByColumn = ReadonlyMap<string, ReadonlySet<string>>;
type Join = (one: ReadonlySet<string>, other: ReadonlySet<string>) => ReadonlySet<string>;

const union: Join = (one, other) => new Set([...one, ...other]);
const intersection: Join = (one, other) => new Set([...one].filter((value) => other.has(value)));

function merged(one: ByColumn, other: ByColumn, join: Join): ByColumn {
  const all = new Map(one);
  for (const [column, values] of other) {
    const known = all.get(column);
    all.set(column, known === undefined ? values : join(known, values));
  }
  return all;
}

function shared(one: ByColumn, other: ByColumn, join: Join): ByColumn {
  return new Map(
    [...one].flatMap(([column, values]) => {
      const others = other.get(column);
      return others === undefined ? [] : [[column, join(values, others)] as const];
    }),
  );
}
