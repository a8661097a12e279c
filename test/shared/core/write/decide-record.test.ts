import { expect, test } from 'vitest';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { aRow, planInput, rowIn, valuesOn } from '../small-world.ts';

test('R4: a new record whose one row is outside the filter is saved, so that a plan with an older read loses its claim', () => {
  const row = aRow('finops', 'a', 'b', { values: valuesOn('finops', 'a', 'b', 'out') });
  const outside = { state: 'outside', row } as const;
  const plan = planRecord(planInput({ finops: outside, dataverse: rowIn('dataverse', 'a', 'b') }));
  expect(plan).toMatchObject({
    kind: 'settled',
    outcome: 'filtered',
    link: { state: 'new', sides: { finops: { presence: 'outside' } } },
  });
});
