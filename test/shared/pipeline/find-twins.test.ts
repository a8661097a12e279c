import { describe, expect, it } from 'vitest';
import { aChange } from '../../contracts/state-rows.ts';
import { twinScene } from './twin-scene.ts';

const fromFinops = aChange('customers', 'usmf|f-1', {});

describe('a new row that is like one under another key', () => {
  it('R28: joins the row in Dataverse, which is given the key of F&O and keeps what only it has', async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
    const id = dataverse.put('customer', {
      number: 'd-9',
      'company.code': 'usmf',
      kindcode: '3',
      phone: '555',
      memo: 'kept',
    });
    await pipeline.run([fromFinops]);
    expect([...dataverse.rows.values()].map(({ values }) => values)).toMatchObject([{ number: 'f-1', memo: 'kept' }]);
    expect(finops.find('Customers', 'Account', 'f-1')?.values).toMatchObject({ Memo: 'kept' });
    expect(await pipeline.link('usmf|f-1')).toMatchObject({ state: 'linked', sides: { dataverse: { rowId: id } } });
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R28: is the same when the row in Dataverse is told of first', async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
    const id = dataverse.put('customer', { number: 'd-9', 'company.code': 'usmf', kindcode: '3', phone: '555' });
    await pipeline.run([aChange('customers', null, { hinted: ['dataverse'], rowIds: { dataverse: [id] } })]);
    expect([finops.rows.size, dataverse.rows.size]).toEqual([1, 1]);
    expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'f-1' });
    expect(await pipeline.link('usmf|d-9')).toBeUndefined();
  });

  it('R28: is created where the row that is like it belongs to another record, company, or no value at all', async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', { Account: 'f-0', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
    await pipeline.run([aChange('customers', 'usmf|f-0', {})]);
    dataverse.put('customer', { number: 'd-8', 'company.code': 'demf', kindcode: '3', phone: '555' });
    dataverse.put('customer', { number: 'd-7', 'company.code': 'usmf', kindcode: '3', phone: null });
    finops.put('Customers', { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
    finops.put('Customers', { Account: 'f-2', dataAreaId: 'usmf', Kind: 'organization', Phone: null });
    await pipeline.run([fromFinops, aChange('customers', 'usmf|f-2', {})]);
    expect([...dataverse.rows.values()].map(({ values }) => values['number']).sort()).toEqual([
      'd-7',
      'd-8',
      'f-0',
      'f-1',
      'f-2',
    ]);
  });

  it('R28: waits for a person where several rows are like it', async () => {
    const { pipeline, finops, dataverse } = await twinScene();
    finops.put('Customers', { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
    for (const number of ['d-8', 'd-9']) {
      dataverse.put('customer', { number, 'company.code': 'usmf', kindcode: '3', phone: '555' });
    }
    await pipeline.run([fromFinops]);
    expect(dataverse.rows.size).toBe(2);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'ambiguous', fault: { code: 'TW218' } }]);
    // Once it differs it goes its way, and nothing waits any more.
    finops.edit(finops.find('Customers', 'Account', 'f-1')?.id ?? '', { Phone: '556' });
    await pipeline.run([fromFinops]);
    await pipeline.wait(3_600_000);
    expect(dataverse.rows.size).toBe(3);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R28: is joined once, whichever step the host dies after', async () => {
    for (const step of ['plan', 'write', 'record'] as const) {
      const { pipeline, finops, dataverse } = await twinScene();
      finops.put('Customers', { Account: 'f-1', dataAreaId: 'usmf', Kind: 'organization', Phone: '555' });
      const id = dataverse.put('customer', { number: 'd-9', 'company.code': 'usmf', kindcode: '3', phone: '555' });
      await pipeline.run([fromFinops], { dies: ({ kind }) => kind === step });
      expect([finops.rows.size, dataverse.rows.size]).toEqual([1, 1]);
      expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'f-1' });
    }
  });
});
