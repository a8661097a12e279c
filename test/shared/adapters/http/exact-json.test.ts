import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactNumber, parseExactJson } from '../../../../shared/adapters/http/exact-json.ts';
import { canonicalValue } from '../../../../shared/core/record/canonical-value.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.stringMatching(/^\d{0,10}$/))
  .map(([whole, fraction]) => (fraction === '' ? String(whole) : `${whole}.${fraction}`));

test('no digit of a number is lost on the way in or out, however long it is', () => {
  fc.assert(
    fc.property(fc.array(decimal, { maxLength: 4 }), (numbers) => {
      const space = numbers.length % 2;
      const text = JSON.stringify(
        { rows: numbers.map((number) => ({ amount: exactNumber(number), note: number })) },
        null,
        space,
      );
      const parsed = parseExactJson(text) as { rows: { amount: unknown; note: string }[] };
      const type = { kind: 'decimal', scale: 10 } as const;
      expect(parsed.rows.map(({ amount }) => canonicalValue(amount, type))).toEqual(
        numbers.map((number) => canonicalValue(number, type)),
      );
      expect(parsed.rows.map(({ note }) => note)).toEqual(numbers);
    }),
  );
});

test('everything but long numbers is what JSON says', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/\d[-\d.eE+]{14,}/.test(JSON.stringify(value)));
      expect(parseExactJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a long number is exact wherever it stands', () => {
  const long = '12345678901234567.5';
  expect(parseExactJson(long)).toBe(long);
  expect(parseExactJson(`[1,${long},[-${long}]]`)).toEqual([1, long, [`-${long}`]]);
  expect(parseExactJson(`{"a":\n${long}}`)).toEqual({ a: long });
  expect(parseExactJson('{"id":"11111111-1111-4111-8111-111111111111"}')).toEqual({
    id: '11111111-1111-4111-8111-111111111111',
  });
});
