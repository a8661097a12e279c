import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, isoInstant } from '../../../../shared/core/record/instant.ts';

describe('instants', () => {
  it('come back from their text to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (instantMs) => {
        expect(epochMs(isoInstant(instantMs))).toBe(instantMs);
      }),
    );
  });

  it('are cut, not rounded, beyond the millisecond, and read with any offset', () => {
    expect(epochMs('2026-01-01T00:00:00.9999999Z')).toBe(1_767_225_600_999);
    expect(epochMs('2026-01-01T02:00:00+02:00')).toBe(1_767_225_600_000);
  });

  it('are null where the text is none', () => {
    for (const text of ['', 'yesterday', '2026-01-01', '2026-01-01T00:00:00']) expect(epochMs(text)).toBeNull();
  });
});
