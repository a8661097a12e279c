import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import { recordKey } from '../../../../shared/core/record/record-key.ts';
import type { RowWrite } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startDataverse>>;
let other: Awaited<ReturnType<typeof startFinops>>;
let dataverse: ReturnType<typeof dataverseOn>;
let accounts: CompiledMap;
let currencies: CompiledMap;

beforeAll(async () => {
  [system, other] = await Promise.all([startDataverse(), startFinops()]);
  dataverse = dataverseOn(system.origin);
  accounts = await compiled(shippedMap('sales/customers-v3--accounts'), finopsOn(other.origin), dataverse);
  currencies = await compiled(
    shippedMap('finance/currencies--transactioncurrencies'),
    finopsOn(other.origin),
    dataverse,
  );
});
afterAll(() => Promise.all([system.stop(), other.stop()]));

const currency = (code: string, values: Record<string, string>): RowWrite => ({
  key: recordKey([code]) ?? '',
  operation: 'insert',
  rowId: randomUUID(),
  address: null,
  ifMatch: null,
  values: { isocurrencycode: code, currencyname: `Currency ${code}`, currencysymbol: '¤', ...values },
});

test('values of every type are written and read back the same', async () => {
  const values = {
    accountnumber: "O'Brien & Søns/1 50%",
    name: 'Ünïcode "quoted" \\ back',
    creditlimit: '1234567.89',
    numberofemployees: '42',
    customertypecode: '3',
    msdyn_onetimecustomer: 'true',
    msdyn_creditlimitismandatory: 'false',
    description: 'two\nlines',
    telephone1: null,
  };
  const write: RowWrite = {
    key: recordKey(['usmf', values.accountnumber]) ?? '',
    operation: 'insert',
    rowId: randomUUID(),
    address: null,
    ifMatch: null,
    values: { ...values, 'msdyn_company.cdm_companycode': 'usmf' },
  };
  const company = JSON.stringify({ cdm_companycode: 'usmf', cdm_name: 'Contoso' });
  await dataverse.api.write([{ method: 'POST', url: `${dataverse.api.root}cdm_companies`, body: company }]);
  expect(await dataverse.store.write(accounts, [write])).toMatchObject([{ kind: 'done', values }]);
  const read = must(await dataverse.store.read(accounts, [{ key: write.key, rowId: null }]));
  expect(read.get(write.key)).toMatchObject({ id: write.rowId, values });
});

test('a decimal keeps digits beyond those of a JavaScript number', async () => {
  const write = currency('DIG', { exchangerate: '99999999999.1234567891' });
  const withRate = { ...currencies.sides.dataverse, columns: [...currencies.sides.dataverse.columns, 'exchangerate'] };
  const map = { ...currencies, sides: { ...currencies.sides, dataverse: withRate } };
  expect(await dataverse.store.write(map, [write])).toMatchObject([
    { kind: 'done', values: { exchangerate: '99999999999.1234567891' } },
  ]);
});

test('a row tells who changed it last and when', async () => {
  const write = currency('WHO', { exchangerate: '1' });
  await dataverse.store.write(currencies, [write]);
  const row = must(await dataverse.store.readByIds(currencies, [write.rowId ?? ''])).get(write.rowId ?? '');
  expect(row?.modifiedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(row?.modifiedBy).toMatch(/^[0-9a-f-]{36}$/);
});

test('every write carries the tag of its row, single or in a batch', async () => {
  const changes: (string | undefined)[] = [];
  system.simulator.onChange((change) => changes.push(change.tag));
  const [alone, ...others] = ['TA', 'TB', 'TC'].map((code) => currency(code, { exchangerate: '1' }));
  if (alone === undefined) throw new Error('There is no currency.');
  await dataverse.store.write(currencies, [alone]);
  await dataverse.store.write(currencies, others);
  expect(changes).toEqual([alone, ...others].map(({ rowId }) => `tag-of-${rowId}`));
});

test('a lone write is a plain request, and each of several fails alone', async () => {
  const before = system.requests.length;
  await dataverse.store.write(currencies, [currency('ONE', { exchangerate: '1' })]);
  const plain = system.requests.slice(before);
  expect(plain.map(({ method, path }) => [method, path.split('?')[0]])).toEqual([
    ['POST', '/api/data/v9.2/transactioncurrencies'],
  ]);
  system.simulator.switches.plugins.push({
    table: 'transactioncurrency',
    column: 'currencyname',
    action: 'reject',
    containing: 'BAD',
    message: 'Not this one.',
  });
  const results = await dataverse.store.write(currencies, [
    currency('OK1', { exchangerate: '1' }),
    currency('BAD', { exchangerate: '1' }),
    currency('OK2', { exchangerate: '1' }),
  ]);
  expect(results).toMatchObject([
    { kind: 'done' },
    { kind: 'failed', fault: { code: 'TW205', class: 'business', message: expect.stringContaining('Not this one.') } },
    { kind: 'done' },
  ]);
});

test('what a plug-in made of a value comes back with the answer', async () => {
  system.simulator.switches.plugins.push({ table: 'transactioncurrency', column: 'currencysymbol', action: 'upper' });
  const results = await dataverse.store.write(currencies, [
    currency('PLG', { exchangerate: '1', currencysymbol: 'kr' }),
  ]);
  expect(results).toMatchObject([{ kind: 'done', values: { currencysymbol: 'KR' } }]);
});

test('more ids than an address holds are read in one batch', async () => {
  const codes = Array.from({ length: 250 }, (_, index) => `M${index}`);
  const writes = codes.map((code) => currency(code, { exchangerate: '1' }));
  await dataverse.store.write(currencies, writes);
  const before = system.requests.length;
  const ids = writes.map((write) => write.rowId ?? '');
  expect(must(await dataverse.store.readByIds(currencies, [...ids, 'no id'])).size).toBe(250);
  expect(system.requests.length - before).toBe(1);
});

test('a key that no row can have is absent, and keeps no other from being read', async () => {
  await dataverse.store.write(currencies, [currency('NUM', { exchangerate: '7' })]);
  const side = { ...currencies.sides.dataverse, columns: ['exchangerate'], keyColumns: ['exchangerate'] };
  const map: CompiledMap = {
    ...currencies,
    sides: { ...currencies.sides, dataverse: side },
    keyOf: (_, { values }) => values['exchangerate'] ?? null,
  };
  const wanted = ['many', '7', "x' or 1 eq 1"].map((key) => ({ key, rowId: null }));
  expect([...must(await dataverse.store.read(map, wanted)).keys()]).toEqual(['7']);
});

test('R27: a lookup of a row that has no key yet is told from an empty one', async () => {
  const api = `${system.origin}/api/data/v9.2`;
  const post = async (set: string, body: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${api}/${set}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(await answer.text()).toBe('');
    return /\(([0-9a-f-]{36})\)/.exec(answer.headers.get('odata-entityid') ?? '')?.[1] ?? '';
  };
  const group = await post('msdyn_customergroups', { msdyn_description: 'Without a number' });
  const bound = { 'msdyn_customergroupid@odata.bind': `/msdyn_customergroups(${group})` };
  const id = await post('accounts', { name: 'Refers', accountnumber: 'REF-1', ...bound });
  const rows = must(await dataverse.store.readByIds(accounts, [id]));
  expect(rows.get(id)?.values).toMatchObject({ 'msdyn_customergroupid.msdyn_groupid': `unnumbered:${group}` });
  // Nobody numbers companies: a row of one without a code has no company.
  const company = await post('cdm_companies', { cdm_name: 'Without a code' });
  const its = { 'msdyn_company@odata.bind': `/cdm_companies(${company})` };
  const other = await post('accounts', { name: 'Of it', accountnumber: 'REF-2', ...its });
  const read = must(await dataverse.store.readByIds(accounts, [other]));
  expect(read.get(other)?.values).toMatchObject({ 'msdyn_company.cdm_companycode': null });
});
