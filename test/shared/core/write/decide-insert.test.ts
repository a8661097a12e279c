import { expect, test } from 'vitest';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { deleted, linkOf, planInput, rowIn } from '../small-world.ts';

test('R2: a row that is created anew agrees on nothing that was only an answer on its way back', () => {
  const link = linkOf(['a', 'a'], ['answered', 'b'], { backflow: { from: 'finops', fields: ['b'] } });
  const plan = planRecord(
    planInput({ finops: deleted('finops'), dataverse: rowIn('dataverse', 'edited', 'b') }, { link }),
  );
  expect(plan).toMatchObject({ kind: 'write', link: { intent: { writes: { finops: { operation: 'insert' } } } } });
  expect(plan.kind === 'write' ? Object.keys(plan.link.base ?? {}) : []).toEqual(['key', 'a']);
});
