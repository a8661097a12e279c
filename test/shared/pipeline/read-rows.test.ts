import { describe, expect, it } from 'vitest';
import { customerChange, linkedCustomers } from './pipeline-fixture.ts';

describe('rows outside the filter and absent rows', () => {
  it('R3: a row that leaves the filter keeps its partner as it is, and is taken up again when it returns', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Kind: 'person', Name: 'Person' });
    await pipeline.run([customerChange('c1')]);
    expect(dataverse.written).toEqual([]);
    dataverse.edit(ids['c1']?.dataverse ?? '', { phone: '1' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(finops.written).toEqual([]);
    finops.edit(ids['c1']?.finops ?? '', { Kind: 'organization' });
    await pipeline.run([customerChange('c1')]);
    expect(dataverse.find('customer', 'number', 'c1')?.values).toMatchObject({ name: 'Person', phone: '1' });
    expect(finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Phone: '1', Kind: 'organization' });
  });

  it('R5: nothing is deleted when the identity loses sight of all rows; every record waits', async () => {
    const accounts = ['c1', 'c2', 'c3', 'c4', 'c5'];
    const { pipeline } = await linkedCustomers(accounts);
    pipeline.sides.finops.script.blind = true;
    await pipeline.run(accounts.map((account) => customerChange(account)));
    expect(pipeline.sides.dataverse.rows.size).toBe(5);
    expect(pipeline.sides.dataverse.written).toEqual([]);
    const parked = await pipeline.parked();
    expect(parked.map(({ reason, fault }) => [reason, fault?.code])).toEqual(
      accounts.map(() => ['absence-unproven', 'TW206']),
    );
    pipeline.sides.finops.script.blind = false;
    await pipeline.wait(60_000);
    expect(await pipeline.parked()).toEqual([]);
    expect(pipeline.sides.dataverse.rows.size).toBe(5);
  });

  it('R5: a proven deletion is carried over, and I13: the row does not come back by a late hint', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const id = ids['c1']?.finops ?? '';
    pipeline.sides.finops.remove(id);
    await pipeline.run([customerChange('c1', { deletedIds: { finops: [id] }, rowIds: { finops: [id] } })]);
    expect(pipeline.sides.dataverse.rows.size).toBe(0);
    await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'], full: true })]);
    expect([pipeline.sides.finops.rows.size, pipeline.sides.dataverse.rows.size]).toEqual([0, 0]);
  });

  it('I13: an edit beats a deletion on the other side, and says so', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const id = ids['c1']?.finops ?? '';
    pipeline.sides.finops.remove(id);
    pipeline.sides.dataverse.edit(ids['c1']?.dataverse ?? '', { name: 'Edited' });
    await pipeline.run([customerChange('c1', { deletedIds: { finops: [id] }, full: true })]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'Edited' });
    const conflicts = await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
    expect(conflicts).toMatchObject([{ rule: 'update-beats-delete', winner: 'dataverse', field: 'name' }]);
  });

  it('I4: both sides of a record of which something waits, for the success takes that out', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const rows = ids['c1'] ?? { finops: '', dataverse: '' };
    pipeline.sides.finops.remove(rows.finops);
    pipeline.sides.dataverse.remove(rows.dataverse);
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'absence-unproven' }]);
    const values = { number: 'c1', 'company.code': 'usmf', kindcode: '3', name: 'Born anew' };
    pipeline.sides.dataverse.put('customer', values);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    await pipeline.run([customerChange('c1', { deletedIds: { finops: [rows.finops] } })]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values['Name']).toBe('Born anew');
    expect(await pipeline.parked()).toEqual([]);
  });
});
