import { describe, expect, it } from 'vitest';
import { idOf, sampleEnvironment } from './sample-environment.ts';

const type = { '@odata.type': 'Microsoft.Dynamics.CRM.contact' };
const address = (message: string) => `contacts/Microsoft.Dynamics.CRM.${message}?tag=dw`;

// "Use bulk operation messages".
describe('Multiple messages', () => {
  it('creates all rows and gives their ids in order', async () => {
    const { call } = sampleEnvironment();
    const Targets = ['A', 'B'].map((fullname) => ({ ...type, fullname }));
    const answer = await call('POST', address('CreateMultiple'), { Targets });
    expect(answer.status).toBe(200);
    expect((await call('GET', `contacts(${answer.json.Ids[1]})`)).json.fullname).toBe('B');
  });

  it('rolls the whole call back on any error', async () => {
    const { call } = sampleEnvironment();
    const Targets = [
      { ...type, emailaddress1: 'a' },
      { ...type, emailaddress1: 'A' },
    ];
    const answer = await call('POST', address('CreateMultiple'), { Targets });
    expect([answer.status, answer.json.error.code]).toEqual([412, '0x80060892']);
    expect((await call('GET', 'contacts/$count')).text).toBe('0');
  });

  it('updates by id or key and applies only the first of two rows with one key', async () => {
    const { call } = sampleEnvironment();
    const id = idOf(await call('POST', 'contacts', { emailaddress1: 'a' }));
    const Targets = [
      { ...type, contactid: id, fullname: 'first' },
      { ...type, '@odata.id': "contacts(emailaddress1='a')", fullname: 'second' },
    ];
    expect((await call('POST', address('UpdateMultiple'), { Targets })).status).toBe(204);
    expect((await call('GET', `contacts(${id})`)).json.fullname).toBe('first');
    const absent = [{ ...type, contactid: '00000000-0000-4000-8000-000000000000', fullname: 'x' }];
    expect((await call('POST', address('UpdateMultiple'), { Targets: absent })).status).toBe(404);
  });

  it('upserts without telling what it did and refuses a repeated key', async () => {
    const { call } = sampleEnvironment();
    const row = (key: string, fullname: string) => ({
      ...type,
      '@odata.id': `contacts(emailaddress1='${key}')`,
      fullname,
    });
    await call('POST', address('UpsertMultiple'), { Targets: [row('a', 'A')] });
    const answer = await call('POST', address('UpsertMultiple'), { Targets: [row('a', 'A2'), row('b', 'B')] });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await call('GET', "contacts(emailaddress1='a')")).json.fullname).toBe('A2');
    const repeated = await call('POST', address('UpsertMultiple'), { Targets: [row('c', 'C'), row('C', 'C2')] });
    expect([repeated.status, repeated.json.error.code]).toEqual([412, '0x80040237']);
    expect((await call('GET', "contacts(emailaddress1='c')")).status).toBe(404);
  });

  it('has no DeleteMultiple, wants the type of each row, and is absent where the table lacks it', async () => {
    const { call } = sampleEnvironment({ tablesWithoutMultiple: ['contact'] });
    expect((await call('POST', address('DeleteMultiple'), { Targets: [type] })).json.error.message).toContain(
      'not yet been implemented',
    );
    const refused = await call('POST', address('CreateMultiple'), { Targets: [{ ...type, fullname: 'A' }] });
    expect(refused.status).toBe(400);
    const untyped = await call('POST', 'accounts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets: [{ name: 'A' }] });
    expect(untyped.status).toBe(400);
    const filter = (table: string) =>
      `sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq '${table}'`;
    expect((await call('GET', filter('contact'))).json.value).toHaveLength(0);
    expect((await call('GET', filter('account'))).json.value).toHaveLength(1);
  });
});
