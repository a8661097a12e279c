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

test('rows without a key, or with one that is not wanted, are left out', () => {
  const rows = [row('1', null, 'customer'), row('2', 'other', 'customer')];
  expect(rowsByKey(map, 'dataverse', rows, new Set(['a'])).size).toBe(0);
});
