import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeKey, keyPart, sortableMs } from '../../../../shared/adapters/table-storage/key-text.ts';

const restored = (text: string) =>
  text.replace(/=([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

it('escapes any text reversibly, without characters that keys must not have and without our separators', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeKey(text);
      expect(restored(escaped)).toBe(text);
      expect(escaped).toMatch(/^[A-Za-z0-9._|:@, =-]*$/);
    }),
  );
});

it('keeps long texts apart within the length that a key may have', () => {
  const [one, two] = [keyPart(`${'x'.repeat(2000)}1`), keyPart(`${'x'.repeat(2000)}2`)];
  expect(one).not.toBe(two);
  expect(one.length).toBeLessThanOrEqual(160);
  expect(keyPart('x'.repeat(160))).toBe('x'.repeat(160));
});

it('writes instants so that they sort as text', () => {
  const instants = [0, 9, 10, 1_764_000_000_000, 99_999_999_999_999];
  expect(instants.map(sortableMs).sort()).toEqual(instants.map(sortableMs));
});
