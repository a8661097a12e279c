import { describe, expect, it } from 'vitest';
import { applicationUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import { idOf, sampleEnvironment } from './sample-environment.ts';

const missing = '00000000-0000-4000-8000-000000000000';

// "Create a table row", "Update and delete table rows", "Associate and disassociate table rows".
describe('creating', () => {
  it('answers 204 with the address, and fills states, stamps and yes/no defaults', async () => {
    const { call } = sampleEnvironment();
    const created = await call('POST', 'accounts', { name: 'A' });
    expect(created.status).toBe(204);
    expect(created.headers['odata-entityid']).toMatch(
      /^http:\/\/sim\.test\/api\/data\/v9\.2\/accounts\([0-9a-f-]{36}\)$/,
    );
    const { json } = await call('GET', `accounts(${idOf(created)})`);
    expect(json).toMatchObject({ statecode: 0, statuscode: 1, donotfax: false, createdon: '2026-01-01T00:00:00Z' });
    expect(json).toMatchObject({ _createdby_value: applicationUserId, description: null });
    expect(json['@odata.etag']).toBe(`W/"${json.versionnumber}"`);
  });

  it('takes a primary key of the caller and refuses it the second time with 412 0x80040237', async () => {
    const { call } = sampleEnvironment();
    const id = '4e1d0f3c-5a0e-4e11-8f6e-000d3a000004';
    expect(idOf(await call('POST', 'accounts', { accountid: id, name: 'A' }))).toBe(id);
    const again = await call('POST', 'accounts', { accountid: id, name: 'A' });
    expect([again.status, again.json.error.code]).toEqual([412, '0x80040237']);
  });

  it('gives the row with return=representation, shaped by $select and $expand', async () => {
    const { call } = sampleEnvironment();
    const contact = idOf(await call('POST', 'contacts', { fullname: 'Ada' }));
    const body = { name: 'A', 'primarycontactid@odata.bind': `/contacts(${contact})` };
    const answer = await call('POST', 'accounts?$select=name&$expand=primarycontactid($select=fullname)', body, {
      prefer: 'return=representation',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['preference-applied']).toBe('return=representation');
    expect(answer.json).toMatchObject({ name: 'A', primarycontactid: { fullname: 'Ada' } });
    expect(Object.keys(answer.json)).not.toContain('accountnumber');
  });

  it('reads values back in the form of their types', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(
      await call(
        'POST',
        'accounts',
        '{"name":"A","creditlimit":2500.005,"exchangerate":1.5,"anniversary":"1999-12-31","lastvisit":"2026-01-31T10:00:00+02:00","opening":"2026-01-31T08:00:00Z","new_channels":"100000002,100000001","description":""}',
      ),
    );
    const { json, text } = await call('GET', `accounts(${id})`);
    expect(text).toContain('"creditlimit":2500.0100');
    expect(text).toContain('"exchangerate":1.5000000000');
    expect(json).toMatchObject({
      anniversary: '1999-12-31',
      lastvisit: '2026-01-31T08:00:00Z',
      opening: '2026-01-31T08:00:00Z',
      new_channels: '100000001,100000002',
      description: null,
    });
  });

  it('keeps all digits of long decimals', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'accounts', '{"name":"A","exchangerate":12345678901.1234567890}'));
    expect((await call('GET', `accounts(${id})`)).text).toContain('"exchangerate":12345678901.1234567890');
  });

  // Codes of "Web service error codes".
  it.each([
    [{ nosuch: 1 }, '0x80048d19', "Invalid property 'nosuch'"],
    [{ name: 5 }, '0x80048d19', "expected type 'Edm.String'"],
    [{ numberofemployees: 'many' }, '0x80048d19', "expected type 'Edm.Int32'"],
    [{ numberofemployees: 1.5 }, '0x80048d19', "expected type 'Edm.Int32'"],
    [{ donotfax: 'true' }, '0x80048d19', "expected type 'Edm.Boolean'"],
    [{ anniversary: '2026-01-31T00:00:00Z' }, '0x80048d19', "expected type 'Edm.Date'"],
    [{ lastvisit: '2026-01-31' }, '0x80048d19', "expected type 'Edm.DateTimeOffset'"],
    [{ lastvisit: '1700-01-01T00:00:00Z' }, '0x80040203', 'less than minumum value'],
    [{ name: 'x'.repeat(21) }, '0x80044331', "maximum allowed length of '20'"],
    [{ customertypecode: 4 }, '0x8004431a', 'outside the valid range'],
    [{ new_channels: '100000001,5' }, '0x8004431a', 'outside the valid range'],
    [{ numberofemployees: 1001 }, '0x8004432f', 'outside the valid range'],
    [{ exchangerate: 100000000001 }, '0x80044330', 'outside the valid range'],
    [{ name: null }, '0x80040203', 'cannot be set to NULL'],
    [{ _msdyn_company_value: missing }, '0x80048d19', 'Use Navigation properties instead'],
    [
      { 'Primarycontactid@odata.bind': `contacts(${missing})` },
      '0x80048d19',
      "An undeclared property 'Primarycontactid'",
    ],
    [
      { 'primarycontactid@odata.bind': `accounts(${missing})` },
      '0x80048d19',
      'is not valid for the navigation property',
    ],
    [{ primarycontactid: missing }, '0x80048d19', "An undeclared property 'primarycontactid'"],
    [{ statecode: 1, statuscode: 1 }, '0x80048408', 'is not a valid status code for state code'],
  ])('refuses %j with 400 %s', async (body, code, message) => {
    const { call } = sampleEnvironment();
    const answer = await call('POST', 'accounts', { name: 'A', ...body });
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect(answer.json.error.message).toContain(message);
    expect((await call('GET', 'accounts/$count')).text).toBe('0');
  });

  it('refuses a row without a column the system needs, and a body that is no object', async () => {
    const { call } = sampleEnvironment();
    expect((await call('POST', 'accounts', { accountnumber: 'X' })).json.error.message).toContain(
      'name cannot be set to NULL',
    );
    expect((await call('POST', 'accounts', '[1]')).status).toBe(400);
    expect((await call('POST', 'accounts', '{"name":')).status).toBe(400);
  });

  it('answers 404 when a bound row does not exist, by id and by key', async () => {
    const { call } = sampleEnvironment();
    const byId = await call('POST', 'accounts', { name: 'A', 'primarycontactid@odata.bind': `contacts(${missing})` });
    expect([byId.status, byId.json.error.code]).toEqual([404, '0x80040217']);
    const bind = { 'primarycontactid@odata.bind': "contacts(emailaddress1='a%40b.example')" };
    const byKey = await call('POST', 'accounts', { name: 'A', ...bind });
    expect([byKey.status, byKey.json.error.code]).toEqual([404, '0x80060891']);
    const contact = idOf(await call('POST', 'contacts', { emailaddress1: 'a@b.example' }));
    const bound = idOf(await call('POST', 'accounts', { name: 'A', ...bind }));
    expect((await call('GET', `accounts(${bound})`)).json._primarycontactid_value).toBe(contact);
  });

  it('keeps alternate keys unique within case and company, and lets rows with an empty part be', async () => {
    const { call } = sampleEnvironment();
    const company = idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'usmf' }));
    const bind = { 'msdyn_company@odata.bind': `cdm_companies(${company})` };
    const holder = idOf(await call('POST', 'accounts', { name: 'A', accountnumber: 'us-1', ...bind }));
    const again = await call('POST', 'accounts', { name: 'B', accountnumber: 'US-1', ...bind });
    expect([again.status, again.json.error.code]).toEqual([412, '0x80060892']);
    expect(again.json.error.message).toContain(`<Id>${holder}</Id>`);
    expect((await call('POST', 'accounts', { name: 'B', accountnumber: 'US-1' })).status).toBe(204);
    expect((await call('POST', 'accounts', { name: 'C', accountnumber: 'US-1' })).status).toBe(204);
  });
});
