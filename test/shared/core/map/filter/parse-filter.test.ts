import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterSyntaxError } from '../../../../../shared/core/map/filter/filter-tokens.ts';
import { parseFilter } from '../../../../../shared/core/map/filter/parse-filter.ts';
import { NotPrintableError, printFilter } from '../../../../../shared/core/map/filter/print-filter.ts';
import { arbitraryFilter } from './arbitrary-filter.ts';

describe.each(['range', 'odata'] as const)('a filter in %s', (language) => {
  it('is read again as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(arbitraryFilter(language), (filter) => {
        const text = printFilter(filter, language);
        const again = parseFilter(text, language);
        expect(printFilter(again, language)).toBe(text);
        // A chain of one join is written without brackets in OData, so only its nesting may differ.
        if (language === 'range') expect(again).toEqual(filter);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused with a place, never with another error, when a character of it is lost', () => {
    fc.assert(
      fc.property(arbitraryFilter(language), fc.nat(), (filter, seed) => {
        const text = printFilter(filter, language);
        const at = seed % text.length;
        try {
          parseFilter(text.slice(0, at) + text.slice(at + 1), language);
        } catch (error) {
          if (!(error instanceof FilterSyntaxError)) throw error;
          expect(error.offset).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a filter', () => {
  it('of every shipped map is read, and again equal once printed', () => {
    const texts = globSync('maps/{finance,sales}/*.json').flatMap((file) => {
      const map = JSON.parse(readFileSync(file, 'utf8')) as Record<'finops' | 'dataverse', { filter: string | null }>;
      return [['range', map.finops.filter] as const, ['odata', map.dataverse.filter] as const];
    });
    const written = texts.flatMap(([language, text]) => (text === null ? [] : [[language, text] as const]));
    expect(written.length).toBeGreaterThan(5);
    for (const [language, text] of written) {
      const filter = parseFilter(text, language);
      expect(parseFilter(printFilter(filter, language), language)).toEqual(filter);
    }
  });

  it.each([
    ['range', '(a == "x"', 9, 'expected ")", found the end'],
    ['range', 'a == "x', 5, 'not closed'],
    ['range', 'a <= 30\\02\\2021', 5, 'no day of the calendar'],
    ['range', '(name like A)', 11, 'expected a quoted text, found A'],
    ['odata', 'a eq 1 or', 9, 'expected a column, found the end'],
    ['odata', "name eq 'O'Brien'", 16, 'not closed'],
    ['odata', 'a gt null', 5, 'null has no order'],
    ['odata', 'a in (1,)', 8, 'expected a value, found )'],
    ['odata', 'a eq 1 && b eq 2', 7, 'nothing readable'],
  ] as const)('in %s says of %s that it fails at %i', (language, text, offset, message) => {
    const parse = (): unknown => parseFilter(text, language);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ offset }));
  });

  it('nested beyond reason is refused, not a crash', () => {
    expect(() => parseFilter('('.repeat(50_000), 'range')).toThrow(FilterSyntaxError);
    expect(() => parseFilter('not '.repeat(50_000), 'odata')).toThrow(FilterSyntaxError);
  });

  it('is not printed in a language that has no words for it', () => {
    expect(() => printFilter(parseFilter('a like "x*y"', 'range'), 'odata')).toThrow(NotPrintableError);
    expect(() => printFilter(parseFilter("contains(a,'x')", 'odata'), 'range')).toThrow(NotPrintableError);
    expect(() => printFilter(parseFilter('a eq null', 'odata'), 'range')).toThrow(NotPrintableError);
  });
});
