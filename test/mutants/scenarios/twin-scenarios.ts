import assert from 'node:assert/strict';
import { aChange } from '../../contracts/state-rows.ts';
import { twinScene } from '../../shared/pipeline/twin-scene.ts';

const CUSTOMER = { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' };

/** R28: rows that are alike, under other keys. */
export const TWIN_SCENARIOS = {
  'a row that is alike is joined, and bears the key of F&O': async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', CUSTOMER);
    dataverse.put('customer', { number: 'd-9', 'company.code': 'usmf', kindcode: '3', phone: '555' });
    await pipeline.run([aChange('customers', 'usmf|f-1', {})]);
    assert.deepEqual(
      [...dataverse.rows.values()].map(({ values }) => values['number']),
      ['f-1'],
    );
  },

  'of several rows that are alike none is joined': async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', CUSTOMER);
    for (const number of ['d-8', 'd-9']) {
      dataverse.put('customer', { number, 'company.code': 'usmf', kindcode: '3', phone: '555' });
    }
    await pipeline.run([aChange('customers', 'usmf|f-1', {})]);
    assert.deepEqual(dataverse.written, []);
  },

  'a row that is alike and belongs to another record is left to it': async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', { ...CUSTOMER, Account: 'f-0' });
    await pipeline.run([aChange('customers', 'usmf|f-0', {})]);
    finops.put('Customers', CUSTOMER);
    await pipeline.run([aChange('customers', 'usmf|f-1', {})]);
    assert.deepEqual([...dataverse.rows.values()].map(({ values }) => values['number']).sort(), ['f-0', 'f-1']);
  },
};
