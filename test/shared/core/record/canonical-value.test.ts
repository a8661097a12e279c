import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalValue, NotCanonicalError } from '../../../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';

const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';
const GUID = '7c1d5e0a-91b2-4f3d-8a6e-0123456789ab';

/** Every kind of column with wire values that it takes. */
const KINDS: { type: ColumnType; wire: fc.Arbitrary<unknown> }[] = [
  { type: { kind: 'text' }, wire: fc.string({ unit: 'grapheme' }) },
  { type: { kind: 'text', folded: true }, wire: fc.string({ unit: 'grapheme' }) },
  { type: { kind: 'integer' }, wire: fc.oneof(fc.integer(), fc.bigInt().map(String)) },
  { type: { kind: 'decimal', scale: 2 }, wire: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { type: { kind: 'boolean' }, wire: fc.constantFrom(true, false, 'Yes', 'no', 'TRUE', 'False', 1, 0) },
  {
    type: { kind: 'instant' },
    wire: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
  },
  {
    type: { kind: 'date' },
    wire: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
  },
  { type: { kind: 'guid' }, wire: fc.uuid().map((guid) => `{${guid.toUpperCase()}}`) },
  { type: { kind: 'enum' }, wire: fc.constantFrom('Organization', 'PERSON', ' none ') },
  { type: { kind: 'option' }, wire: fc.oneof(fc.integer(), fc.integer().map(String)) },
  {
    type: { kind: 'options' },
    wire: fc.array(fc.integer({ min: 0 }), { minLength: 1 }).map((list) => list.join(' , ')),
  },
];

describe('canonicalValue', () => {
  it.each(KINDS)('gives $type what it gave before when it is asked again', ({ type, wire }) => {
    fc.assert(
      fc.property(wire, (value) => {
        const once = canonicalValue(value, type);
        expect(canonicalValue(once, type)).toBe(once);
      }),
    );
  });

  it.each(KINDS)('takes null, nothing and empty text for null in $type', ({ type }) => {
    for (const empty of [null, undefined, '', '   ', '\t\n']) expect(canonicalValue(empty, type)).toBeNull();
  });

  it('trims text and keeps its case, unless the column folds it', () => {
    expect(canonicalValue('  Contoso  Ltd ', { kind: 'text' })).toBe('Contoso  Ltd');
    expect(canonicalValue(' USMF', { kind: 'text', folded: true })).toBe('usmf');
  });

  it('rounds decimals half up at the scale of the column and writes them plainly', () => {
    const type: ColumnType = { kind: 'decimal', scale: 2 };
    const cases: [unknown, string][] = [
      ['1.005', '1.01'],
      ['-1.005', '-1.01'],
      [0.1 + 0.2, '0.3'],
      ['1000.00', '1000'],
      ['1e3', '1000'],
      ['-0.001', '0'],
      [-0, '0'],
      ['123456789012345678901234.567', '123456789012345678901234.57'],
      [1e21, '1000000000000000000000'],
    ];
    for (const [wire, canonical] of cases) expect(canonicalValue(wire, type)).toBe(canonical);
  });

  it('compares the same amount alike whether it comes as a number or a text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (cents) => {
        const type: ColumnType = { kind: 'decimal', scale: 2 };
        const text = `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}00`;
        expect(canonicalValue(text, type)).toBe(canonicalValue(cents / 100, type));
      }),
    );
  });

  it('takes the first of January 1900 for no date, as F&O means it', () => {
    expect(canonicalValue('1900-01-01T00:00:00Z', { kind: 'instant' })).toBeNull();
    expect(canonicalValue('1900-01-01T12:00:00Z', { kind: 'date' })).toBeNull();
    expect(canonicalValue('1900-01-01', { kind: 'date' })).toBeNull();
    expect(canonicalValue('1900-01-02', { kind: 'date' })).toBe('1900-01-02');
  });

  it('reads a date by its day, whatever the hour', () => {
    expect(canonicalValue('2026-03-29T12:00:00Z', { kind: 'date' })).toBe('2026-03-29');
    expect(canonicalValue('2026-03-29', { kind: 'date' })).toBe('2026-03-29');
  });

  it('brings instants to UTC and cuts them to the second', () => {
    const type: ColumnType = { kind: 'instant' };
    expect(canonicalValue('2026-03-29T14:00:00.9999999+02:00', type)).toBe('2026-03-29T12:00:00Z');
    expect(canonicalValue('2026-03-29T12:00:00Z', type)).toBe('2026-03-29T12:00:00Z');
  });

  it('folds GUIDs, takes off their braces, and takes the empty one for null', () => {
    expect(canonicalValue(`{${GUID.toUpperCase()}}`, { kind: 'guid' })).toBe(GUID);
    expect(canonicalValue(EMPTY_GUID, { kind: 'guid' })).toBeNull();
  });

  it('folds enum symbols, numbers options, and orders multiple choices', () => {
    expect(canonicalValue('Organization', { kind: 'enum' })).toBe('organization');
    expect(canonicalValue(192350000, { kind: 'option' })).toBe('192350000');
    expect(canonicalValue('10, 9,2', { kind: 'options' })).toBe('2,9,10');
  });

  it.each([
    ['integer', 'twelve'],
    ['integer', 'Infinity'],
    ['decimal', 'NaN'],
    ['boolean', 'perhaps'],
    ['instant', 'yesterday'],
    ['date', '29.03.2026'],
    ['guid', 'not-a-guid'],
    ['option', 'three'],
    ['options', '1,two'],
  ] as const)('refuses as %s the value %s', (kind, wire) => {
    const type = (kind === 'decimal' ? { kind, scale: 2 } : { kind }) as ColumnType;
    expect(() => canonicalValue(wire, type)).toThrow(NotCanonicalError);
  });
});
