import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileConversion } from '../../../../shared/core/map/value-transform.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';
import { otherSide, SIDES } from '../../../../shared/core/record/side.ts';

const TEXT: ColumnType = { kind: 'text' };
const ENUM_TO_OPTION = { finops: { kind: 'enum' }, dataverse: { kind: 'option' } } as const;

function valueMap(pairs: [string, string][], types: Record<'finops' | 'dataverse', ColumnType> = ENUM_TO_OPTION) {
  return compileConversion({ type: 'value-map', pairs }, types);
}

describe('value maps', () => {
  it('give every value back where no value is listed twice', () => {
    const symbol = fc.stringMatching(/^[a-z]{1,8}$/);
    const pairs = fc.uniqueArray(fc.tuple(symbol, fc.integer({ min: 0, max: 999 }).map(String)), {
      minLength: 1,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(pairs, (listed) => {
        const injective = listed.filter(([, text], index) => listed.findIndex((each) => each[1] === text) === index);
        const convert = valueMap(injective);
        for (const [name, number] of injective) {
          const forwards = convert('finops', name);
          expect(forwards).toEqual({ ok: true, value: number });
          expect(convert('dataverse', number)).toEqual({ ok: true, value: name });
        }
      }),
    );
  });

  it('take the first listed pair backwards where two symbols share a value', () => {
    const convert = valueMap([
      ['employee', '1'],
      ['both', '1'],
      ['customer', '2'],
    ]);
    expect(convert('finops', 'both')).toEqual({ ok: true, value: '1' });
    expect(convert('dataverse', '1')).toEqual({ ok: true, value: 'employee' });
  });

  it('ignore case on both sides', () => {
    const convert = valueMap(
      [
        ['fixedAssets', 'True'],
        ['Currency', 'Euro'],
      ],
      { finops: { kind: 'enum' }, dataverse: TEXT },
    );
    expect(convert('finops', 'fixedassets')).toEqual({ ok: true, value: 'True' });
    expect(convert('dataverse', 'EURO')).toEqual({ ok: true, value: 'currency' });
  });

  it('map an empty key, and leave an empty value empty where none is listed', () => {
    const listed = valueMap([
      ['', '1033'],
      ['de', '1031'],
    ]);
    expect(listed('finops', null)).toEqual({ ok: true, value: '1033' });
    expect(listed('dataverse', '1033')).toEqual({ ok: true, value: null });
    expect(valueMap([['de', '1031']])('finops', null)).toEqual({ ok: true, value: null });
  });

  it('map a value to empty', () => {
    const convert = valueMap([['never', '']], { finops: { kind: 'enum' }, dataverse: { kind: 'date' } });
    expect(convert('finops', 'never')).toEqual({ ok: true, value: null });
    expect(convert('dataverse', null)).toEqual({ ok: true, value: 'never' });
  });

  it('name the value that they do not list', () => {
    const result = valueMap([['de', '1031']])('finops', 'fr');
    expect(result).toMatchObject({ ok: false, code: 'TW301', message: expect.stringContaining('"fr"') });
  });
});

describe('plain conversion', () => {
  it('gives text back that fits both columns', () => {
    const convert = compileConversion(undefined, { finops: TEXT, dataverse: TEXT });
    const text = fc
      .string()
      .map((each) => each.trim())
      .filter((each) => each !== '');
    fc.assert(
      fc.property(text, fc.constantFrom(...SIDES), (value, side) => {
        expect(convert(side, value)).toEqual({ ok: true, value });
        expect(convert(otherSide(side), value)).toEqual({ ok: true, value });
      }),
    );
  });

  it('rounds a decimal to the scale of the side that it goes to', () => {
    const convert = compileConversion(undefined, {
      finops: { kind: 'decimal', scale: 4 },
      dataverse: { kind: 'decimal', scale: 2 },
    });
    expect(convert('finops', '1.2345')).toEqual({ ok: true, value: '1.23' });
    expect(convert('dataverse', '1.23')).toEqual({ ok: true, value: '1.23' });
  });

  it('refuses text that is too long, and values of another type, with their beginning in the message', () => {
    const convert = compileConversion(undefined, { finops: TEXT, dataverse: { kind: 'text', maxLength: 5 } });
    expect(convert('finops', 'abcde')).toEqual({ ok: true, value: 'abcde' });
    expect(convert('finops', 'abcdef')).toMatchObject({
      ok: false,
      code: 'TW302',
      message: expect.stringContaining('"abcdef'),
    });
    const number = compileConversion(undefined, { finops: TEXT, dataverse: { kind: 'integer' } });
    expect(number('finops', 'twelve')).toMatchObject({ ok: false, code: 'TW302' });
  });

  it('writes the default where the source is empty, and the source where it is not', () => {
    const types = { finops: { kind: 'integer' }, dataverse: { kind: 'integer' } } as const;
    const convert = compileConversion({ type: 'default', value: '0' }, types);
    expect(convert('finops', null)).toEqual({ ok: true, value: '0' });
    expect(convert('finops', '4')).toEqual({ ok: true, value: '4' });
  });
});
