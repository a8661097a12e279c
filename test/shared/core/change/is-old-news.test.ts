import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../shared/core/change/change.ts';
import { isOldNews } from '../../../../shared/core/change/is-old-news.ts';
import type { Link } from '../../../../shared/core/link/link.ts';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import { aChange } from '../../../contracts/state-rows.ts';
import { aShape, linkOf, NOW, smallMap, smallTableMap } from '../small-world.ts';

const map = smallMap();
const link = linkOf(['agreed', 'agreed'], [null, null]);

function isOld(news: Record<string, string>, more: Partial<Change> = {}, given: Partial<Link> = {}): boolean {
  return isOldNews(map, { ...link, ...given }, aChange('small', 'k1', { news, ...more }));
}

describe('isOldNews', () => {
  it('I2: knows the echo of our own write by its values, all of which are what both agreed on', () => {
    expect(isOld({ a: 'agreed' })).toBe(true);
    expect(isOld({ a: ' agreed ', b: '' })).toBe(true);
    expect(isOld({ a: 'another' })).toBe(false);
    expect(isOld({ a: 'agreed', b: 'new' })).toBe(false);
  });

  it('passes over columns that the map does not read, and not over those of its filter', () => {
    expect(isOld({ unmapped: 'anything' })).toBe(true);
    expect(isOld({ kind: 'in' })).toBe(false);
  });

  it('I5: believes nothing where the event does not stand alone', () => {
    expect(isOldNews(map, link, aChange('small', 'k1'))).toBe(false);
    expect(isOld({ a: 'agreed' }, { full: true })).toBe(false);
    expect(isOld({ a: 'agreed' }, { hinted: ['dataverse', 'finops'] })).toBe(false);
    expect(isOldNews(map, null, aChange('small', 'k1', { news: { a: 'agreed' } }))).toBe(false);
  });

  it.each<[string, Partial<Link>]>([
    ['a tombstone', { state: 'tombstone' }],
    ['a claim', { claim: { owner: 'o', untilMs: NOW } }],
    ['a parked change', { parked: 'p1' }],
    ['an open field', { open: { a: ['x', 'y'] } }],
    ['an assumed field', { assumed: ['b'] }],
    ['another version of the map', { plannedBy: '0.9.0.0' }],
    ['an answer on its way back', { backflow: { from: 'dataverse', fields: ['a'] } }],
    ['an unconfirmed row', { sides: { ...link.sides, finops: { ...link.sides.finops, confirmed: false } } }],
  ])('I5: believes nothing of a link with %s', (_what, given) => {
    expect(isOld({ a: 'agreed' }, {}, given)).toBe(false);
  });

  it('I5: believes nothing where the event is of another row, or does not tell the value', () => {
    expect(isOld({ a: 'agreed' }, { rowIds: { finops: ['finops-row'] } })).toBe(true);
    expect(isOld({ a: 'agreed' }, { rowIds: { finops: ['another-row'] } })).toBe(false);
    expect(isOldNews(map, link, aChange('small', 'k1', { news: { a: null } }))).toBe(false);
    expect(isOldNews(map, link, aChange('small', 'k1', { news: { unmapped: null } }))).toBe(true);
  });

  describe('of a row outside the filter', () => {
    const outside: Partial<Link> = {
      state: 'new',
      sides: { ...link.sides, finops: { ...link.sides.finops, presence: 'outside' } },
    };

    it('R3: knows that an edit of other columns leaves it there', () => {
      expect(isOld({ a: 'anything', unmapped: 'too' }, {}, outside)).toBe(true);
      expect(isOld({ a: 'anything' }, {}, { ...outside, state: 'linked' })).toBe(true);
    });

    it('R3: believes nothing where a key or filter column was written', () => {
      expect(isOld({ a: 'anything', kind: 'in' }, {}, outside)).toBe(false);
      expect(isOld({ key: 'k1' }, {}, outside)).toBe(false);
    });
  });

  it('reads the row where a value is none of its column', () => {
    const shape = aShape({}, { A: { kind: 'integer' } });
    const typed = compileMap(smallTableMap(), { finops: shape, dataverse: aShape() });
    const change = aChange('small', 'k1', { news: { a: 'twelve' } });
    expect(isOldNews(typed, linkOf(['12', '12'], [null, null]), change)).toBe(false);
  });
});
