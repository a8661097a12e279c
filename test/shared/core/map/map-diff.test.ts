import { describe, expect, it } from 'vitest';
import { diffMaps } from '../../../../shared/core/map/map-diff.ts';
import type { FieldMapping, TableMap } from '../../../../shared/core/map/table-map.ts';
import { smallTableMap } from '../small-world.ts';

const FIELD: FieldMapping = { finops: 'Colour', dataverse: 'colour', direction: 'both' };
const MAP: TableMap = {
  ...smallTableMap(),
  finops: { entity: 'Small', filter: '(Kind == "X")' },
  fields: [...smallTableMap().fields, FIELD],
};

function lines(change: Partial<TableMap>): string[] {
  return diffMaps(MAP, { ...MAP, ...change }).map(({ kind, part, member }) =>
    [kind, part, member ?? ''].join(' ').trim(),
  );
}

function withField(field: FieldMapping): Partial<TableMap> {
  return { fields: [...smallTableMap().fields, field] };
}

const pairs = (...list: [string, string][]): FieldMapping => ({
  ...FIELD,
  transform: { type: 'value-map', pairs: list },
});

describe('the difference of two maps', () => {
  it('is none between a map and itself, in another order, with other blanks, notes and case of symbols', () => {
    expect(lines({})).toEqual([]);
    expect(lines({ fields: MAP.fields.toReversed(), note: 'x', inferred: ['y'], dualWrite: { record: {} } })).toEqual(
      [],
    );
    expect(lines({ finops: { entity: 'Small', filter: '((KIND  ==  "X"))' } })).toEqual([]);
    const mapped = { ...MAP, ...withField(pairs(['No', '0'], ['Yes', '1'])) };
    expect(diffMaps(mapped, { ...mapped, ...withField(pairs(['yes', '1'], ['no', '0'])) })).toEqual([]);
  });

  it('tells fields that came, went or changed', () => {
    expect(lines({ fields: smallTableMap().fields })).toEqual(['removed field Colour = colour']);
    expect(lines({ fields: [...MAP.fields, { ...FIELD, finops: 'New', dataverse: 'new' }] })).toEqual([
      'added field New = new',
    ]);
    expect(lines(withField({ ...FIELD, direction: 'finops-to-dataverse' }))).toEqual([
      'changed field Colour = colour direction',
    ]);
    expect(lines(withField(pairs(['no', '0'])))).toEqual(['added field Colour = colour transform']);
    expect(lines(withField({ ...FIELD, finops: 'Hue' }))).toEqual(['changed field Colour = colour columns']);
  });

  it('tells which pair of a value map wins on the way back', () => {
    const mapped = { ...MAP, ...withField(pairs(['a', '1'], ['b', '1'])) };
    expect(diffMaps(mapped, { ...mapped, ...withField(pairs(['b', '1'], ['a', '1'])) })).toMatchObject([
      { kind: 'changed', member: 'transform', part: 'field Colour = colour' },
    ]);
  });

  it('tells filters, keys, policies, versions and events, with both values', () => {
    expect(diffMaps(MAP, { ...MAP, finops: { entity: 'Small', filter: '(Kind == "Y")' } })).toEqual([
      { kind: 'changed', part: 'finops.filter', before: '(Kind == "X")', after: '(Kind == "Y")' },
    ]);
    expect(
      lines({ finops: { entity: 'Small', filter: null }, dataverse: { ...MAP.dataverse, filter: 'a eq 1' } }),
    ).toEqual(['removed finops.filter', 'changed dataverse.filter']);
    expect(lines({ key: [{ finops: 'Colour', dataverse: 'colour' }] })).toEqual([
      `removed key ${MAP.key[0]?.finops} = ${MAP.key[0]?.dataverse}`,
      'added key Colour = colour',
    ]);
    expect(
      lines({
        version: '9.0.0.0',
        conflict: { policy: 'manual', fields: { colour: 'newest-wins' } },
        deletes: { ...MAP.deletes, dataverseToFinops: 'require-approval' },
        deleteGuard: { ...MAP.deleteGuard, count: 7 },
        events: [{ businessEventId: 'E', key: {} }],
      }),
    ).toEqual([
      'changed version',
      'changed conflict.policy',
      'changed deletes.dataverseToFinops',
      'changed deleteGuard',
      'added conflict.fields colour',
      'added event E',
    ]);
  });

  it('tells what joins, numbers, opens and lets go of rows', () => {
    const numberSequence = { column: 'A', matchColumn: 'B' };
    expect(
      lines({
        finops: { ...MAP.finops, numberSequence },
        dataverse: { ...MAP.dataverse, reopenToEdit: true, merge: 'relink' },
        matchBy: ['Colour'],
      }),
    ).toEqual([
      'added finops.numberSequence',
      'added dataverse.reopenToEdit',
      'added dataverse.merge',
      'added matchBy',
    ]);
  });
});
