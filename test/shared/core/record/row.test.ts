import { describe, expect, it } from 'vitest';
import { DELETED_BY_KEY, isProvenAbsent } from '../../../../shared/core/record/row.ts';

describe('isProvenAbsent', () => {
  const absent = (deletedIds: string[], scanned = false) => ({ state: 'absent' as const, deletedIds, scanned });

  it('believes a delete event that names the row, one that names the key, and a full scan', () => {
    expect(isProvenAbsent(absent(['r1']), 'r1')).toBe(true);
    expect(isProvenAbsent(absent([DELETED_BY_KEY]), 'r1')).toBe(true);
    expect(isProvenAbsent(absent([], true), 'r1')).toBe(true);
  });

  it('does not believe silence, another row, or an event about a row whose id is unknown', () => {
    expect(isProvenAbsent(absent([]), 'r1')).toBe(false);
    expect(isProvenAbsent(absent(['r2']), 'r1')).toBe(false);
    expect(isProvenAbsent(absent(['r2']), null)).toBe(false);
  });

  it('never takes a row that is there for deleted', () => {
    const row = { id: 'r1', address: 'r1', version: '1', values: {} };
    expect(isProvenAbsent({ state: 'in', row }, 'r1')).toBe(false);
    expect(isProvenAbsent({ state: 'outside', row }, 'r1')).toBe(false);
    expect(isProvenAbsent({ state: 'assumed' }, 'r1')).toBe(false);
  });
});
