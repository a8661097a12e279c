import { describe, expect, it } from 'vitest';
import { applicationUserId, interactiveUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import type { SimChange } from '../../../../local/simulators/exchange.ts';
import { idOf, sampleEnvironment } from './sample-environment.ts';

const missing = '00000000-0000-4000-8000-000000000000';

describe('what the platform does by itself', () => {
  it('deletes rows that refer to each other by a cascading lookup, and ends', async () => {
    const { call, simulator } = sampleEnvironment();
    const changes: SimChange[] = [];
    const first = idOf(await call('POST', 'contacts', { fullname: 'A' }));
    const second = idOf(await call('POST', 'contacts', { fullname: 'B', 'twinid@odata.bind': `contacts(${first})` }));
    await call('PATCH', `contacts(${first})`, { 'twinid@odata.bind': `contacts(${second})` });
    simulator.onChange((change) => changes.push(change));
    expect((await call('DELETE', `contacts(${first})?tag=t`)).status).toBe(204);
    expect((await call('GET', 'contacts/$count')).text).toBe('0');
    expect(changes.map(({ key, tag }) => [key, tag])).toEqual([
      [second, undefined],
      [first, 't'],
    ]);
  });

  it('joins the full name of a contact from its parts', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'contacts', { firstname: 'Ada', lastname: 'Example' }));
    expect((await call('GET', `contacts(${id})`)).json.fullname).toBe('Ada Example');
    await call('PATCH', `contacts(${id})`, { firstname: null });
    expect((await call('GET', `contacts(${id})`)).json.fullname).toBe('Example');
  });

  it('ignores a lookup that may be set on create only', async () => {
    const { call } = sampleEnvironment();
    const [a, b] = [
      idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'a' })),
      idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'b' })),
    ];
    const id = idOf(await call('POST', 'accounts', { name: 'A', 'ownercompany@odata.bind': `cdm_companies(${a})` }));
    await call('PATCH', `accounts(${id})`, { 'ownercompany@odata.bind': `cdm_companies(${b})` });
    expect((await call('GET', `accounts(${id})`)).json._ownercompany_value).toBe(a);
  });

  it('refuses addresses above 32 KB and impersonation it does not know', async () => {
    const { call } = sampleEnvironment();
    expect((await call('GET', `accounts?$filter=name eq '${'x'.repeat(33_000)}'`)).status).toBe(414);
    expect((await call('GET', 'WhoAmI', undefined, { callerobjectid: missing })).status).toBe(501);
  });
});

describe('listeners and state', () => {
  it('tells listeners each committed change with user, columns and tag', async () => {
    const { call, simulator } = sampleEnvironment();
    const changes: SimChange[] = [];
    simulator.onChange((change) => changes.push(change));
    const id = idOf(await call('POST', 'contacts?tag=tw%3A1', { fullname: 'A' }));
    await call('POST', 'contacts', { fullname: 7 });
    await call('DELETE', `contacts(${id})`);
    expect(changes.map(({ operation, tag, key }) => [operation, tag, key])).toEqual([
      ['create', 'tw:1', id],
      ['delete', undefined, id],
    ]);
    expect(changes[0]).toMatchObject({ side: 'dataverse', table: 'contact', by: applicationUserId });
    expect(changes[0]?.columns).toContain('fullname');
  });

  it('comes back from a snapshot with rows, keys, versions and tombstones, and refuses other data', async () => {
    const first = sampleEnvironment();
    const id = idOf(await first.call('POST', 'contacts', { fullname: 'A', emailaddress1: 'a' }));
    const state = JSON.parse(JSON.stringify(first.simulator.snapshot()));
    const second = sampleEnvironment();
    second.simulator.restore(state);
    expect((await second.call('GET', "contacts(emailaddress1='a')")).json).toEqual(
      (await first.call('GET', `contacts(${id})`)).json,
    );
    expect((await second.call('POST', 'contacts', { emailaddress1: 'a' })).status).toBe(412);
    expect(() => second.simulator.restore({ rows: [] })).toThrow('not a state');
  });

  it('runs plug-ins that change what is written and answers the changed values', async () => {
    const { call } = sampleEnvironment({
      plugins: [
        { table: 'contact', column: 'fullname', action: 'upper' },
        { table: 'contact', column: 'fullname', action: 'trim' },
        { table: 'account', column: 'name', action: 'reject', containing: 'bad', message: 'No bad names.' },
      ],
    });
    const answer = await call('POST', 'contacts', { fullname: ' ada ' }, { prefer: 'return=representation' });
    expect(answer.json.fullname).toBe('ADA');
    const refused = await call('POST', 'accounts', { name: 'bad one' });
    expect([refused.status, refused.json.error]).toEqual([400, { code: '0x80040265', message: 'No bad names.' }]);
  });

  it('answers 403 0x80040220 where the role lacks the privilege', async () => {
    const deny = (privilege: 'Create' | 'Read' | 'Delete') => ({
      userId: applicationUserId,
      table: 'contact',
      privilege,
    });
    const { call } = sampleEnvironment({ deniedPrivileges: [deny('Create'), deny('Read'), deny('Delete')] });
    for (const answer of [
      await call('POST', 'contacts', { fullname: 'A' }),
      await call('GET', 'contacts'),
      await call('DELETE', `contacts(${missing})`),
    ]) {
      expect([answer.status, answer.json.error.code]).toEqual([403, '0x80040220']);
    }
    expect((await call('POST', 'contacts', { fullname: 'A' }, { 'x-sim-user': interactiveUserId })).status).toBe(204);
  });
});
