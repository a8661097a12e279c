import { describe, expect, it } from 'vitest';
import { newLink } from '../../../../shared/core/link/link.ts';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import type { MergePolicy } from '../../../../shared/core/map/table-map.ts';
import { type PlanInput, planRecord } from '../../../../shared/core/write/plan-record.ts';
import {
  ABSENT,
  aShape,
  deleted,
  KEY,
  linkOf,
  planInput,
  rowIn,
  smallMap,
  smallTableMap,
  valuesOn,
} from '../small-world.ts';

const MERGED = { merged: 'true', masterid: 'survivor-row', statecode: '1' };
const values = { ...valuesOn('dataverse', 'a', 'b'), ...MERGED };
const merged = rowIn('dataverse', 'a', 'b', { values });
const outside = { ...merged, state: 'outside' } as typeof merged;
const link = linkOf(['a', 'a'], ['b', 'b']);

function plan(rows: PlanInput['rows'], merge: MergePolicy, more: Partial<PlanInput> = {}) {
  const table = smallTableMap({ deletes: 'deactivate' });
  const shapes = { finops: aShape(), dataverse: aShape() };
  const map = compileMap({ ...table, dataverse: { ...table.dataverse, merge } }, shapes);
  return planRecord(planInput(rows, { map, link, ...more }));
}

describe('a row that was merged into another', () => {
  it.each([
    ['in the filter', merged],
    ['outside the filter', outside],
  ])('R26: parks its record, naming both, whatever else changed (%s)', (_, dataverse) => {
    const waiting = plan({ finops: rowIn('finops', 'edited', 'b'), dataverse }, 'park');
    expect(waiting).toMatchObject({
      kind: 'settled',
      outcome: 'waiting',
      link: { state: 'linked', base: link.base, sides: { finops: { version: null }, dataverse: { version: null } } },
      wait: { reason: 'merged', fault: { code: 'TW217', message: expect.stringContaining('survivor-row') } },
    });
    expect(waiting).toMatchObject({ wait: { fault: { message: expect.stringContaining(KEY) } } });
  });

  it('R26: lets its partner go where the map says so, once and for all', () => {
    const rows = { finops: rowIn('finops', 'edited', 'b'), dataverse: merged };
    const gone = plan(rows, 'relink');
    expect(gone).toMatchObject({ kind: 'settled', wait: null, link: { state: 'tombstone', detached: 'dataverse' } });
    if (gone.kind !== 'settled') throw new Error('Something is written.');
    const later = { finops: rowIn('finops', 'edited again', 'b'), dataverse: merged };
    expect(plan(later, 'relink', { link: gone.link })).toMatchObject({ kind: 'settled', link: null, wait: null });
  });

  it('R26: is done with once its partner was deleted, and stays as it is', () => {
    const done = plan({ finops: deleted('finops'), dataverse: merged }, 'park');
    expect(done).toMatchObject({ kind: 'settled', wait: null, link: { state: 'tombstone', detached: 'finops' } });
  });

  it('R26: is never taken for a new one', () => {
    const alone = { finops: ABSENT, dataverse: merged };
    expect(plan(alone, 'park', { link: null, source: 'dataverse' })).toMatchObject({ kind: 'settled', link: null });
    const met = plan({ finops: rowIn('finops', 'a', 'b'), dataverse: merged }, 'park', { link: newLink('small', KEY) });
    expect(met).toMatchObject({ kind: 'settled', link: { state: 'new' }, wait: { reason: 'merged' } });
  });

  it('leaves alone rows that were not merged, and says park of its own accord', () => {
    const plain = rowIn('dataverse', 'a', 'b', { values: { ...values, merged: 'false', masterid: null } });
    const edited = plan({ finops: rowIn('finops', 'edited', 'b'), dataverse: plain }, 'park');
    expect(edited).toMatchObject({ kind: 'write' });
    expect(smallMap().sides).toMatchObject({ finops: { merges: null }, dataverse: { merges: 'park' } });
  });
});
