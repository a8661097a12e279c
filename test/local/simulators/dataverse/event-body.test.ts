import { describe, expect, it } from 'vitest';
import { applicationUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import { idOf } from './sample-environment.ts';
import { attributes, forgetPosts, NS, posts, registered } from './webhook-fixture.ts';

const contextMembers = [
  ...['BusinessUnitId', 'CorrelationId', 'Depth', 'InitiatingUserAgent', 'InitiatingUserAzureActiveDirectoryObjectId'],
  ...[
    'InitiatingUserId',
    'InputParameters',
    'IsExecutingOffline',
    'IsInTransaction',
    'IsOfflinePlayback',
    'IsolationMode',
  ],
  ...[
    'MessageName',
    'Mode',
    'OperationCreatedOn',
    'OperationId',
    'OrganizationId',
    'OrganizationName',
    'OutputParameters',
  ],
  ...[
    'OwningExtension',
    'ParentContext',
    'PostEntityImages',
    'PreEntityImages',
    'PrimaryEntityId',
    'PrimaryEntityName',
  ],
  ...['RequestId', 'SecondaryEntityName', 'SharedVariables', 'Stage', 'UserAzureActiveDirectoryObjectId', 'UserId'],
];

forgetPosts();

// "Use webhooks", "Understand the data context", and the wire form of DataContractJsonSerializer.
describe('the body of an event', () => {
  it('has the members of a RemoteExecutionContext in alphabetical order with escaped slashes', async () => {
    const { call, simulator } = registered();
    const id = idOf(await call('POST', 'accounts?tag=dw%3Av1', { name: 'A/B' }, { 'user-agent': 'agent' }));
    await simulator.webhooksIdle();
    const { body, text } = posts[0]!;
    expect(Object.keys(body)).toEqual(contextMembers);
    expect(text).toContain('A\\/B');
    expect(text.replaceAll('\\/', '')).not.toContain('/');
    expect(body).toMatchObject({
      MessageName: 'Create',
      Mode: 1,
      Stage: 40,
      Depth: 1,
      IsInTransaction: false,
      PrimaryEntityName: 'account',
      PrimaryEntityId: id,
      SecondaryEntityName: 'none',
      InitiatingUserId: applicationUserId,
      InitiatingUserAgent: 'agent',
      OperationCreatedOn: '/Date(1767225600000+0000)/',
      OutputParameters: [{ key: 'id', value: id }],
    });
    expect(body.SharedVariables).toContainEqual({ key: 'tag', value: 'dw:v1' });
    expect(body.OwningExtension).toMatchObject({ LogicalName: 'sdkmessageprocessingstep', Name: null });
    expect(body.OwningExtension.__type).toBeUndefined();
    expect(body.PostEntityImages[0].key).toBe('AsynchronousStepPrimaryName');
    expect(body.ParentContext).toMatchObject({ Stage: 30, ParentContext: null });
  });

  it('wraps values by type, and writes the columns the system added on Create', async () => {
    const { call, simulator } = registered();
    const company = idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'usmf' }));
    const json = `{"name":"A","creditlimit":2500.00,"exchangerate":1.5,"anniversary":"1969-12-31","opening":"2026-01-31T08:00:00Z","lastvisit":"2026-01-31T08:00:00Z","customertypecode":3,"new_channels":"100000001,100000002","msdyn_company@odata.bind":"cdm_companies(${company})"}`;
    await call('POST', 'accounts', json);
    await simulator.webhooksIdle();
    const { body, text } = posts.find((post) => post.body.PrimaryEntityName === 'account')!;
    const target = body.InputParameters[0].value;
    expect(Object.keys(target)).toEqual([
      '__type',
      'Attributes',
      'EntityState',
      'FormattedValues',
      'Id',
      'KeyAttributes',
      'LogicalName',
      'RelatedEntities',
      'RowVersion',
    ]);
    expect(target.__type).toBe(`Entity:${NS}`);
    expect(attributes(target)).toMatchObject({
      creditlimit: { __type: `Money:${NS}`, Value: 2500 },
      customertypecode: { __type: `OptionSetValue:${NS}`, Value: 3 },
      new_channels: [
        { __type: `OptionSetValue:${NS}`, Value: 100000001 },
        { __type: `OptionSetValue:${NS}`, Value: 100000002 },
      ],
      msdyn_company: {
        __type: `EntityReference:${NS}`,
        Id: company,
        KeyAttributes: [],
        LogicalName: 'cdm_company',
        Name: null,
        RowVersion: null,
      },
      anniversary: '/Date(-86400000+0000)/',
      opening: '/Date(1769846400000+0000)/',
      lastvisit: '/Date(1769846400000)/',
      statecode: { __type: `OptionSetValue:${NS}`, Value: 0 },
      createdon: '/Date(1767225600000)/',
      modifiedonbehalfby: null,
      donotfax: false,
    });
    expect(text).toContain('"Value":2500.00}');
    expect(text).toContain('"value":1.5000000000}');
    expect(target.FormattedValues).toContainEqual({ key: 'customertypecode', value: 'Customer' });
    const parent = attributes(body.ParentContext.InputParameters[0].value);
    expect(Object.keys(parent)).not.toContain('statecode');
  });

  it('carries sent columns on Update, cleared ones as null, with pre-images of key and company', async () => {
    const { call, simulator } = registered();
    const company = idOf(await call('POST', 'cdm_companies', { cdm_companycode: 'usmf', cdm_name: 'Contoso' }));
    const id = idOf(
      await call('POST', 'accounts', {
        name: 'A',
        accountnumber: '1',
        description: 'x',
        'msdyn_company@odata.bind': `cdm_companies(${company})`,
      }),
    );
    await simulator.webhooksIdle();
    posts.length = 0;
    await call('PATCH', `accounts(${id})`, { name: 'A', description: null });
    await simulator.webhooksIdle();
    const { body } = posts[0]!;
    const target = attributes(body.InputParameters[0].value);
    expect(Object.keys(target).toSorted()).toEqual([
      'accountid',
      'description',
      'modifiedby',
      'modifiedon',
      'modifiedonbehalfby',
      'name',
    ]);
    expect(target['description']).toBeNull();
    expect(body.InputParameters[0].value.FormattedValues).toEqual([]);
    const pre = body.PreEntityImages[0];
    expect(pre.key).toBe('pre');
    expect(pre.value.__type).toBeUndefined();
    expect(attributes(pre.value)).toMatchObject({
      accountnumber: '1',
      msdyn_company: { Id: company, Name: 'Contoso' },
    });
    expect(pre.value.FormattedValues).toContainEqual({ key: 'msdyn_company', value: 'Contoso' });
  });

  it('names a deleted row by reference only, with the pre-image', async () => {
    const { call, simulator } = registered();
    const id = idOf(await call('POST', 'contacts', { emailaddress1: 'a' }));
    await call('DELETE', `contacts(${id})`);
    await simulator.webhooksIdle();
    const { body } = posts.at(-1)!;
    expect(body.MessageName).toBe('Delete');
    expect(body.InputParameters).toEqual([
      {
        key: 'Target',
        value: {
          __type: `EntityReference:${NS}`,
          Id: id,
          KeyAttributes: [],
          LogicalName: 'contact',
          Name: null,
          RowVersion: null,
        },
      },
    ]);
    expect(body.PostEntityImages).toEqual([]);
    expect(attributes(body.PreEntityImages[0].value)).toMatchObject({ emailaddress1: 'a', contactid: id });
  });

  it('writes wall clock minus offset where the server is in another zone', async () => {
    const { call, simulator } = registered({ serverOffsetMinutes: 180 });
    await call('POST', 'accounts', { name: 'A', anniversary: '2026-01-01' });
    await simulator.webhooksIdle();
    const { body } = posts[0]!;
    expect(body.OperationCreatedOn).toBe('/Date(1767214800000+0300)/');
    expect(attributes(body.InputParameters[0].value)['anniversary']).toBe('/Date(1767214800000+0300)/');
  });

  it('loses parameters, images and parent context above 256 KB, keeps the tag and says so in a header', async () => {
    const { call, simulator } = registered();
    const id = idOf(await call('POST', 'accounts?tag=t', { name: 'A', description: 'x'.repeat(200_000) }));
    await simulator.webhooksIdle();
    const { body, headers } = posts[0]!;
    expect(headers['x-ms-dynamics-msg-size-exceeded']).toBeDefined();
    for (const member of ['InputParameters', 'PreEntityImages', 'PostEntityImages', 'ParentContext']) {
      expect(body[member]).toBeUndefined();
    }
    expect(body).toMatchObject({ PrimaryEntityId: id, MessageName: 'Create' });
    expect(body.SharedVariables).toContainEqual({ key: 'tag', value: 't' });
  });
});
