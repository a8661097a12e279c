import { expect, test } from 'vitest';
import { rowsByKey } from '../../../../shared/adapters/http/rows-by-key.ts';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import type { Row } from '../../../../shared/core/record/row.ts';

const map = {
  sides: { dataverse: { inFilter: (values: Row['values']) => values['kind'] === 'customer' } },
  numbering: null,
  keyOf: (_: string, { values }: Row) => values['number'] ?? null,
} as unknown as CompiledMap;

const row = (id: string, number: string | null, kind: string): Row => ({
  id,
  address: id,
  version: '1',
  values: { number, kind },
});

test('of several rows with one key the one in the filter is named, then the lowest id, whatever their order', () => {
  const rows = [
    row('3', 'a', 'lead'),
    row('2', 'a', 'customer'),
    row('1', 'a', 'lead'),
    row('5', 'b', 'lead'),
    row('4', 'b', 'lead'),
  ];
  const wanted = new Set(['a', 'b']);
  for (const order of [rows, rows.toReversed()]) {
    const found = rowsByKey(map, 'dataverse', order, wanted);
    expect([...found].map(([key, { id }]) => [key, id]).sort()).toEqual([
      ['a', '2'],
      ['b', '4'],
    ]);
  }
});

test('R28: a row says that others in the filter have its key, too, and counts none outside of it', () => {
  const rows = [
    row('1', 'a', 'customer'),
    row('2', 'a', 'customer'),
    row('3', 'b', 'customer'),
    row('4', 'b', 'lead'),
    row('5', 'c', 'lead'),
    row('6', 'c', 'lead'),
  ];
  const found = rowsByKey(map, 'dataverse', rows, new Set(['a', 'b', 'c']));
  expect([...found].map(([key, { id, isOneOfSeveral }]) => [key, id, isOneOfSeveral])).toEqual([
    ['a', '1', true],
    ['b', '3', undefined],
    ['c', '5', undefined],
  ]);
});

test('rows without a key, or with one that is not wanted, are left out', () => {
  const rows = [row('1', null, 'customer'), row('2', 'other', 'customer')];
  expect(rowsByKey(map, 'dataverse', rows, new Set(['a'])).size).toBe(0);
});
