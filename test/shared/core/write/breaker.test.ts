import { describe, expect, it } from 'vitest';
import type { IntendedWrite, RecentWrite } from '../../../../shared/core/link/link.ts';
import type { PerSide } from '../../../../shared/core/record/side.ts';
import { BREAKER, isAlternating, writesDigest } from '../../../../shared/core/write/breaker.ts';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { linkOf, NOW, planInput, rowIn } from '../small-world.ts';

function update(value: string, more: Partial<IntendedWrite> = {}): Partial<PerSide<IntendedWrite>> {
  const write: IntendedWrite = {
    operation: 'update',
    rowId: 'r',
    address: 'r',
    ifMatch: '1',
    pairs: { a: [value, value] },
    extra: {},
    unknown: false,
    refused: false,
    ...more,
  };
  return { dataverse: write };
}

describe('breaker', () => {
  const times = (count: number, value: string, atMs = NOW): RecentWrite[] =>
    Array.from({ length: count }, () => ({ atMs, digest: writesDigest(update(value)) }));

  it('R18: trips when the same values were written so often within the window', () => {
    expect(isAlternating(times(BREAKER.repeats, 'x'), update('x'), NOW, BREAKER)).toBe(true);
    expect(isAlternating(times(BREAKER.repeats - 1, 'x'), update('x'), NOW, BREAKER)).toBe(false);
    expect(isAlternating(times(BREAKER.repeats, 'y'), update('x'), NOW, BREAKER)).toBe(false);
    const old = times(BREAKER.repeats, 'x', NOW - BREAKER.windowMs);
    expect(isAlternating(old, update('x'), NOW, BREAKER)).toBe(false);
  });

  it('R18: looks at what is written, whatever the version of the row', () => {
    expect(writesDigest(update('x', { ifMatch: '9' }))).toBe(writesDigest(update('x')));
    expect(writesDigest(update('y'))).not.toBe(writesDigest(update('x')));
    expect(writesDigest(update('x', { operation: 'insert' }))).not.toBe(writesDigest(update('x')));
  });

  it('R18: makes the record wait for a person instead of writing once more', () => {
    const rows = { finops: rowIn('finops', 'x', 'b'), dataverse: rowIn('dataverse', 'a', 'b') };
    const first = planRecord(planInput(rows, { link: linkOf(['a', 'a'], ['b', 'b']) }));
    const digest = writesDigest((first.kind === 'write' && first.link.intent?.writes) || {});
    const recentWrites = Array.from({ length: BREAKER.repeats }, () => ({ atMs: NOW - 1_000, digest }));
    const plan = planRecord(planInput(rows, { link: linkOf(['a', 'a'], ['b', 'b'], { recentWrites }) }));
    expect(plan).toMatchObject({
      kind: 'settled',
      outcome: 'waiting',
      wait: { reason: 'alternating', fault: { code: 'TW209' } },
      link: { base: { a: ['a', 'a'] }, claim: null },
    });
  });
});
