import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ValueTransform } from '../../../../shared/core/map/table-map.ts';
import { transformMisfit } from '../../../../shared/core/map/transform-misfit.ts';
import { compileConversion } from '../../../../shared/core/map/value-transform.ts';
import { canonicalValue } from '../../../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';

const TEXT: ColumnType = { kind: 'text' };
const DATES = { finops: { kind: 'date' }, dataverse: { kind: 'instant' } } as const;
const decimal = (scale: number): ColumnType => ({ kind: 'decimal', scale });

function toDataverse(transform: ValueTransform, value: string | null, types = { finops: TEXT, dataverse: TEXT }) {
  const result = compileConversion(transform, types)('finops', value);
  return result.ok ? result.value : result.code;
}

describe('a factor', () => {
  it('brings back every value of the side with the coarser steps', () => {
    const scale = fc.integer({ min: 0, max: 6 });
    const by = fc.constantFrom('1000', '0.001', '2.54', '0.45359237', '12', '3');
    fc.assert(
      fc.property(scale, scale, by, fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), (own, other, factor, units) => {
        const types = { finops: decimal(own), dataverse: decimal(other) };
        const convert = compileConversion({ type: 'factor', by: factor }, types);
        const from = Number(factor) * 10 ** -own >= 10 ** -other ? 'finops' : 'dataverse';
        const to = from === 'finops' ? 'dataverse' : 'finops';
        const value = canonicalValue(`${units}e-${from === 'finops' ? own : other}`, types[from]);
        const there = convert(from, value);
        expect(there.ok && convert(to, there.value)).toEqual({ ok: true, value });
      }),
    );
  });

  it('keeps all digits of long amounts', () => {
    const types = { finops: decimal(6), dataverse: decimal(3) };
    const there = toDataverse({ type: 'factor', by: '1000' }, '12345678901234567890123.123456', types);
    expect(there).toBe('12345678901234567890123123.456');
  });
});

describe('a time zone', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Auckland', 'Asia/Kolkata', 'UTC');

  it('brings back every date, also where the clock changes at midnight', () => {
    const days = fc.date({ min: new Date('1900-01-03'), max: new Date('2154-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const value = day.toISOString().slice(0, 10);
        const convert = compileConversion({ type: 'time-zone', zone }, DATES);
        const there = convert('finops', value);
        expect(there.ok && convert('dataverse', there.value)).toEqual({ ok: true, value });
      }),
    );
  });

  it('takes the beginning of the day, in summer and in winter', () => {
    const berlin: ValueTransform = { type: 'time-zone', zone: 'Europe/Berlin' };
    const convert = compileConversion(berlin, DATES);
    expect(convert('finops', '2026-07-01')).toEqual({ ok: true, value: '2026-06-30T22:00:00Z' });
    expect(convert('finops', '2026-12-01')).toEqual({ ok: true, value: '2026-11-30T23:00:00Z' });
    expect(convert('dataverse', '2026-06-30T23:30:00Z')).toEqual({ ok: true, value: '2026-07-01' });
    expect(convert('finops', null)).toEqual({ ok: true, value: null });
  });

  it('refuses a day that the zone skipped', () => {
    const convert = compileConversion({ type: 'time-zone', zone: 'Pacific/Apia' }, DATES);
    expect(convert('finops', '2011-12-30')).toMatchObject({ ok: false, code: 'TW302' });
  });
});

describe('one-way transforms', () => {
  it('change case, cut and round, and leave what is empty empty', () => {
    expect(toDataverse({ type: 'case', to: 'upper' }, 'straße')).toBe('STRASSE');
    expect(toDataverse({ type: 'truncate', length: 3 }, 'abcdef')).toBe('abc');
    expect(toDataverse({ type: 'truncate', length: 3 }, 'ab😀')).toBe('ab');
    expect(toDataverse({ type: 'substring', start: 2, length: 2 }, 'abcdef')).toBe('cd');
    expect(toDataverse({ type: 'substring', start: 9 }, 'abc')).toBe(null);
    expect(toDataverse({ type: 'round', digits: 1 }, '-2.25')).toBe('-2.3');
    expect(toDataverse({ type: 'round', digits: 1 }, 'many')).toBe('TW302');
    expect(toDataverse({ type: 'case', to: 'lower' }, null)).toBe(null);
  });
});

describe('an expression', () => {
  it('computes from the value, typed by its column', () => {
    expect(toDataverse({ type: 'expression', cel: 'value == null ? "none" : value + "!"' }, null)).toBe('none');
    expect(toDataverse({ type: 'expression', cel: 'value + "!"' }, 'a')).toBe('a!');
    const numbers = { finops: { kind: 'integer' }, dataverse: { kind: 'boolean' } } as const;
    const positive = compileConversion({ type: 'expression', cel: 'value > 0' }, numbers);
    expect(positive('finops', '7')).toEqual({ ok: true, value: 'true' });
  });

  it('is a fault of the row where it fails, or gives no plain value', () => {
    expect(toDataverse({ type: 'expression', cel: '1 / 0' }, 'a')).toBe('TW302');
    expect(toDataverse({ type: 'expression', cel: 'value + 1' }, 'a')).toBe('TW302');
    expect(toDataverse({ type: 'expression', cel: '[value]' }, 'a')).toBe('TW302');
  });
});

describe('what cannot work', () => {
  it('is told before a map runs', () => {
    const texts = { finops: TEXT, dataverse: TEXT };
    expect(transformMisfit({ type: 'factor', by: '2' }, texts)).toContain('number');
    expect(transformMisfit({ type: 'time-zone', zone: 'UTC' }, texts)).toContain('instant');
    expect(transformMisfit({ type: 'time-zone', zone: 'Mars/Olympus' }, DATES)).toContain('Mars/Olympus');
    expect(transformMisfit({ type: 'expression', cel: '1 +' }, texts)).not.toBeNull();
    expect(transformMisfit({ type: 'expression', cel: 'other' }, texts)).toContain('other');
    expect(transformMisfit({ type: 'time-zone', zone: 'Europe/Berlin' }, DATES)).toBeNull();
  });
});
