import assert from 'node:assert/strict';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import { customerChange } from '../../shared/pipeline/pipeline-fixture.ts';
import { CUSTOMER_MAP } from '../../simulation/simulated-maps.ts';
import { linkedCustomer } from './claim-scenarios.ts';

type DataverseSide = typeof CUSTOMER_MAP.sides.dataverse;

/** A linked customer, by a map whose Dataverse side knows more of the states of its rows. */
async function customerOf(more: Partial<DataverseSide>) {
  const scene = await linkedCustomer();
  const dataverse = { ...CUSTOMER_MAP.sides.dataverse, ...more };
  const route = { map: { ...CUSTOMER_MAP, sides: { ...CUSTOMER_MAP.sides, dataverse } }, finopsPhysicalName: null };
  scene.pipeline.deps.maps = { routes: async () => [route], find: async () => route };
  return scene;
}

export const STATE_SCENARIOS = {
  'an edit of a closed row opens it and closes it again': async () => {
    const columns = [...CUSTOMER_MAP.sides.dataverse.columns, 'statecode', 'statuscode'];
    const { pipeline, finops, dataverse, rows } = await customerOf({
      columns,
      reopening: { statecode: '0', statuscode: '1' },
    });
    dataverse.edit(rows.dataverse, { statecode: '1', statuscode: '5' });
    dataverse.script.onWrite = ({ reopen }) => (reopen === undefined ? aFault('business', 'TW205') : null);
    finops.edit(rows.finops, { Name: 'Edited' });
    await pipeline.run([customerChange('c1', { full: true })]);
    const { name, statecode } = dataverse.rows.get(rows.dataverse)?.values ?? {};
    assert.deepEqual({ name, statecode }, { name: 'Edited', statecode: '1' });
  },
  'a row that was merged away deletes nothing': async () => {
    const { pipeline, finops, dataverse, rows } = await customerOf({ merges: 'park' });
    dataverse.edit(rows.dataverse, { merged: 'true', masterid: 'survivor', name: 'Lost' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    assert.notEqual(finops.rows.get(rows.finops)?.values['Name'], 'Lost');
    const parked = await pipeline.parked();
    assert.deepEqual(
      parked.map(({ reason }) => reason),
      ['merged'],
    );
  },
};
