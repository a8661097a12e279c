import { afterAll, beforeAll, expect, test } from 'vitest';
import { finopsOn, must } from '../../../contracts/record-stores.ts';
import { startFinops } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startFinops>>;
let finops: ReturnType<typeof finopsOn>;

beforeAll(async () => {
  system = await startFinops();
  finops = finopsOn(system.origin);
});
afterAll(() => system.stop());

test('fields have the types that the metadata service tells, in whatever case they are asked for', async () => {
  const customers = must(await finops.metadata.shape('CustomersV3'));
  expect(customers.typeOf('CreditLimit')).toEqual({ kind: 'decimal', scale: 6 });
  expect(customers.typeOf('OrganizationNumberOfEmployees')).toEqual({ kind: 'integer' });
  expect(customers.typeOf('PartyType')).toMatchObject({
    kind: 'enum',
    members: expect.objectContaining({ Person: 1 }),
  });
  expect(customers.typeOf('partytype')).toEqual(customers.typeOf('PartyType'));
  expect(customers.typeOf('CustomerAccount')).toEqual({ kind: 'text' });
  expect(customers.typeOf('NoSuch')).toBeNull();
  expect(customers.lookupTables('CustomerGroupId')).toEqual([]);
});

test('the company is a key field, and folded', async () => {
  const customers = must(await finops.metadata.shape('CustomersV3'));
  expect(customers.companyColumn).toBe('dataAreaId');
  expect(customers.typeOf('dataAreaId')).toEqual({ kind: 'text', folded: true });
  expect(must(await finops.metadata.shape('Currencies')).companyColumn).toBeNull();
});

test('a map key is unique where it holds the whole entity key', async () => {
  const customers = must(await finops.metadata.shape('CustomersV3'));
  expect(customers.uniqueBy(['dataAreaId', 'CustomerAccount'])).toBe(true);
  expect(customers.uniqueBy(['CustomerAccount'])).toBe(false);
});

test('key fields and fields without AllowEdit are for creation only', async () => {
  const customers = must(await finops.metadata.shape('CustomersV3'));
  expect(customers.createOnly('CustomerAccount')).toBe(true);
  expect(customers.createOnly('dataAreaId')).toBe(true);
  expect(customers.createOnly('OrganizationName')).toBe(false);
});

test('data events name an entity by its physical name', async () => {
  expect(must(await finops.metadata.physicalName('CustomersV3'))).toBe('custcustomerv3entity');
});

test('the list of entities is read once, each definition once, each enumeration once', async () => {
  const fresh = finopsOn(system.origin);
  const before = system.requests.length;
  for (const set of ['Currencies', 'Currencies', 'CustomerGroups', 'CustomersV3', 'CustomersV3']) {
    must(await fresh.metadata.shape(set));
  }
  const paths = system.requests.slice(before).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.filter((path) => path.includes('PublicEntities'))).toHaveLength(3);
});

test('an unknown entity is a configuration fault', async () => {
  expect(await finops.metadata.shape('NoSuchSet')).toMatchObject({ fault: { code: 'TW106', class: 'configuration' } });
});
