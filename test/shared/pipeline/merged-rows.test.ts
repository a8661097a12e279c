import { describe, expect, it } from 'vitest';
import type { MergePolicy } from '../../../shared/core/map/table-map.ts';
import { CUSTOMER_MAP } from '../../simulation/simulated-maps.ts';
import { customerChange, linkedCustomers } from './pipeline-fixture.ts';

/** Customers c1 and c2, linked, of which the Dataverse row of c2 was then merged into that of c1. */
async function mergedCustomers(merges: MergePolicy) {
  const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
  const { dataverse } = CUSTOMER_MAP.sides;
  const map = { ...CUSTOMER_MAP, sides: { ...CUSTOMER_MAP.sides, dataverse: { ...dataverse, merges } } };
  const route = { map, finopsPhysicalName: null };
  pipeline.deps.maps = { routes: async () => [route], find: async () => route };
  const survivor = ids['c1']?.dataverse ?? '';
  const finops = ids['c2']?.finops ?? '';
  const merged = ids['c2']?.dataverse ?? '';
  pipeline.sides.dataverse.edit(merged, { merged: 'true', masterid: survivor, statecode: '1', name: 'Lost' });
  await pipeline.run([customerChange('c2', { hinted: ['dataverse'] })]);
  return { pipeline, survivor, finops, merged };
}

describe('a Dataverse row that was merged', () => {
  it('R26: parks its record and leaves the F&O row as it is, whatever is edited there', async () => {
    const { pipeline, survivor, finops } = await mergedCustomers('park');
    const before = pipeline.sides.finops.rows.get(finops);
    expect(await pipeline.parked()).toMatchObject([
      { reason: 'merged', dueAtMs: null, fault: { code: 'TW217', message: expect.stringContaining(survivor) } },
    ]);
    expect(pipeline.sides.finops.rows.get(finops)).toEqual(before);
    pipeline.sides.finops.edit(finops, { Name: 'Edited' });
    await pipeline.run([customerChange('c2', { hinted: ['finops'] })]);
    expect([...pipeline.sides.finops.written, ...pipeline.sides.dataverse.written]).toEqual([]);
    expect(await pipeline.parked()).toHaveLength(1);
  });

  it('R26: is let go of when a person deletes the F&O row, and nothing waits any more', async () => {
    const { pipeline, finops, merged } = await mergedCustomers('park');
    pipeline.sides.finops.remove(finops);
    await pipeline.run([customerChange('c2', { hinted: ['finops'], deletedIds: { finops: [finops] } })]);
    expect(pipeline.sides.dataverse.rows.get(merged)?.values).toMatchObject({ merged: 'true' });
    expect(await pipeline.parked()).toEqual([]);
    expect(await pipeline.link('usmf|c2')).toMatchObject({ state: 'tombstone' });
  });

  it('R26: leaves the F&O row unlinked where the map relinks, and edits of the survivor go on', async () => {
    const { pipeline, survivor, finops } = await mergedCustomers('relink');
    pipeline.sides.finops.edit(finops, { Name: 'Edited' });
    pipeline.sides.dataverse.edit(survivor, { name: 'Survivor' });
    await pipeline.run([customerChange('c2', { hinted: ['finops'] }), customerChange('c1', { hinted: ['dataverse'] })]);
    expect(await pipeline.parked()).toEqual([]);
    expect(await pipeline.link('usmf|c2')).toMatchObject({ state: 'tombstone', detached: 'dataverse' });
    expect(pipeline.sides.dataverse.written).toEqual([]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'Survivor' });
    expect(pipeline.sides.finops.rows.get(finops)?.values).toMatchObject({ Name: 'Edited' });
  });
});
