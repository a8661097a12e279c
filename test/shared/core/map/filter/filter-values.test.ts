import { describe, expect, it } from 'vitest';
import { areDisjoint, filterValues } from '../../../../../shared/core/map/filter/filter-values.ts';
import { parseFilter } from '../../../../../shared/core/map/filter/parse-filter.ts';

function apart(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => filterValues(parseFilter(text, 'odata')));
  return areDisjoint(a!, b!) && areDisjoint(b!, a!);
}

describe('what filters say for certain', () => {
  it.each([
    ['a eq 1', 'a eq 2'],
    ['a eq 1 and b ne null', 'c eq 7 and A eq 2'],
    ['a eq 1 or a eq 2', 'a eq 3'],
    ["a eq 'X'", "a ne 'x'"],
    ['a eq null', 'a ne null'],
    ['a eq 1 and a eq 2', 'a eq 1'],
    ['s eq true', 's eq false'],
    ['a in (1, 2)', 'a eq 3'],
  ])('%s and %s have no row in common', (one, other) => expect(apart(one, other)).toBe(true));

  it.each([
    ['a eq 1', 'b eq 2'],
    ['a eq 1 or b eq 1', 'a eq 2'],
    ['a eq 1 or a eq 2', 'a eq 2'],
    ['not (a eq 1)', 'a eq 1'],
    ['a ne 1', 'a ne 2'],
    ['a gt 5', 'a lt 3'],
    ["startswith(a, 'x')", "a eq 'y'"],
  ])('%s and %s may have', (one, other) => expect(apart(one, other)).toBe(false));
});
