import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, LANES, laneOf } from '../../../../shared/core/record/fingerprint.ts';
import { recordKey, recordKeyParts } from '../../../../shared/core/record/record-key.ts';

const part = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: fc.constantFrom('|', '\\', 'a', 'B') }),
);

describe('record keys', () => {
  it('give back the parts that they were composed of, in lower case', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(recordKeyParts(recordKey(parts) ?? '')).toEqual(parts.map((each) => each.toLowerCase()));
      }),
    );
  });

  it('differ where the parts differ by more than case', () => {
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 2 }),
        fc.array(part, { minLength: 2, maxLength: 2 }),
        (a, b) => {
          const same = a.join('\0').toLowerCase() === b.join('\0').toLowerCase();
          expect(recordKey(a) === recordKey(b)).toBe(same);
        },
      ),
    );
    expect(recordKey(['a|b', 'c'])).not.toBe(recordKey(['a', 'b|c']));
    expect(recordKey(['USMF', 'C-1'])).toBe(recordKey(['usmf', 'c-1']));
  });

  it('do not exist while a part is empty', () => {
    expect(recordKey(['usmf', null])).toBeNull();
    expect(recordKey([null])).toBeNull();
  });

  it('spread over all lanes, each always to the same', () => {
    const lanes = new Map<number, number>();
    for (let index = 0; index < 4_000; index += 1) {
      const lane = laneOf(`usmf|c-${index}`);
      expect(lane).toBe(laneOf(`usmf|c-${index}`));
      lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
    }
    expect([...lanes.keys()].sort((a, b) => a - b)).toEqual([...Array(LANES).keys()]);
    expect(Math.min(...lanes.values())).toBeGreaterThan((4_000 / LANES) * 0.8);
  });

  it('have a short fingerprint that never changes, because it names stored rows', () => {
    expect(fingerprint('usmf|c-1')).toBe(fingerprint('usmf|c-1'));
    expect(fingerprint('a')).toBe('ca978112ca1bbdca');
  });
});
