import { describe, expect, it } from 'vitest';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import { CUSTOMER_MAP } from '../../simulation/simulated-maps.ts';
import { aFault } from './memory-side.ts';
import { customerChange, linkedCustomers } from './pipeline-fixture.ts';

const CLOSED = { statecode: '1', statuscode: '5' };
const { dataverse: side } = CUSTOMER_MAP.sides;
const columns = [...side.columns, 'statecode', 'statuscode'];
const reopening = { statecode: '0', statuscode: '1' };
const REOPENED: CompiledMap = {
  ...CUSTOMER_MAP,
  sides: { ...CUSTOMER_MAP.sides, dataverse: { ...side, columns, reopening } },
};

/** Customer c1, linked, whose Dataverse row was closed, in a table that refuses edits of such rows. */
async function closedCustomer(map: CompiledMap) {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  const { finops = '', dataverse = '' } = ids['c1'] ?? {};
  const route = { map, finopsPhysicalName: null };
  pipeline.deps.maps = { routes: async () => [route], find: async () => route };
  pipeline.sides.dataverse.edit(dataverse, CLOSED);
  await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
  pipeline.sides.dataverse.script.onWrite = (write) => {
    const inactive = pipeline.sides.dataverse.rows.get(write.rowId ?? '')?.values['statecode'] === '1';
    return inactive && write.reopen === undefined ? aFault('business', 'TW205') : null;
  };
  pipeline.sides.finops.edit(finops, { Name: 'Edited' });
  return { pipeline, dataverse };
}

describe('a closed row whose table refuses edits', () => {
  it('R25: takes an edit of the other side, stays closed, and rests after it', async () => {
    const { pipeline, dataverse } = await closedCustomer(REOPENED);
    await pipeline.run([customerChange('c1', { hinted: ['finops'] })]);
    expect(pipeline.sides.dataverse.rows.get(dataverse)?.values).toMatchObject({ name: 'Edited', ...CLOSED });
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
    expect(pipeline.sides.finops.written).toEqual([]);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R25: is written once, though the host died after the write', async () => {
    const { pipeline, dataverse } = await closedCustomer(REOPENED);
    await pipeline.run([customerChange('c1', { hinted: ['finops'] })], { dies: ({ kind }) => kind === 'write' });
    expect(pipeline.sides.dataverse.rows.get(dataverse)?.values).toMatchObject({ name: 'Edited', ...CLOSED });
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
  });

  it('parks the edit where the map does not say so', async () => {
    const { pipeline } = await closedCustomer(CUSTOMER_MAP);
    await pipeline.run([customerChange('c1', { hinted: ['finops'] })]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'failed', fault: { code: 'TW205' } }]);
  });
});
