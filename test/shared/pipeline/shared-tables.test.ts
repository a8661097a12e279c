import { describe, expect, it } from 'vitest';
import { compileMap } from '../../../shared/core/map/compile-map.ts';
import { tableMapSchema } from '../../../shared/core/map/table-map.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { SHAPES } from '../../simulation/simulated-maps.ts';
import { createPipeline } from './pipeline-fixture.ts';

/** Customers and vendors are accounts in Dataverse, told apart by their relation type alone. */
function mapOf(id: string, entity: string, kind: string) {
  const map = tableMapSchema.parse({
    id,
    version: '1.0.0.0',
    publisher: 'test',
    title: entity,
    finops: { entity, filter: null },
    dataverse: { table: 'account', filter: `kindcode eq ${kind}` },
    key: [{ finops: 'Account', dataverse: 'number' }],
    fields: [
      { finops: 'Account', dataverse: 'number', direction: 'both' },
      { finops: 'Name', dataverse: 'name', direction: 'both' },
      {
        finops: null,
        dataverse: 'kindcode',
        direction: 'finops-to-dataverse',
        transform: { type: 'default', value: kind },
      },
    ],
    conflict: { policy: 'finops-wins' },
    master: 'finops',
    deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'propagate' },
  });
  const shapes = SHAPES['customers'];
  if (shapes === undefined) throw new Error('there are no shapes of customers');
  return compileMap(map, shapes);
}

async function scene() {
  const pipeline = await createPipeline();
  const routes = [mapOf('buyers', 'Buyers', '3'), mapOf('vendors', 'Vendors', '11')].map((map) => ({
    map,
    finopsPhysicalName: null,
  }));
  pipeline.deps.maps = {
    routes: async () => routes,
    find: async (mapId) => routes.find(({ map }) => map.id === mapId) ?? null,
  };
  for (const { map } of routes) {
    pipeline.deps.mapStore.standing = async () => ({ status: 'running', version: map.version });
  }
  const { finops, dataverse } = pipeline.sides;
  /** Whatever is told of the table is told to both maps. */
  const tell = async (key: string, rowId: string, deleted = false) => {
    for (const mapId of ['buyers', 'vendors']) {
      const deletedIds = deleted ? { dataverse: [rowId] } : {};
      await pipeline.run([
        aChange(mapId, key, { hinted: ['dataverse'], rowIds: { dataverse: [rowId] }, deletedIds, full: true }),
      ]);
    }
  };
  return { pipeline, finops, dataverse, tell };
}

describe('two maps on one table', () => {
  it('R3: a row is of the one whose filter it passes, and of no other', async () => {
    const { pipeline, finops, dataverse, tell } = await scene();
    const id = dataverse.put('account', { number: 'a1', 'company.code': 'usmf', kindcode: '11', name: 'Ada' });
    await tell('usmf|a1', id);
    expect([...finops.rows.values()].map(({ table, values }) => [table, values['Name']])).toEqual([['Vendors', 'Ada']]);
    expect(await pipeline.link('usmf|a1', 'buyers')).toMatchObject({ state: 'new' });
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R3: a row that goes over to the other keeps its former partner and is given a new one', async () => {
    const { pipeline, finops, dataverse, tell } = await scene();
    const id = dataverse.put('account', { number: 'a1', 'company.code': 'usmf', kindcode: '3', name: 'Ada' });
    await tell('usmf|a1', id);
    dataverse.edit(id, { kindcode: '11', name: 'Bea' });
    await tell('usmf|a1', id);
    expect([...finops.rows.values()].map(({ table, values }) => [table, values['Name']]).sort()).toEqual([
      ['Buyers', 'Ada'],
      ['Vendors', 'Bea'],
    ]);
    // What was of the first map comes back with the values of its time, merged like any others.
    dataverse.edit(id, { kindcode: '3' });
    await tell('usmf|a1', id);
    expect(finops.find('Buyers', 'Account', 'a1')?.values).toMatchObject({ Name: 'Bea' });
    expect(dataverse.rows.size).toBe(1);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R3: an F&O row under the key of the other map is no partner, and writes over nothing', async () => {
    const { pipeline, finops, dataverse } = await scene();
    const id = dataverse.put('account', { number: 'a1', 'company.code': 'usmf', kindcode: '11', name: 'Ada' });
    finops.put('Buyers', { Account: 'a1', dataAreaId: 'usmf', Name: 'Other' });
    await pipeline.run([aChange('buyers', 'usmf|a1', { hinted: ['finops'] })]);
    expect([...dataverse.rows.values()].map(({ id: each, values }) => [each, values['name']])).toEqual([[id, 'Ada']]);
  });

  it('R3: a deleted row takes its partner along, and makes room for the row of the other map', async () => {
    const { pipeline, finops, dataverse, tell } = await scene();
    finops.put('Buyers', { Account: 'a1', dataAreaId: 'usmf', Name: 'Other' });
    const id = dataverse.put('account', { number: 'a1', 'company.code': 'usmf', kindcode: '11', name: 'Ada' });
    await tell('usmf|a1', id);
    dataverse.remove(id);
    await tell('usmf|a1', id, true);
    expect([...dataverse.rows.values()].map(({ values }) => [values['kindcode'], values['name']])).toEqual([
      ['3', 'Other'],
    ]);
    expect([...finops.rows.values()].map(({ table, values }) => [table, values['Name']])).toEqual([
      ['Buyers', 'Other'],
    ]);
    expect(await pipeline.parked()).toEqual([]);
  });
});
