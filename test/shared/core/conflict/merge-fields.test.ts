import { describe, expect, it } from 'vitest';
import { type Merge, type MergeInput, mergeFields } from '../../../../shared/core/conflict/merge-fields.ts';
import type { BasePair, Link } from '../../../../shared/core/link/link.ts';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import type { ConflictPolicy } from '../../../../shared/core/map/table-map.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';
import { aRow, aShape, KEY, linkOf, type SmallMapOptions, smallMap, smallTableMap } from '../small-world.ts';

type Value = string | null;

/** Merges field `a`; `b` and the key are equal. */
function merge(
  base: BasePair | null,
  [finops, dataverse]: readonly [Value, Value],
  options: SmallMapOptions = {},
  more: Partial<MergeInput> & { link?: Link } = {},
): Merge {
  return mergeFields({
    map: smallMap(options),
    link: linkOf(base ?? ['a', 'a'], ['b', 'b']),
    base: base === null ? null : { key: [KEY, KEY], a: base, b: ['b', 'b'] },
    rows: { finops: aRow('finops', finops, 'b'), dataverse: aRow('dataverse', dataverse, 'b') },
    source: 'finops',
    decisions: [],
    ...more,
  });
}

describe('mergeFields', () => {
  it('R2: keeps what neither side changed, even where the halves differ', () => {
    const kept = merge(['a', 'A'], ['a', 'A']);
    expect(kept).toMatchObject({ writes: { finops: {}, dataverse: {} }, conflicts: [], base: { a: ['a', 'A'] } });
  });

  it('takes the change of the one side that made one', () => {
    expect(merge(['a', 'a'], ['new', 'a'])).toMatchObject({
      writes: { finops: {}, dataverse: { a: ['new', 'new'] } },
      conflicts: [],
    });
    expect(merge(['a', 'a'], ['a', null])).toMatchObject({ writes: { finops: { a: [null, null] }, dataverse: {} } });
  });

  it('agrees where both made the same change', () => {
    const agreed = merge(['a', 'a'], ['new', 'new']);
    expect(agreed).toMatchObject({ writes: { finops: {}, dataverse: {} }, conflicts: [], base: { a: ['new', 'new'] } });
  });

  it('merges changes of different fields, each its way', () => {
    const merged = merge(
      ['a', 'a'],
      ['new', 'a'],
      {},
      {
        rows: { finops: aRow('finops', 'new', 'b'), dataverse: aRow('dataverse', 'a', 'edited') },
      },
    );
    expect(merged.writes).toEqual({ finops: { b: ['edited', 'edited'] }, dataverse: { a: ['new', 'new'] } });
    expect(merged.conflicts).toEqual([]);
  });

  const policies: [ConflictPolicy, 'finops' | 'dataverse'][] = [
    ['finops-wins', 'finops'],
    ['dataverse-wins', 'dataverse'],
    ['source-wins', 'finops'],
    ['newest-wins', 'finops'],
  ];
  it.each(policies)('I5: under %s lets %s win and records both values, the base and the rule', (policy, winner) => {
    const loser = winner === 'finops' ? 'dataverse' : 'finops';
    const value = winner === 'finops' ? 'ours' : 'theirs';
    const merged = merge(['a', 'a'], ['ours', 'theirs'], { policy });
    expect(merged.writes[loser]).toEqual({ a: [value, value] });
    expect(merged.conflicts).toEqual([
      {
        field: 'a',
        base: ['a', 'a'],
        values: ['ours', 'theirs'],
        rule: policy,
        winner,
        loserValue: winner === 'finops' ? 'theirs' : 'ours',
      },
    ]);
  });

  it('lets the newest win where both tell when they were changed, else the master', () => {
    const changed = (finops: string | null, dataverse: string | null, master: 'finops' | 'dataverse') => {
      const told = (at: string | null) => (at === null ? {} : { modifiedAt: at });
      const rows = {
        finops: aRow('finops', 'ours', 'b', told(finops)),
        dataverse: aRow('dataverse', 'theirs', 'b', told(dataverse)),
      };
      return merge(['a', 'a'], [null, null], { policy: 'newest-wins', master }, { rows }).conflicts[0]?.winner;
    };
    expect(changed('2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', 'finops')).toBe('dataverse');
    expect(changed('2026-01-01T02:00:01+02:00', '2026-01-01T00:00:00Z', 'dataverse')).toBe('finops');
    expect(changed('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'dataverse')).toBe('dataverse');
    expect(changed(null, '2026-01-01T00:00:01Z', 'finops')).toBe('finops');
  });

  it('R17: under manual writes neither side, keeps the base and opens the field', () => {
    const merged = merge(['a', 'a'], ['ours', 'theirs'], { policy: 'manual' });
    expect(merged).toMatchObject({
      writes: { finops: {}, dataverse: {} },
      base: { a: ['a', 'a'] },
      open: { a: ['ours', 'theirs'] },
      conflicts: [{ winner: null, rule: 'manual', values: ['ours', 'theirs'] }],
    });
  });

  it('lets the master decide at first contact, and records only what it overwrites', () => {
    expect(merge(null, ['ours', 'theirs'], { master: 'dataverse' })).toMatchObject({
      writes: { finops: { a: ['theirs', 'theirs'] } },
      conflicts: [{ rule: 'master', winner: 'dataverse', loserValue: 'ours', base: null }],
    });
    const filled = merge(null, ['ours', null]);
    expect(filled.writes.dataverse).toEqual({ a: ['ours', 'ours'] });
    expect(filled.conflicts).toEqual([]);
    expect(merge(null, ['same', 'same'])).toMatchObject({ writes: { finops: {}, dataverse: {} }, conflicts: [] });
  });

  it('R12: at first contact a one-way field flows its way, whoever is master', () => {
    const merged = merge(null, ['ours', 'theirs'], {
      master: 'dataverse',
      directions: ['finops-to-dataverse', 'both'],
    });
    expect(merged.writes).toEqual({ finops: {}, dataverse: { a: ['ours', 'ours'] } });
    expect(merged.conflicts).toMatchObject([{ rule: 'master', winner: 'finops', loserValue: 'theirs' }]);
  });

  const oneWay: SmallMapOptions = { directions: ['finops-to-dataverse', 'both'] };
  it('R12: a one-way field follows its source and ignores its target', () => {
    expect(merge(['a', 'a'], ['a', 'theirs'], oneWay)).toMatchObject({
      writes: { finops: {}, dataverse: {} },
      base: { a: ['a', 'theirs'] },
    });
    expect(merge(['a', 'a'], ['ours', 'a'], oneWay)).toMatchObject({
      writes: { dataverse: { a: ['ours', 'ours'] } },
      conflicts: [],
    });
  });

  it("I5: a one-way field that overwrites its target's own value records it, now or later", () => {
    const conflict = { rule: 'one-way', winner: 'finops', loserValue: 'theirs' };
    expect(merge(['a', 'a'], ['ours', 'theirs'], oneWay).conflicts).toMatchObject([conflict]);
    expect(merge(['a', 'theirs'], ['ours', 'theirs'], oneWay).conflicts).toMatchObject([conflict]);
    expect(merge(['a', 'A'], ['ours', 'a'], oneWay).conflicts).toMatchObject([{ ...conflict, loserValue: 'a' }]);
  });

  it("R2: carries a server's own answer back, unless the source moved meanwhile", () => {
    const link = linkOf(['a', 'A'], ['b', 'b'], { backflow: { from: 'dataverse', fields: ['a'] } });
    expect(merge(['a', 'A'], ['a', 'A'], {}, { link }).writes).toEqual({ finops: { a: ['A', 'A'] }, dataverse: {} });
    expect(merge(['a', 'A'], ['ours', 'A'], {}, { link }).writes).toEqual({
      finops: {},
      dataverse: { a: ['ours', 'ours'] },
    });
  });

  it('R10: records what it overwrites on the strength of an inference', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { assumed: ['a'] });
    expect(merge(['a', 'a'], ['ours', 'a'], {}, { link }).conflicts).toMatchObject([
      { rule: 'assumed-own-write', winner: 'finops', loserValue: 'a' },
    ]);
    expect(merge(['a', 'a'], ['a', 'a'], {}, { link }).conflicts).toEqual([]);
  });

  const typed = (types: Record<string, ColumnType>, createOnly: string[] = []) => {
    const shape = aShape({ createOnly: (column) => createOnly.includes(column) }, types);
    return compileMap(smallTableMap(), { finops: shape, dataverse: shape });
  };

  it('agrees where a side holds all that its column can hold of the other', () => {
    const map = typed({ A: { kind: 'decimal', scale: 4 }, a: { kind: 'decimal', scale: 2 } });
    const merged = merge(['1', '1'], ['1.2345', '1.23'], {}, { map });
    expect(merged).toMatchObject({ writes: { finops: {}, dataverse: {} }, base: { a: ['1.2345', '1.23'] } });
    const same = merge(['1.23', '1.23'], ['1.2345', '1.23'], {}, { map });
    expect(same.writes).toEqual({ finops: {}, dataverse: {} });
  });

  it('leaves a column alone that can only be filled at creation', () => {
    const merged = merge(['a', 'a'], ['new', 'a'], {}, { map: typed({}, ['a']) });
    expect(merged).toMatchObject({ writes: { finops: {}, dataverse: {} }, base: { a: ['new', 'a'] } });
  });

  it('names the first value that has no form on the other side, and goes on with none of it', () => {
    const map = typed({ a: { kind: 'text', maxLength: 3 } });
    expect(merge(['a', 'a'], ['longer', 'a'], {}, { map }).fault).toMatchObject({
      field: 'a',
      side: 'finops',
      code: 'TW302',
    });
  });
});
