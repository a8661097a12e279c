import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTagOf, signTag } from '../../../../shared/adapters/dataverse/write-tag.ts';

const ROW = '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004';
const AT_MS = Date.UTC(2026, 0, 1);
const event = (more: object = {}) => ({ rowId: ROW, occurredAt: '2026-01-01T00:00:00.000Z', ...more });

test('a tag is known to whoever holds one of the secrets, and to nobody else', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (secret, another) => {
      fc.pre(secret !== another);
      const tag = signTag(ROW.toUpperCase(), AT_MS, secret);
      expect(isTagOf(tag, event(), [another, secret])).toBe(true);
      expect(isTagOf(tag, event(), [another])).toBe(false);
      expect(isTagOf(tag, event(), [])).toBe(false);
    }),
  );
});

test('a tag with any character changed, cut or added is none', () => {
  const tag = signTag(ROW, AT_MS, 'secret');
  fc.assert(
    fc.property(fc.nat(tag.length - 1), fc.constantFrom('A', 'b', ':', '', 'xx', '.', '='), (at, put) => {
      const forged = tag.slice(0, at) + put + tag.slice(at + 1);
      fc.pre(forged !== tag);
      expect(isTagOf(forged, event(), ['secret'])).toBe(false);
    }),
  );
  for (const other of ['', 'tw2', 'tw2::', 'hello', `${tag}:`, `${tag}=`, `tw1${tag.slice(3)}`]) {
    expect(isTagOf(other, event(), ['secret'])).toBe(false);
  }
});

test('a tag that was copied is good for its own row only, and for a quarter of an hour', () => {
  const tag = signTag(ROW, AT_MS, 'secret');
  const cases: [object, boolean][] = [
    [{ rowId: ROW.replace('4', '5') }, false],
    [{ rowId: null }, false],
    [{ occurredAt: null }, false],
    [{ occurredAt: 'soon' }, false],
    [{ occurredAt: '2026-01-01T00:15:00.000Z' }, true],
    [{ occurredAt: '2025-12-31T23:45:00.000Z' }, true],
    [{ occurredAt: '2026-01-01T00:15:00.001Z' }, false],
    [{ occurredAt: '2025-12-31T23:44:59.999Z' }, false],
  ];
  for (const [more, good] of cases) {
    expect(isTagOf(tag, event(more), ['secret']), JSON.stringify(more)).toBe(good);
  }
  expect(isTagOf(signTag('', AT_MS, 'secret'), event({ rowId: '' }), ['secret'])).toBe(false);
});
