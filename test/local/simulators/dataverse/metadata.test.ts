import { describe, expect, it } from 'vitest';
import { applicationUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import { sampleEnvironment } from './sample-environment.ts';

const { call } = sampleEnvironment();
const account = "EntityDefinitions(LogicalName='account')";

// "Query table definitions using the Web API".
describe('table definitions', () => {
  it('answers one table with attributes, keys and relationships in one call', async () => {
    const select =
      '$select=LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled,TableType';
    const expand =
      '$expand=Attributes($select=LogicalName,SchemaName,AttributeType,AttributeTypeName,IsValidForCreate,IsValidForUpdate,RequiredLevel),Keys($select=KeyAttributes,EntityKeyIndexStatus),ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)';
    const { json } = await call('GET', `${account}?${select}&${expand}`);
    expect(json).toMatchObject({
      LogicalName: 'account',
      EntitySetName: 'accounts',
      ChangeTrackingEnabled: true,
      TableType: 'Standard',
    });
    expect(json.SchemaName).toBeUndefined();
    const name = json.Attributes.find((item: { LogicalName: string }) => item.LogicalName === 'name');
    expect(name).toMatchObject({
      AttributeType: 'String',
      AttributeTypeName: { Value: 'StringType' },
      RequiredLevel: { Value: 'SystemRequired' },
    });
    const createdOn = json.Attributes.find((item: { LogicalName: string }) => item.LogicalName === 'createdon');
    expect(createdOn).toMatchObject({ IsValidForCreate: false, IsValidForUpdate: false });
    expect(json.Keys[0]).toMatchObject({
      KeyAttributes: ['accountnumber', 'msdyn_company'],
      EntityKeyIndexStatus: 'Active',
    });
    expect(json.ManyToOneRelationships).toContainEqual(
      expect.objectContaining({
        ReferencingAttribute: 'msdyn_company',
        ReferencedEntity: 'cdm_company',
        ReferencingEntityNavigationPropertyName: 'msdyn_company',
      }),
    );
  });

  it.each([
    ['StringAttributeMetadata?$select=LogicalName,MaxLength', { LogicalName: 'name', MaxLength: 20 }],
    ['MoneyAttributeMetadata?$select=LogicalName,Precision', { LogicalName: 'creditlimit', Precision: 2 }],
    [
      'DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior',
      { LogicalName: 'anniversary', DateTimeBehavior: { Value: 'DateOnly' } },
    ],
    ['LookupAttributeMetadata?$select=LogicalName,Targets', { LogicalName: 'msdyn_company', Targets: ['cdm_company'] }],
  ])('answers the details of a type by cast: %s', async (cast, expected) => {
    const { json } = await call('GET', `${account}/Attributes/Microsoft.Dynamics.CRM.${cast}`);
    expect(json.value).toContainEqual(expect.objectContaining(expected));
    expect(json.value.map((item: { LogicalName: string }) => item.LogicalName)).not.toContain('description');
  });

  it('gives option sets only when expanded', async () => {
    const path = `${account}/Attributes/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName`;
    expect((await call('GET', path)).json.value[0].OptionSet).toBeUndefined();
    const { json } = await call('GET', `${path}&$expand=OptionSet,GlobalOptionSet`);
    expect(json.value[0].OptionSet.Options).toContainEqual(expect.objectContaining({ Value: 2, State: 1 }));
  });

  it('lists tables, finds them by a filter, and answers 404 and 400 for what is not there', async () => {
    const filtered = await call(
      'GET',
      "EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'account' or LogicalName eq 'contact'",
    );
    expect(filtered.json.value.map((item: { LogicalName: string }) => item.LogicalName)).toEqual([
      'account',
      'contact',
    ]);
    expect((await call('GET', "EntityDefinitions(LogicalName='nope')")).status).toBe(404);
    expect((await call('GET', `${account}?$select=Nope`)).status).toBe(400);
    expect((await call('GET', `${account}/Nope`)).status).toBe(404);
    expect((await call('POST', 'EntityDefinitions', {})).status).toBe(501);
  });

  it('answers WhoAmI and the headers of the service, and 501 for what is not simulated', async () => {
    const answer = await call('GET', 'WhoAmI');
    expect(answer.json.UserId).toBe(applicationUserId);
    expect(Number(answer.headers['x-ms-dop-hint'])).toBeGreaterThan(0);
    expect(answer.headers['req_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await call('GET', '$metadata')).status).toBe(501);
    expect((await call('GET', 'accounts?fetchXml=%3Cfetch/%3E')).status).toBe(501);
  });
});
