import { beforeAll, describe, expect, it } from 'vitest';
import { idOf, type SampleEnvironment, sampleEnvironment } from './sample-environment.ts';

// "Query data using the Web API", "Filter rows using OData", "Page results using OData".
describe('queries', () => {
  let environment: SampleEnvironment;
  let usmf = '';
  let contact = '';

  beforeAll(async () => {
    environment = sampleEnvironment();
    const { call } = environment;
    usmf = idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'usmf', cdm_name: 'Contoso' }));
    const dat = idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'dat', cdm_name: 'Default' }));
    contact = idOf(await call('POST', 'contacts', { fullname: 'Ada Example', emailaddress1: 'ada@example.com' }));
    const rows = [
      { name: 'Alpha', accountnumber: 'US-001', creditlimit: 100, customertypecode: 3, company: usmf },
      { name: "Beta's", accountnumber: 'US-002', creditlimit: 250.5, customertypecode: 10, company: usmf },
      { name: 'Gämma', accountnumber: 'D-001', creditlimit: 9.99, company: dat },
      { name: 'delta', accountnumber: null, donotfax: true, company: null },
    ];
    for (const { company, ...row } of rows) {
      const bind = company === null ? {} : { 'msdyn_company@odata.bind': `/cdm_companies(${company})` };
      await call('POST', 'accounts', { ...row, ...bind });
    }
    await call('PATCH', `accounts(accountnumber='US-001',_msdyn_company_value=${usmf})`, {
      'primarycontactid@odata.bind': `contacts(${contact})`,
    });
  });

  const names = async (filter: string, more = ''): Promise<string[]> => {
    const answer = await environment.call('GET', `accounts?$select=name&$filter=${encodeURIComponent(filter)}${more}`);
    expect(answer.text, filter).not.toContain('"error"');
    return answer.json.value.map((row: { name: string }) => row.name);
  };

  it.each([
    ["name eq 'ALPHA'", ['Alpha']],
    ["name eq 'Beta''s'", ["Beta's"]],
    ["name eq 'gamma'", ['Gämma']],
    ['creditlimit gt 100 and creditlimit le 250.50', ["Beta's"]],
    ['creditlimit ge 100 or donotfax eq true', ['Alpha', "Beta's", 'delta']],
    ['accountnumber eq null', ['delta']],
    ['accountnumber ne null', ['Alpha', "Beta's", 'Gämma']],
    ["startswith(accountnumber,'us') and not contains(name,'lph')", ["Beta's"]],
    ["endswith(accountnumber,'001')", ['Alpha', 'Gämma']],
    ['(customertypecode eq 3 or customertypecode eq 10) and statecode eq 0', ['Alpha', "Beta's"]],
    ["msdyn_company/cdm_companycode eq 'USMF'", ['Alpha', "Beta's"]],
    ["primarycontactid/fullname eq 'Ada Example'", ['Alpha']],
    [`Microsoft.Dynamics.CRM.In(PropertyName='accountnumber',PropertyValues=['D-001','US-002'])`, ["Beta's", 'Gämma']],
    [`Microsoft.Dynamics.CRM.In(PropertyName='customertypecode',PropertyValues=["3"])`, ['Alpha']],
    ['createdon ge 2026-01-01T00:00:00Z and createdon lt 2026-01-01T00:00:01Z', ['Alpha', "Beta's", 'Gämma', 'delta']],
  ])('filters by %s', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  it('leaves empty columns out of ne and of not, as SQL does', async () => {
    expect(await names('customertypecode ne 3')).toEqual(["Beta's"]);
    expect(await names('not (customertypecode eq 3)')).toEqual(["Beta's"]);
  });

  it('filters by a lookup value and by a parameter alias', async () => {
    expect(await names(`_msdyn_company_value eq ${usmf}`)).toEqual(['Alpha', "Beta's"]);
    expect(await names('_msdyn_company_value eq @company', `&@company=${usmf}`)).toEqual(['Alpha', "Beta's"]);
  });

  it.each([
    ['nosuchcolumn eq 1', "Could not find a property named 'nosuchcolumn'"],
    ['name eq 3', 'incompatible types'],
    ['msdyn_company eq null', "Could not find a property named 'msdyn_company'"],
    ["substringof('a',name)", "unknown function with name 'substringof'"],
    ['name eq', 'ends too early'],
    ["name eq 'a' xor", 'unexpected'],
  ])('refuses the filter %s with 400', async (filter, message) => {
    const answer = await environment.call('GET', `accounts?$filter=${encodeURIComponent(filter)}`);
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBe('0x80060888');
    expect(answer.json.error.message).toContain(message);
  });

  it('refuses $skip and unknown columns in $select, and answers 404 for an unknown set', async () => {
    expect((await environment.call('GET', 'accounts?$skip=1')).status).toBe(400);
    expect((await environment.call('GET', 'accounts?$select=nope')).status).toBe(400);
    expect((await environment.call('GET', 'accounts?$select=msdyn_companyname')).status).toBe(400);
    expect((await environment.call('GET', 'acounts')).json.error.code).toBe('0x8006088a');
    expect((await environment.call('GET', '/data/accounts')).status).toBe(404);
  });

  it('orders, counts and takes the top', async () => {
    const answer = await environment.call(
      'GET',
      'accounts?$select=name&$orderby=creditlimit desc,name&$top=2&$count=true',
    );
    expect(answer.json.value.map((row: { name: string }) => row.name)).toEqual(["Beta's", 'Alpha']);
    expect(answer.json['@odata.count']).toBe(4);
    expect(answer.json['@odata.nextLink']).toBeUndefined();
    expect((await environment.call('GET', 'accounts/$count')).text).toBe('4');
  });

  it('pages by odata.maxpagesize and the link, also while rows are deleted in between', async () => {
    const { call } = sampleEnvironment();
    const prefer = { prefer: 'odata.maxpagesize=2' };
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1)
      ids.push(idOf(await call('POST', 'contacts', { fullname: `C${index}` })));
    const first = await call('GET', 'contacts?$select=fullname', undefined, prefer);
    expect(first.json.value).toHaveLength(2);
    expect(first.headers['preference-applied']).toBe('odata.maxpagesize=2');
    await call('DELETE', `contacts(${ids[0]})`);
    const next = new URL(first.json['@odata.nextLink']);
    const second = await call('GET', next.pathname + next.search, undefined, prefer);
    expect(second.json.value.map((row: { fullname: string }) => row.fullname)).toEqual(['C2', 'C3']);
    const last = new URL(second.json['@odata.nextLink']);
    const third = await call('GET', last.pathname + last.search, undefined, prefer);
    expect(third.json.value.map((row: { fullname: string }) => row.fullname)).toEqual(['C4']);
    expect(third.json['@odata.nextLink']).toBeUndefined();
  });

  it('reads by guid and by alternate key with expansions over two hops', async () => {
    const key = `accounts(_msdyn_company_value=${usmf},accountnumber='us-001')`;
    const expand = 'primarycontactid($select=fullname),msdyn_company($select=cdm_companycode)';
    const answer = await environment.call('GET', `${key}?$select=name&$expand=${expand}`);
    expect(answer.json).toMatchObject({
      name: 'Alpha',
      primarycontactid: { fullname: 'Ada Example', contactid: contact },
      msdyn_company: { cdm_companycode: 'usmf' },
    });
    expect(answer.json['@odata.etag']).toMatch(/^W\/"\d+"$/);
    expect(answer.json['_msdyn_company_value']).toBeUndefined();
    const account = answer.json.accountid;
    await environment.call('PATCH', `contacts(${contact})`, {
      'parentcustomerid_account@odata.bind': `accounts(${account})`,
    });
    const nested = await environment.call(
      'GET',
      `accounts(${account})?$select=name&$expand=primarycontactid($select=fullname;$expand=parentcustomerid_account($select=name))`,
    );
    expect(nested.json.primarycontactid.parentcustomerid_account.name).toBe('Alpha');
    const none = await environment.call(
      'GET',
      `contacts(${contact})?$select=fullname&$expand=parentcustomerid_contact`,
    );
    expect(none.json.parentcustomerid_contact).toBeNull();
  });

  it('annotates lookups and choices only when the caller prefers it', async () => {
    const path = `accounts(accountnumber='US-001',_msdyn_company_value=${usmf})?$select=_primarycontactid_value,customertypecode`;
    const plain = await environment.call('GET', path);
    expect(Object.keys(plain.json).filter((name) => name.includes('@Micro') || name.includes('@OData'))).toEqual([]);
    const annotated = await environment.call('GET', path, undefined, { prefer: 'odata.include-annotations="*"' });
    expect(annotated.json).toMatchObject({
      '_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'contact',
      '_primarycontactid_value@Microsoft.Dynamics.CRM.associatednavigationproperty': 'primarycontactid',
      '_primarycontactid_value@OData.Community.Display.V1.FormattedValue': 'Ada Example',
      'customertypecode@OData.Community.Display.V1.FormattedValue': 'Customer',
    });
  });

  // "Perform conditional operations": 304 for the known version; the client's literal null is no condition.
  it('answers 304 to If-None-Match with the current etag', async () => {
    const path = `contacts(${contact})`;
    const first = await environment.call('GET', path, undefined, { 'if-none-match': 'null' });
    expect(first.status).toBe(200);
    const again = await environment.call('GET', path, undefined, { 'if-none-match': first.headers['etag'] ?? '' });
    expect(again.status).toBe(304);
  });

  it('answers 404 with the code of the kind of address, and 400 for a key that is none', async () => {
    const missing = '00000000-0000-4000-8000-000000000000';
    expect((await environment.call('GET', `accounts(${missing})`)).json.error.code).toBe('0x80040217');
    const byKey = await environment.call('GET', "contacts(emailaddress1='nobody')");
    expect([byKey.status, byKey.json.error.code]).toEqual([404, '0x80060891']);
    const wrong = await environment.call('GET', "accounts(accountnumber='US-001')");
    expect(wrong.status).toBe(400);
    expect(wrong.json.error.message).toContain('The key in the request URI is not valid for resource');
    const bare = await environment.call('GET', `accounts(accountnumber='US-001',msdyn_company=${usmf})`);
    expect(bare.status).toBe(400);
  });

  // "Use an alternate key to reference a record": these characters break addresses by key.
  it.each(['a/b', 'a%b', 'a&b', 'a?b', 'a+b', 'a:b'])('cannot address the key value %s', async (value) => {
    const answer = await environment.call('GET', `contacts(emailaddress1='${encodeURIComponent(value)}')`);
    expect(answer.status).toBe(400);
  });
});
