import { describe, expect, it } from 'vitest';
import { interactiveUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import { idOf, sampleEnvironment } from './sample-environment.ts';

const missing = '00000000-0000-4000-8000-000000000000';

// "Update and delete table rows using the Web API".
describe('updating', () => {
  it('changes only what is sent, moves the etag, and records the user', async () => {
    const { call, clock } = sampleEnvironment();
    const id = idOf(await call('POST', 'accounts', { name: 'A', accountnumber: '1' }));
    const before = (await call('GET', `accounts(${id})`)).json;
    clock.now += 5000;
    const headers = { 'x-sim-user': interactiveUserId };
    expect((await call('PATCH', `accounts(${id})`, { name: 'B' }, headers)).status).toBe(204);
    const after = (await call('GET', `accounts(${id})`)).json;
    expect(after).toMatchObject({ name: 'B', accountnumber: '1', modifiedon: '2026-01-01T00:00:05Z' });
    expect(after['_modifiedby_value']).toBe(interactiveUserId);
    expect(after['@odata.etag']).not.toBe(before['@odata.etag']);
    expect(after['createdon']).toBe(before['createdon']);
  });

  it('refuses a change of a key value to that of another row, and frees the old value by an allowed one', async () => {
    const { call } = sampleEnvironment();
    await call('POST', 'contacts', { emailaddress1: 'a' });
    const id = idOf(await call('POST', 'contacts', { emailaddress1: 'b' }));
    const refused = await call('PATCH', `contacts(${id})`, { emailaddress1: 'A' });
    expect([refused.status, refused.json.error.code]).toEqual([412, '0x80060892']);
    expect((await call('GET', "contacts(emailaddress1='b')")).json.contactid).toBe(id);
    expect((await call('PATCH', `contacts(${id})`, { emailaddress1: 'c' })).status).toBe(204);
    expect((await call('POST', 'contacts', { emailaddress1: 'b' })).status).toBe(204);
  });

  it('clears lookups by a null bind or a null navigation property, and ignores columns it may not write', async () => {
    const { call } = sampleEnvironment();
    const contact = idOf(await call('POST', 'contacts', { fullname: 'Ada' }));
    const bind = { 'primarycontactid@odata.bind': `http://sim.test/api/data/v9.2/contacts(${contact})` };
    const id = idOf(await call('POST', 'accounts', { name: 'A', ...bind }));
    for (const clear of [{ 'primarycontactid@odata.bind': null }, { primarycontactid: null }]) {
      await call('PATCH', `accounts(${id})`, bind);
      expect((await call('GET', `accounts(${id})`)).json._primarycontactid_value).toBe(contact);
      expect((await call('PATCH', `accounts(${id})`, { ...clear, createdon: '2000-01-01T00:00:00Z' })).status).toBe(
        204,
      );
      const { json } = await call('GET', `accounts(${id})`);
      expect(json).toMatchObject({ _primarycontactid_value: null, createdon: '2026-01-01T00:00:00Z' });
    }
  });

  it('binds a polymorphic lookup by one property per table', async () => {
    const { call } = sampleEnvironment();
    const account = idOf(await call('POST', 'accounts', { name: 'A' }));
    const id = idOf(await call('POST', 'contacts', { 'parentcustomerid_account@odata.bind': `accounts(${account})` }));
    const prefer = { prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"' };
    const { json } = await call('GET', `contacts(${id})`, undefined, prefer);
    expect(json['_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']).toBe('account');
    const wrong = await call('PATCH', `contacts(${id})`, {
      'parentcustomerid_contact@odata.bind': `accounts(${account})`,
    });
    expect(wrong.status).toBe(400);
  });

  it('brings the default status with a state, and the state with a status', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'accounts', { name: 'A' }));
    await call('PATCH', `accounts(${id})`, { statecode: 1 });
    expect((await call('GET', `accounts(${id})`)).json).toMatchObject({ statecode: 1, statuscode: 2 });
    await call('PATCH', `accounts(${id})`, { statuscode: 1 });
    expect((await call('GET', `accounts(${id})`)).json).toMatchObject({ statecode: 0, statuscode: 1 });
  });

  it('writes and clears one column by PUT and DELETE, but no lookup', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'accounts', { name: 'A' }));
    expect((await call('PUT', `accounts(${id})/description`, { value: 'text' })).status).toBe(204);
    expect((await call('GET', `accounts(${id})/description`)).json.value).toBe('text');
    expect((await call('DELETE', `accounts(${id})/description`)).status).toBe(204);
    expect((await call('GET', `accounts(${id})/description`)).status).toBe(204);
    expect((await call('DELETE', `accounts(${id})/primarycontactid`)).status).toBe(405);
  });

  it('records an impersonated write for the other user', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'accounts', { name: 'A' }, { mscrmcallerid: interactiveUserId }));
    expect((await call('GET', `accounts(${id})`)).json._modifiedby_value).toBe(interactiveUserId);
  });
});

// "Use Upsert to create or update a record", "Perform conditional operations using the Web API".
describe('upserting', () => {
  it('creates by key or id when absent, and repeats the key in the address of the answer', async () => {
    const { call } = sampleEnvironment();
    const key = "contacts(emailaddress1='ada@example.com')";
    const created = await call('PATCH', key, { fullname: 'Ada' });
    expect([created.status, created.headers['odata-entityid']]).toEqual([204, `http://sim.test/api/data/v9.2/${key}`]);
    expect((await call('GET', key)).json).toMatchObject({ fullname: 'Ada', emailaddress1: 'ada@example.com' });
    await call('PATCH', `contacts(${missing})`, { fullname: 'By id' });
    expect((await call('GET', `contacts(${missing})`)).json.fullname).toBe('By id');
  });

  it('tells created from updated only with return=representation', async () => {
    const { call } = sampleEnvironment();
    const prefer = { prefer: 'return=representation' };
    const path = "contacts(emailaddress1='a')?$select=contactid";
    const created = await call('PATCH', path, { fullname: 'A' }, prefer);
    const updated = await call('PATCH', path, { fullname: 'B' }, prefer);
    expect([created.status, updated.status]).toEqual([201, 200]);
    expect(updated.json.contactid).toBe(created.json.contactid);
  });

  it('drops key values of the body when the row is there and prefers them when it is not', async () => {
    const { call } = sampleEnvironment();
    await call('PATCH', "contacts(emailaddress1='url')", { emailaddress1: 'body', fullname: 'A' });
    expect((await call('GET', "contacts(emailaddress1='url')")).status).toBe(404);
    await call('PATCH', "contacts(emailaddress1='body')", { emailaddress1: 'other', fullname: 'B' });
    expect((await call('GET', "contacts(emailaddress1='body')")).json.fullname).toBe('B');
  });

  it('updates only with If-Match, inserts only with If-None-Match', async () => {
    const { call } = sampleEnvironment();
    const key = "contacts(emailaddress1='a')";
    const absent = await call('PATCH', key, { fullname: 'A' }, { 'if-match': '*' });
    expect([absent.status, absent.json.error.code]).toEqual([404, '0x80060891']);
    expect((await call('PATCH', key, { fullname: 'A' }, { 'if-none-match': '*' })).status).toBe(204);
    const present = await call('PATCH', key, { fullname: 'B' }, { 'if-none-match': '*' });
    expect([present.status, present.json.error.message]).toEqual([
      412,
      'A record with matching key values already exists.',
    ]);
    expect((await call('PATCH', key, { fullname: 'C' }, { 'if-match': '*', 'if-none-match': 'null' })).status).toBe(
      204,
    );
  });

  it('holds PATCH and DELETE to the version of If-Match', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'contacts', { fullname: 'A' }));
    const etag = (await call('GET', `contacts(${id})`)).headers['etag'] ?? '';
    expect((await call('PATCH', `contacts(${id})`, { fullname: 'B' }, { 'if-match': etag })).status).toBe(204);
    const stale = await call('PATCH', `contacts(${id})`, { fullname: 'C' }, { 'if-match': etag });
    expect([stale.status, stale.json.error.code]).toEqual([412, '0x80060882']);
    expect((await call('DELETE', `contacts(${id})`, undefined, { 'if-match': etag })).status).toBe(412);
    const current = (await call('GET', `contacts(${id})`)).headers['etag'] ?? '';
    expect((await call('DELETE', `contacts(${id})`, undefined, { 'if-match': current })).status).toBe(204);
  });
});

describe('deleting', () => {
  it('answers 204 once and 404 after that', async () => {
    const { call } = sampleEnvironment();
    await call('POST', 'contacts', { emailaddress1: 'a' });
    expect((await call('DELETE', "contacts(emailaddress1='a')")).status).toBe(204);
    expect((await call('DELETE', "contacts(emailaddress1='a')")).status).toBe(404);
  });

  it('removes links to the row, refuses where the relationship restricts, and leaves all as it was then', async () => {
    const { call } = sampleEnvironment();
    const account = idOf(await call('POST', 'accounts', { name: 'A' }));
    const child = idOf(
      await call('POST', 'accounts', { name: 'Child', 'parentaccountid@odata.bind': `accounts(${account})` }),
    );
    const contact = idOf(await call('POST', 'contacts', { 'billingaccountid@odata.bind': `accounts(${account})` }));
    const refused = await call('DELETE', `accounts(${account})`);
    expect([refused.status, refused.json.error.code]).toEqual([405, '0x80040227']);
    expect((await call('GET', `accounts(${child})`)).json._parentaccountid_value).toBe(account);
    await call('DELETE', `contacts(${contact})`);
    expect((await call('DELETE', `accounts(${account})`)).status).toBe(204);
    expect((await call('GET', `accounts(${child})`)).json._parentaccountid_value).toBeNull();
  });
});
