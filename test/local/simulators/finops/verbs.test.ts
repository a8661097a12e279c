import { beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Open Data Protocol (OData)" and captured answers of F&O environments.

let fixture: Fixture;
const group = "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')";
const customers = '/data/CustomersV3';
const known = `${customers}(dataAreaId='usmf',CustomerAccount='US-001')?cross-company=true`;
const unknown = `${customers}(dataAreaId='usmf',CustomerAccount='none')?cross-company=true`;
const noResources = 'No resources were found when selecting for update.';

beforeEach(() => {
  fixture = createFixture();
  seed(fixture, 'CustomerGroup', { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Wholesale' });
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'US-001', OrganizationName: 'Contoso' });
});

describe('create', () => {
  test('answers 201 with the whole row, its etag and its address', async () => {
    const body = { dataAreaId: 'USMF', CustomerAccount: 'US-002', CustomerGroupId: '10' };
    const answer = await fixture.send('POST', customers, body);
    expect(answer.status).toBe(201);
    expect(answer.headers['etag']).toBe(answer.json['@odata.etag']);
    expect(answer.headers['location']).toBe(
      "http://127.0.0.1:7080/finops/data/CustomersV3(dataAreaId='usmf',CustomerAccount='US-002')",
    );
    expect(answer.json).toMatchObject({ dataAreaId: 'usmf', OrganizationName: '', CreditLimit: 0, OnHoldStatus: 'No' });
  });

  test('names no company and gets the default company of the user', async () => {
    const answer = await fixture.send('POST', customers, { CustomerAccount: 'US-002' });
    expect(answer.json.dataAreaId).toBe('dat');
  });

  test('fills an empty key from the number sequence and steps over taken numbers', async () => {
    seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'US-000001' });
    const first = await fixture.send('POST', customers, { dataAreaId: 'usmf' });
    const second = await fixture.send('POST', customers, { dataAreaId: 'usmf', CustomerAccount: '' });
    expect([first.json.CustomerAccount, second.json.CustomerAccount]).toEqual(['US-000002', 'US-000003']);
  });

  test('a duplicate is refused with the Infolog of the table, whatever its letter case', async () => {
    const body = { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Again' };
    const answer = await fixture.send('POST', '/data/CustomerGroups', body);
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toBe('An error has occurred.');
    expect(answer.json.error.innererror.type).toMatch(/\.AxODataWriteException$/);
    expect(reason(answer)).toBe(
      "Write failed for table row of type 'CustCustomerGroupEntity'. Infolog: Info: Cannot create a record in Customer groups (CustGroup). CustomerGroupId: 10.\nThe record already exists..",
    );
    const shouted = await fixture.send('POST', customers, { dataAreaId: 'USMF', CustomerAccount: 'us-001' });
    expect(reason(shouted)).toContain('The record already exists.');
  });

  test('a missing mandatory field, a broken reference and a read-only field are each named', async () => {
    const mandatory = await fixture.send('POST', '/data/CustomerGroups', { dataAreaId: 'usmf', CustomerGroupId: '20' });
    expect(reason(mandatory)).toContain("Warning: Field 'Description' must be filled in.");
    expect(reason(mandatory)).toContain("validateWrite failed on data source 'CustGroup (CustGroup)'");
    const reference = await fixture.send('POST', customers, { dataAreaId: 'usmf', CustomerGroupId: '99' });
    expect(reason(reference)).toContain(
      "The value '99' in field 'CustomerGroupId' is not found in the related table 'Customer groups'",
    );
    const readOnly = await fixture.send('POST', customers, { dataAreaId: 'usmf', PartyNumber: 'P1' });
    expect(reason(readOnly)).toContain("Field 'PartyNumber' does not allow editing");
  });

  test('a reference is looked for in the company of the row', async () => {
    const answer = await fixture.send('POST', customers, { dataAreaId: 'dat', CustomerGroupId: '10' });
    expect(reason(answer)).toContain('is not found in the related table');
  });

  test('so is one that does not go by the key of its target', async () => {
    const line = { dataAreaId: 'usmf', LineNumber: 1, CustomerName: 'CONTOSO' };
    expect((await fixture.send('POST', '/data/JournalLines', line)).status).toBe(201);
    const elsewhere = await fixture.send('POST', '/data/JournalLines', { ...line, dataAreaId: 'dat' });
    expect(reason(elsewhere)).toContain("The value 'CONTOSO' in field 'CustomerName' is not found");
  });

  test('a row may refer to itself and can still be deleted', async () => {
    const body = { dataAreaId: 'usmf', CustomerAccount: 'US-003', InvoiceAccount: 'US-003' };
    expect((await fixture.send('POST', customers, body)).status).toBe(201);
    const self = `${customers}(dataAreaId='usmf',CustomerAccount='US-003')?cross-company=true`;
    expect((await fixture.send('DELETE', self)).status).toBe(204);
  });

  test('an unknown property is refused by name', async () => {
    const answer = await fixture.send('POST', customers, { dataAreaId: 'usmf', Colour: 'red' });
    expect(answer.status).toBe(400);
    expect(reason(answer)).toContain(
      "The property 'Colour' does not exist on type 'Microsoft.Dynamics.DataEntities.CustomerV3'.",
    );
  });

  test('a type annotation is passed over', async () => {
    const type = '#Microsoft.Dynamics.DataEntities.CustomerV3';
    const body = { '@odata.type': type, dataAreaId: 'usmf', CustomerAccount: 'US-009' };
    expect((await fixture.send('POST', customers, body)).status).toBe(201);
  });

  test.each(['{', '[]', '7', 'null'])('the body %s is refused', async (body) => {
    expect((await fixture.send('POST', customers, body)).status).toBe(400);
  });
});

describe('update', () => {
  test('answers 204 without body and without etag', async () => {
    const answer = await fixture.send('PATCH', known, { OrganizationName: 'Fabrikam' });
    expect([answer.status, answer.text, answer.headers['etag']]).toEqual([204, '', undefined]);
    expect((await fixture.send('GET', known)).json.OrganizationName).toBe('Fabrikam');
  });

  test('is no upsert: an unknown key gives 400', async () => {
    const answer = await fixture.send('PATCH', unknown, { OrganizationName: 'Fabrikam' });
    expect([answer.status, reason(answer)]).toEqual([400, noResources]);
  });

  test('checks what it changes and leaves the row alone when it fails', async () => {
    const body = { OrganizationName: 'Fabrikam', CustomerGroupId: '99' };
    expect((await fixture.send('PATCH', known, body)).status).toBe(400);
    expect((await fixture.send('GET', known)).json.OrganizationName).toBe('Contoso');
  });

  test('refuses another value for a key or a set-once field, and takes the same one', async () => {
    const other = await fixture.send('PATCH', known, { CustomerAccount: 'US-777' });
    expect(reason(other)).toContain("Field 'CustomerAccount' does not allow editing");
    expect((await fixture.send('PATCH', known, { CustomerAccount: 'us-001' })).status).toBe(204);
    expect((await fixture.send('PATCH', known, { PartyType: 'Person' })).status).toBe(400);
  });

  test('or passes over read-only fields, by switch', async () => {
    fixture.simulator.setSwitches({ readOnlyFields: 'ignored' });
    const body = { PartyType: 'Person', OrganizationName: 'Fabrikam' };
    expect((await fixture.send('PATCH', known, body)).status).toBe(204);
    const { PartyType, OrganizationName } = (await fixture.send('GET', known)).json;
    expect([PartyType, OrganizationName]).toEqual(['', 'Fabrikam']);
  });

  test('PUT merges, or resets what the body leaves out, by switch', async () => {
    await fixture.send('PATCH', known, { AddressCity: 'Bern', CreditLimit: 5 });
    await fixture.send('PUT', known, { CreditLimit: 6 });
    expect((await fixture.send('GET', known)).json).toMatchObject({ AddressCity: 'Bern', CreditLimit: 6 });
    fixture.simulator.setSwitches({ put: 'replace' });
    expect((await fixture.send('PUT', known, { CreditLimit: 7 })).status).toBe(204);
    expect((await fixture.send('GET', known)).json).toMatchObject({ AddressCity: '', CreditLimit: 7 });
  });

  test('stamps ModifiedDateTime', async () => {
    fixture.clock.nowMs += 60_000;
    await fixture.send('PATCH', known, { CreditLimit: 5 });
    expect((await fixture.send('GET', known)).json.ModifiedDateTime).toBe('2026-01-15T08:31:12Z');
  });
});

describe('delete', () => {
  test('answers 204, and 400 for an unknown key', async () => {
    expect((await fixture.send('DELETE', known)).status).toBe(204);
    expect((await fixture.send('GET', known)).status).toBe(404);
    const again = await fixture.send('DELETE', known);
    expect([again.status, reason(again)]).toEqual([400, noResources]);
  });

  test('is refused while other rows depend on the row, or not, by switch', async () => {
    await fixture.send('PATCH', known, { CustomerGroupId: '10' });
    const refused = await fixture.send('DELETE', `${group}?cross-company=true`);
    expect(reason(refused)).toContain('cannot be deleted while dependent Customers V3 exist');
    fixture.simulator.setSwitches({ referencedRows: 'deleted' });
    expect((await fixture.send('DELETE', `${group}?cross-company=true`)).status).toBe(204);
  });
});

describe('everything else', () => {
  test('validation failures are 500 on older builds', async () => {
    fixture.simulator.setSwitches({ validationStatus: 500 });
    expect((await fixture.send('POST', customers, { dataAreaId: 'usmf', CustomerGroupId: '99' })).status).toBe(500);
  });

  test('a method that does not fit and a path that leads nowhere are never answered with success', async () => {
    expect((await fixture.send('PATCH', customers, {})).status).toBe(405);
    expect((await fixture.send('POST', known, {})).status).toBe(405);
    expect((await fixture.send('GET', '/data/')).status).toBe(404);
    expect((await fixture.send('GET', '/elsewhere')).status).toBe(404);
    expect((await fixture.send('GET', `${customers}(dataAreaId='usmf',CustomerAccount='US-001')/Lines`)).status).toBe(
      404,
    );
    expect((await fixture.send('POST', '/data/CustomersV3/Microsoft.Dynamics.DataEntities.Nothing')).status).toBe(404);
  });

  test('every answer carries an activity id', async () => {
    const answer = await fixture.send('GET', known);
    expect(answer.headers['ms-dyn-aid']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(answer.headers['server-timing']).toBeDefined();
  });

  test('under overload every request gets 429 and the wait grows for those who push', async () => {
    fixture.simulator.overload(5_000);
    const waits = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await fixture.send('GET', known);
      expect(answer.status).toBe(429);
      waits.push(answer.headers['retry-after']);
    }
    expect(waits).toEqual(['5', '6', '7']);
    fixture.simulator.setSwitches({ retryAfterHeader: 'missing' });
    expect((await fixture.send('GET', known)).headers['retry-after']).toBeUndefined();
    fixture.clock.nowMs += 5_000;
    expect((await fixture.send('GET', known)).status).toBe(200);
  });
});
