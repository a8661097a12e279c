import { describe, expect, it } from 'vitest';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import type { Values } from '../../../../shared/core/record/canonical-value.ts';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { reopeningFor } from '../../../../shared/core/write/reopening.ts';
import { aRow, aShape, linkOf, planInput, rowIn, smallMap, smallTableMap, valuesOn } from '../small-world.ts';

const table = smallTableMap();
const shapes = { finops: aShape(), dataverse: aShape() };
const map = compileMap({ ...table, dataverse: { ...table.dataverse, reopenToEdit: true } }, shapes);
const ACTIVE = { statecode: '0', statuscode: '1' };
const CLOSED = { statecode: '1', statuscode: '5' };

const around = (state: Values, told: Values) =>
  reopeningFor(
    map,
    'dataverse',
    { state: 'in', row: aRow('dataverse', 'a', 'b', { values: { ...valuesOn('dataverse', 'a', 'b'), ...state } }) },
    told,
  );

describe('reopeningFor', () => {
  it('R25: an inactive row is made active, edited, and closed with the reason that it had', () => {
    expect(around(CLOSED, { a: 'new' })).toEqual({ before: ACTIVE, after: CLOSED });
  });

  it('R25: it stays active where the other side says so, under the reason it names', () => {
    expect(around(CLOSED, { a: 'new', statecode: '0' })).toEqual({ before: ACTIVE, after: null });
    expect(around(CLOSED, { a: 'new', statecode: '0', statuscode: '7' })).toEqual({
      before: { statecode: '0', statuscode: '7' },
      after: null,
    });
  });

  it('R25: an edit that closes the row comes before its closing', () => {
    expect(around(ACTIVE, { a: 'new', statecode: '1', statuscode: '2' })).toEqual({
      before: null,
      after: { statecode: '1', statuscode: '2' },
    });
  });

  it('closes into another state without the old reason, which may not belong to it', () => {
    expect(around(CLOSED, { a: 'new', statecode: '2' })).toEqual({ before: ACTIVE, after: { statecode: '2' } });
    expect(around(CLOSED, { a: 'new', statuscode: '6' })).toEqual({
      before: ACTIVE,
      after: { statecode: '1', statuscode: '6' },
    });
  });

  it('leaves alone what is active, what only changes its state, and tables that take such edits', () => {
    expect(around(ACTIVE, { a: 'new' })).toBeUndefined();
    expect(around(CLOSED, { statecode: '0', statuscode: '1' })).toBeUndefined();
    expect(reopeningFor(smallMap(), 'dataverse', rowIn('dataverse', 'a', 'b'), { a: 'new' })).toBeUndefined();
    expect(map.sides.finops.reopening).toBeNull();
  });
});

it('R25: the intent of an edit holds the steps, under the version of the closed row', () => {
  const values = { ...valuesOn('dataverse', 'a', 'b'), ...CLOSED };
  const rows = { finops: rowIn('finops', 'new', 'b'), dataverse: rowIn('dataverse', 'a', 'b', { values }) };
  const plan = planRecord(planInput(rows, { map, link: linkOf(['a', 'a'], ['b', 'b']) }));
  expect(plan).toMatchObject({
    kind: 'write',
    link: { intent: { writes: { dataverse: { ifMatch: 'dataverse-2', reopen: { before: ACTIVE, after: CLOSED } } } } },
  });
});
