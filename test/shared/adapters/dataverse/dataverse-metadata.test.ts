import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TableShape } from '../../../../shared/core/map/compiled-map.ts';
import { dataverseOn, must } from '../../../contracts/record-stores.ts';
import { startDataverse } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startDataverse>>;
let dataverse: ReturnType<typeof dataverseOn>;
let contact: TableShape;
let account: TableShape;

const TWO_HOPS = 'msdyn_customergroupid.msdyn_paymenttermid.msdyn_name';
const POLYMORPHIC = 'parentcustomerid.account(accountnumber).contact(msdyn_contactpersonid)';

beforeAll(async () => {
  system = await startDataverse();
  dataverse = dataverseOn(system.origin);
  contact = must(await dataverse.metadata.shape('contact', [POLYMORPHIC, TWO_HOPS]));
  account = must(await dataverse.metadata.shape('account', [TWO_HOPS, 'msdyn_billingaccount.accountnumber']));
});
afterAll(() => system.stop());

test('columns have the types that their definitions tell', () => {
  expect(account.typeOf('accountnumber')).toEqual({ kind: 'text', maxLength: 20 });
  expect(account.typeOf('creditlimit')).toMatchObject({ kind: 'decimal' });
  expect(account.typeOf('customertypecode')).toEqual({ kind: 'option' });
  expect(account.typeOf('statecode')).toEqual({ kind: 'option' });
  expect(account.typeOf('msdyn_onetimecustomer')).toEqual({ kind: 'boolean' });
  expect(account.typeOf('numberofemployees')).toEqual({ kind: 'integer' });
  expect(account.typeOf('modifiedon')).toEqual({ kind: 'instant' });
  expect(account.typeOf('accountid')).toEqual({ kind: 'guid' });
  expect(contact.typeOf('birthdate')).toEqual({ kind: 'date' });
  expect(account.typeOf('nosuch')).toBeNull();
});

test('the company is the lookup to cdm_company that is part of the key, and its code ignores case', () => {
  expect(account.companyColumn).toBe('msdyn_company.cdm_companycode');
  expect(account.typeOf('msdyn_company.cdm_companycode')).toMatchObject({ kind: 'text', folded: true });
});

test('a table without companies has no company column', async () => {
  const currency = must(await dataverse.metadata.shape('transactioncurrency', []));
  expect(currency.companyColumn).toBeNull();
  expect(currency.uniqueBy(['isocurrencycode'])).toBe(true);
});

test('paths have the type of the column they end on, over two hops and for each table of a polymorphic lookup', () => {
  expect(account.typeOf(TWO_HOPS)).toMatchObject({ kind: 'text' });
  expect(account.lookupTables(TWO_HOPS)).toEqual(['msdyn_paymentterm']);
  expect(contact.typeOf(POLYMORPHIC)).toMatchObject({ kind: 'text' });
  expect(contact.lookupTables(POLYMORPHIC)).toEqual(['account', 'contact']);
  expect(account.lookupTables('accountnumber')).toEqual(['account']);
});

test('a key is unique by its columns together with the company path', () => {
  expect(account.uniqueBy(['msdyn_company.cdm_companycode', 'accountnumber'])).toBe(true);
  expect(account.uniqueBy(['accountnumber'])).toBe(false);
  expect(account.uniqueBy(['accountid'])).toBe(true);
});

test('columns that cannot be updated are for creation only', () => {
  expect(account.createOnly('msdyn_company.cdm_companycode')).toBe(true);
  expect(account.createOnly('accountnumber')).toBe(false);
  expect(account.tellsModifiedAt).toBe(true);
});

test('definitions of a table are read in one call, and once', async () => {
  const before = system.requests.length;
  const fresh = dataverseOn(system.origin);
  must(await fresh.metadata.shape('transactioncurrency', []));
  expect(system.requests.length - before).toBe(1);
  must(await fresh.metadata.shape('transactioncurrency', []));
  expect(system.requests.length - before).toBe(1);
});

test('an unknown table is a configuration fault', async () => {
  expect(await dataverse.metadata.shape('nosuch', [])).toMatchObject({
    ok: false,
    fault: { code: 'TW106', class: 'configuration' },
  });
});
