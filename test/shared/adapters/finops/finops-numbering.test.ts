import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import { keysOf, provisionalKey } from '../../../../shared/core/map/numbering.ts';
import type { RowWrite } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

const ID = '6f1d9a52-0c3b-4e57-9f0e-2b8f2d5a7c11';
const KEY = `usmf|unnumbered:${ID}`;

let systems: [Awaited<ReturnType<typeof startFinops>>, Awaited<ReturnType<typeof startDataverse>>];
let finops: ReturnType<typeof finopsOn>;
let map: CompiledMap;

beforeAll(async () => {
  systems = await Promise.all([startFinops(), startDataverse()]);
  finops = finopsOn(systems[0].origin);
  const customers = shippedMap('sales/customers-v3--accounts');
  const numberSequence = { column: 'CustomerAccount', matchColumn: 'IdentificationNumber' };
  const numbered = { ...customers, finops: { ...customers.finops, numberSequence } };
  map = await compiled(numbered, finops, dataverseOn(systems[1].origin));
});
afterAll(() => Promise.all(systems.map((system) => system.stop())));

test('R27: a row created without its number answers it, and is read by the id of the Dataverse row', async () => {
  const values = {
    dataAreaId: 'usmf',
    PartyType: 'organization',
    OrganizationName: 'Numbered',
    CustomerGroupId: '10',
    SalesCurrencyCode: 'USD',
    IdentificationNumber: ID,
  };
  const group = { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Retail' };
  const currency = { CurrencyCode: 'USD', Name: 'US Dollar' };
  systems[0].simulator.change({ entity: 'CustomerGroup', operation: 'create', values: group });
  systems[0].simulator.change({ entity: 'Currency', operation: 'create', values: currency });
  const insert: RowWrite = { key: KEY, operation: 'insert', rowId: null, address: null, ifMatch: null, values };
  const [result] = await finops.store.write(map, [insert]);
  expect(result).toMatchObject({ kind: 'done', values: { CustomerAccount: expect.stringMatching(/^US-\d{6}$/) } });
  const wanted = [KEY, 'usmf|unnumbered:00000000-0000-0000-0000-000000000001'].map((key) => ({ key, rowId: null }));
  const read = must(await finops.store.read(map, wanted));
  expect([...read.keys()]).toEqual([KEY]);
  for (const row of read.values()) {
    expect(result).toMatchObject({ values: row.values });
    expect(provisionalKey(map, 'finops', row)).toBe(KEY);
    expect(keysOf(map, 'finops', row)).toEqual([map.keyOf('finops', row), KEY]);
  }
});
