import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompiledMap, CompiledSide } from '../../../../shared/core/map/compiled-map.ts';
import { recordKey } from '../../../../shared/core/record/record-key.ts';
import type { Row } from '../../../../shared/core/record/row.ts';
import type { RowWrite } from '../../../../shared/ports/record-store.ts';
import { finopsOn, must } from '../../../contracts/record-stores.ts';
import { startFinops } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startFinops>>;
let finops: ReturnType<typeof finopsOn>;

beforeAll(async () => {
  system = await startFinops();
  finops = finopsOn(system.origin);
});
afterAll(() => system.stop());

/** A map as far as F&O sees it, on any of its entities. */
async function mapOn(table: string, keyColumns: string[], others: string[]): Promise<CompiledMap> {
  const shape = must(await finops.metadata.shape(table));
  const side: Partial<CompiledSide> = {
    table,
    columns: [...keyColumns, ...others],
    keyColumns,
    companyColumn: keyColumns.find((column) => column === shape.companyColumn) ?? null,
    inFilter: () => true,
  };
  return {
    sides: { finops: side },
    numbering: null,
    keyOf: (_: string, { values }: Row) => recordKey(keyColumns.map((column) => values[column] ?? null)),
  } as unknown as CompiledMap;
}

function insert(map: CompiledMap, values: Row['values']): RowWrite {
  const key = map.keyOf('finops', { id: '', values }) ?? '';
  return { key, operation: 'insert', rowId: null, address: null, ifMatch: null, values };
}

function change(row: Row, key: string, operation: 'update' | 'delete', values: Row['values'] = {}): RowWrite {
  return { key, operation, rowId: row.id, address: row.address, ifMatch: row.version, values };
}

describe('values of Finance and Operations', () => {
  test('texts, enums, numbers and empty values are written and read back the same', async () => {
    const map = await mapOn(
      'CustomersV3',
      ['dataAreaId', 'CustomerAccount'],
      [
        'PartyType',
        'OrganizationName',
        'OrganizationNumberOfEmployees',
        'CreditLimit',
        'IsOneTimeCustomer',
        'SalesMemo',
      ],
    );
    const values = {
      dataAreaId: 'usmf',
      CustomerAccount: 'V-1',
      PartyType: 'organization',
      OrganizationName: 'Ünïcode "quoted" \\ back; two\nlines',
      OrganizationNumberOfEmployees: '42',
      CreditLimit: '12345678901234567.123457',
      IsOneTimeCustomer: 'yes',
      SalesMemo: null,
    };
    const group = await mapOn('CustomerGroups', ['dataAreaId', 'CustomerGroupId'], ['Description']);
    const currency = await mapOn('Currencies', ['CurrencyCode'], ['Name']);
    await finops.store.write(group, [insert(group, { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'x' })]);
    await finops.store.write(currency, [insert(currency, { CurrencyCode: 'USD', Name: 'Dollar' })]);
    const mandatory = { CustomerGroupId: '10', SalesCurrencyCode: 'USD' };
    const [result] = await finops.store.write(map, [{ ...insert(map, values), values: { ...values, ...mandatory } }]);
    expect(result).toMatchObject({ kind: 'done', values });
    const key = 'usmf|v-1';
    const row = must(await finops.store.read(map, [{ key, rowId: null }])).get(key);
    expect(row).toMatchObject({ values, address: "dataAreaId='usmf',CustomerAccount='V-1'" });
    expect(row?.id).toMatch(/^\d+$/);
    const cleared = { OrganizationNumberOfEmployees: null, CreditLimit: null, IsOneTimeCustomer: 'no' };
    const [changed] = await finops.store.write(map, [change(row as Row, key, 'update', cleared)]);
    expect(changed).toMatchObject({
      kind: 'done',
      values: { OrganizationNumberOfEmployees: '0', CreditLimit: '0', IsOneTimeCustomer: 'no' },
    });
  });

  test('fields that an update may not set are left out of it', async () => {
    const map = await mapOn('Currencies', ['CurrencyCode'], ['Name']);
    const [done] = await finops.store.write(map, [insert(map, { CurrencyCode: 'KEP', Name: 'Kept' })]);
    if (done?.kind !== 'done') throw new Error('the currency was refused');
    const row = { id: done.rowId ?? '', address: done.address ?? '', version: done.version ?? '', values: {} };
    const update = change(row, 'kep', 'update', { CurrencyCode: 'XXX', Name: 'Renamed' });
    expect(await finops.store.write(map, [update])).toMatchObject([
      { kind: 'done', values: { CurrencyCode: 'KEP', Name: 'Renamed' } },
    ]);
  });
});

describe('keys of Finance and Operations', () => {
  const odd = [
    "O'Neil",
    '105E11/74N',
    'a\\b',
    'a+b',
    '50%',
    'a%2Fb',
    'ä ö',
    'a,b=c',
    '(x)',
    'a&b',
    'c#d',
    'q?',
    '*star*',
    'x:y',
  ];

  test('a key with any mark in it is inserted, read, updated and deleted under its address', async () => {
    const map = await mapOn('CustomerGroups', ['dataAreaId', 'CustomerGroupId'], ['Description']);
    const writes = odd.map((CustomerGroupId) =>
      insert(map, { dataAreaId: 'usmf', CustomerGroupId, Description: 'old' }),
    );
    const keys = writes.map(({ key }) => key);
    const inserted = await finops.store.write(map, writes);
    expect(inserted.map((result, index) => [odd[index], result.kind])).toEqual(odd.map((key) => [key, 'done']));
    const read = () =>
      finops.store
        .read(
          map,
          keys.map((key) => ({ key, rowId: null })),
        )
        .then(must);
    const rows = await read();
    expect(rows.size).toBe(odd.length);
    const updates = keys.map((key) => change(rows.get(key) as Row, key, 'update', { Description: 'new' }));
    const updated = await finops.store.write(map, updates);
    expect(updated.map((result) => result.kind === 'done' && result.values?.['Description'])).toEqual(
      odd.map(() => 'new'),
    );
    const byAddress = must(
      await finops.store.readByIds(
        map,
        [...(await read()).values()].map(({ address }) => address),
      ),
    );
    expect(byAddress.size).toBe(odd.length);
    const fresh = await read();
    const deletions = keys.map((key) => change(fresh.get(key) as Row, key, 'delete'));
    expect((await finops.store.write(map, deletions)).every(({ kind }) => kind === 'done')).toBe(true);
    expect((await read()).size).toBe(0);
  });

  test('a star in a key matches no other row', async () => {
    const map = await mapOn('CustomerGroups', ['dataAreaId', 'CustomerGroupId'], ['Description']);
    await finops.store.write(map, [insert(map, { dataAreaId: 'usmf', CustomerGroupId: 'abc', Description: 'x' })]);
    expect(must(await finops.store.read(map, [{ key: 'usmf|*b*', rowId: null }])).size).toBe(0);
  });

  test('an update whose address is not known is addressed by the key of the record', async () => {
    const map = await mapOn('CustomerGroups', ['dataAreaId', 'CustomerGroupId'], ['Description']);
    const [done] = await finops.store.write(map, [
      insert(map, { dataAreaId: 'usmf', CustomerGroupId: 'NoAddr', Description: 'x' }),
    ]);
    const ifMatch = done?.kind === 'done' ? done.version : null;
    const base = { key: 'usmf|noaddr', rowId: null, address: null, ifMatch };
    const update: RowWrite = { ...base, operation: 'update', values: { Description: 'y' } };
    expect(await finops.store.write(map, [update])).toMatchObject([{ kind: 'done', values: { Description: 'y' } }]);
  });
});

test('a hundred changes of several kinds, with their values read back, are one call', async () => {
  const map = await mapOn('CustomerGroups', ['dataAreaId', 'CustomerGroupId'], ['Description']);
  const names = Array.from({ length: 90 }, (_, index) => `C${index}`);
  const writes = names.map((CustomerGroupId) => insert(map, { dataAreaId: 'usmf', CustomerGroupId, Description: 'x' }));
  await finops.store.write(map, writes);
  const rows = must(
    await finops.store.read(
      map,
      writes.map(({ key }) => ({ key, rowId: null })),
    ),
  );
  const before = system.requests.length;
  const results = await finops.store.write(map, [
    ...writes.slice(0, 80).map(({ key }) => change(rows.get(key) as Row, key, 'update', { Description: `new ${key}` })),
    ...writes.slice(80).map(({ key }) => change(rows.get(key) as Row, key, 'delete')),
    ...names
      .slice(0, 10)
      .map((name) => insert(map, { dataAreaId: 'usmf', CustomerGroupId: `D${name}`, Description: 'x' })),
  ]);
  expect(system.requests.length - before).toBe(1);
  expect(results.every(({ kind }) => kind === 'done')).toBe(true);
  expect(results.slice(0, 80).map((result) => result.kind === 'done' && result.values?.['Description'])).toEqual(
    writes.slice(0, 80).map(({ key }) => `new ${key}`),
  );
});

test('a key that no row can have is absent, and keeps no other from being read', async () => {
  const map = await mapOn('CustomersV3', ['dataAreaId', 'OrganizationNumberOfEmployees', 'PartyType'], []);
  for (const key of ['usmf|many|person', 'usmf|5|robot']) {
    const wanted = [key, 'usmf|5|person'].map((each) => ({ key: each, rowId: null }));
    expect(must(await finops.store.read(map, wanted)).size).toBe(0);
  }
});
