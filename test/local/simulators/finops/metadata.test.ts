import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildModel, type EntityMetadata } from '../../../../local/simulators/finops/metadata.ts';
import { createFixture, currency, customer, customerGroup, enums } from './finops-fixture.ts';

// Facts: captured answers of the metadata services.

const fixture = createFixture();

describe('metadata services', () => {
  test('PublicEntities tells the fields and what may be edited', async () => {
    const { status, json } = await fixture.send('GET', "/metadata/PublicEntities('CustomerV3')");
    expect(status).toBe(200);
    expect(json).toMatchObject({ Name: 'CustomerV3', EntitySetName: 'CustomersV3', IsReadOnly: false });
    const byName = Object.fromEntries(json.Properties.map((property: { Name: string }) => [property.Name, property]));
    expect(byName['CustomerAccount']).toMatchObject({ TypeName: 'Edm.String', IsKey: true, IsMandatory: true });
    expect(byName['PartyNumber']).toMatchObject({ AllowEdit: false, AllowEditOnCreate: false });
    expect(byName['OnHoldStatus']).toMatchObject({
      TypeName: 'Microsoft.Dynamics.DataEntities.CustVendorBlocked',
      DataType: 'Enum',
      AllowEdit: true,
    });
    expect(byName['CreditRatingDate']).toMatchObject({ TypeName: 'Edm.DateTimeOffset', DataType: 'Date' });
  });

  test('DataEntities leads from the AOT name to the set', async () => {
    const { json } = await fixture.send('GET', '/metadata/DataEntities');
    expect(json.value).toContainEqual(
      expect.objectContaining({
        Name: 'CustCustomerV3Entity',
        PublicEntityName: 'CustomerV3',
        PublicCollectionName: 'CustomersV3',
        DataServiceEnabled: true,
      }),
    );
    const single = await fixture.send('GET', "/metadata/DataEntities('CustCustomerV3Entity')");
    expect(single.json.PublicEntityName).toBe('CustomerV3');
  });

  test('PublicEnumerations tells symbols and numbers', async () => {
    const { json } = await fixture.send('GET', "/metadata/PublicEnumerations('NoYes')");
    expect(json.Members.map((member: { Name: string; Value: number }) => [member.Name, member.Value])).toEqual([
      ['No', 0],
      ['Yes', 1],
    ]);
  });

  test.each(["/metadata/PublicEntities('Nothing')", '/metadata/Nothing', "/metadata/PublicEntities('customerv3')"])(
    '%s is not found',
    async (path) => {
      expect((await fixture.send('GET', path)).status).toBe(404);
    },
  );

  test('is for reading only', async () => {
    expect((await fixture.send('POST', '/metadata/DataEntities', {})).status).toBe(405);
  });

  test('$metadata is CSDL of the same entities', async () => {
    const { headers, text } = await fixture.send('GET', '/data/$metadata');
    expect(headers['content-type']).toBe('application/xml');
    expect(text).toContain('<EntityType Name="CustomerV3"><Key><PropertyRef Name="dataAreaId"/>');
    expect(text).toContain('<Property Name="CreditLimit" Type="Edm.Decimal" Nullable="false" Scale="Variable"/>');
    expect(text).toContain('<EnumType Name="NoYes"><Member Name="No" Value="0"/>');
    expect(text).toContain('<EntitySet Name="CustomersV3" EntityType="Microsoft.Dynamics.DataEntities.CustomerV3"/>');
  });

  test('GetApplicationVersion answers a version', async () => {
    const path = '/data/DataManagementEntities/Microsoft.Dynamics.DataEntities.GetApplicationVersion';
    expect((await fixture.send('POST', path, {})).json.value).toMatch(/^10\.0\.\d+/);
    expect((await fixture.send('GET', path)).status).toBe(404);
  });
});

describe('entity metadata', () => {
  test('that contradict themselves are refused', () => {
    expect(() => buildModel([{ ...currency, fields: [{ name: 'Name', type: 'String' }] }], enums)).toThrow('no key');
    expect(() => buildModel([customer], enums)).toThrow('reference to nowhere');
    expect(() => buildModel([customerGroup], {})).toThrow('no known enumeration');
  });

  test('of the shipped catalogue fit together', () => {
    const folder = new URL('../../../../maps/metadata/finops/', import.meta.url);
    const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    const names = readdirSync(folder).filter((name) => name !== 'enums.json');
    const entities = names.map((name) => read(name) as EntityMetadata);
    const model = buildModel(entities, read('enums.json') as typeof enums);
    expect(model.entities.length).toBe(names.length);
    expect(names.length).toBeGreaterThan(5);
  });
});
