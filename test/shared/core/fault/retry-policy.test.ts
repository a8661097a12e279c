import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault, FaultClass } from '../../../../shared/core/fault/fault.ts';
import { failure, success } from '../../../../shared/core/fault/fault.ts';
import { FAULT_CODES } from '../../../../shared/core/fault/fault-codes.ts';
import { isPassing, isRefusal, parkedDelayMs, retryDelayMs } from '../../../../shared/core/fault/retry-policy.ts';

describe('fault codes', () => {
  it('are numbered by what failed, and each says what it means and what to do', () => {
    const entries = Object.entries(FAULT_CODES);
    expect(entries.length).toBeGreaterThan(20);
    for (const [code, text] of entries) {
      expect(code).toMatch(/^TW[1-5]\d\d$/);
      expect(text).toMatch(/^[A-Z].{20,}\.$/);
    }
    expect(new Set(Object.values(FAULT_CODES)).size).toBe(entries.length);
  });

  it('travel as plain data', () => {
    const fault = { code: 'TW101', class: 'throttled', message: 'Wait.', retryAfterMs: 3_000 } as const;
    expect(JSON.parse(JSON.stringify(failure(fault)))).toEqual({ ok: false, fault });
    expect(success(1)).toEqual({ ok: true, value: 1 });
  });
});

describe('retry policy', () => {
  const seed = fc.string();

  const failed = (kind: FaultClass, retryAfterMs?: number): Fault => ({
    code: 'TW102',
    class: kind,
    message: 'It failed.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

  it('I6: waits exactly as long as it was asked to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 3_600_000 }),
        fc.constantFrom<FaultClass>('throttled', 'transient', 'unknown'),
        seed,
        (attempt, askedMs, kind, name) => {
          expect(retryDelayMs(attempt, failed(kind, askedMs), name)).toBe(askedMs);
        },
      ),
    );
  });

  it('I6: doubles from half a second to a minute where nobody asked', () => {
    const delays = [1, 2, 3, 7, 8, 9, 60].map((attempt) => retryDelayMs(attempt, failed('transient'), 'seed'));
    const floors = [500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000];
    delays.forEach((delayMs, index) => {
      const floor = floors[index] ?? 0;
      expect(delayMs).toBeGreaterThanOrEqual(floor);
      expect(delayMs).toBeLessThanOrEqual(floor * 1.25);
    });
  });

  it.each([undefined, 0])('I6: rests for eight seconds when a pause is asked for with the time %s', (askedMs) => {
    const delayMs = retryDelayMs(0, failed('throttled', askedMs), 'seed');
    expect(delayMs).toBeGreaterThanOrEqual(8_000);
    expect(delayMs).toBeLessThanOrEqual(10_000);
    expect(retryDelayMs(0, failed('throttled', askedMs), 'seed')).toBe(delayMs);
  });

  it('spreads the rests of different records', () => {
    const delays = new Set(Array.from({ length: 50 }, (_, n) => retryDelayMs(1, failed('transient'), `record-${n}`)));
    expect(delays.size).toBeGreaterThan(40);
  });

  it('I6: lets parked changes rest from fifteen seconds to an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), seed, (releases, name) => {
        const delayMs = parkedDelayMs(releases, name);
        expect(delayMs).toBeGreaterThanOrEqual(15_000);
        expect(delayMs).toBeLessThanOrEqual(3_600_000 * 1.25);
      }),
    );
    expect(parkedDelayMs(3, 's')).toBeGreaterThan(parkedDelayMs(1, 's'));
  });

  it('takes only faults for passing that time alone mends', () => {
    const passing = (kind: FaultClass): boolean => isPassing({ code: 'TW101', class: kind, message: '' });
    expect((['throttled', 'transient', 'unknown'] as const).every(passing)).toBe(true);
    const lasting = [
      'stale',
      'exists',
      'gone',
      'missing-reference',
      'business',
      'mapping',
      'unauthorised',
      'configuration',
    ] as const;
    expect(lasting.some(passing)).toBe(false);
    const refusals = lasting.filter((kind) => isRefusal({ code: 'TW101', class: kind, message: '' }));
    expect(refusals).toEqual(['missing-reference', 'business', 'mapping']);
  });
});
