import { beforeEach, describe, expect, test } from 'vitest';
import {
  activation,
  attributes,
  createEventFixture,
  customerRow,
  type EventFixture,
  parameter,
} from './events-fixture.ts';
import { seed } from './finops-fixture.ts';

// Facts: "Microsoft Dataverse events for F&O data" and the naming rules of virtual tables.

let fixture: EventFixture;

beforeEach(() => {
  fixture = createEventFixture();
});

describe('a data event', () => {
  beforeEach(() => fixture.activate(activation('data', 'CustomerV3')));

  test('is a Dataverse context of the virtual table', async () => {
    const body = { dataAreaId: 'usmf', CustomerAccount: 'C2', CreditLimit: 1.25, OnHoldStatus: 'All' };
    await fixture.send('POST', '/data/CustomersV3', body);
    const [event] = fixture.bodies();
    expect(event).toMatchObject({
      MessageName: 'OnExternalCreated',
      PrimaryEntityName: 'mserp_custcustomerv3entity',
      PrimaryEntityId: expect.stringMatching(/^0000[0-9a-f]{4}-0000-0000-0000-000150000001$/),
      Stage: 40,
      Mode: 1,
    });
    expect(fixture.sent[0]?.headers).toMatchObject({
      'x-ms-dynamics-entity-name': 'mserp_custcustomerv3entity',
      'x-ms-dynamics-request-name': 'OnExternalCreated',
    });
    const target = parameter(event, 'Target');
    expect(target.Id).toBe(event.PrimaryEntityId);
    const shown = attributes(target);
    expect(shown).toMatchObject({
      mserp_primaryfield: 'usmf|C2',
      mserp_dataareaid: 'usmf',
      mserp_dataareaid_id: { LogicalName: 'cdm_company' },
      mserp_creditlimit: 1.25,
      mserp_onholdstatus: { Value: 200000002 },
      mserp_modifieddatetime: { __type: 'DateTime:#System', __value: '/Date(1768465812000)/' },
    });
    // Empty date-times are removed and GUID fields do not exist on virtual tables.
    expect(Object.keys(shown)).not.toContain('mserp_creditratingdate');
    expect(Object.keys(shown)).not.toContain('mserp_integrationid');
  });

  test('of an update carries the row before it and the changed fields', async () => {
    await fixture.send('PATCH', customerRow, { CreditLimit: 5, OrganizationName: 'Contoso' });
    const [event] = fixture.bodies();
    expect(event.MessageName).toBe('OnExternalUpdated');
    expect(parameter(event, 'ChangedFields')).toEqual(['mserp_organizationname', 'mserp_creditlimit']);
    expect(attributes(parameter(event, 'PreImage'))['mserp_creditlimit']).toBe(0);
    expect(attributes(parameter(event, 'Target'))['mserp_creditlimit']).toBe(5);
  });

  test('may lack the earlier customerRow, and may come once for each table, by switch', async () => {
    fixture.simulator.setSwitches({ preImage: 'null', updatedEvents: 'per-table' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 5, OrganizationName: 'Contoso' });
    expect(fixture.bodies().map((event) => [parameter(event, 'PreImage'), parameter(event, 'ChangedFields')])).toEqual([
      [null, ['mserp_organizationname']],
      [null, ['mserp_creditlimit']],
    ]);
  });

  test('of a delete names the row as an Entity or as an EntityReference, by switch', async () => {
    await fixture.send('DELETE', customerRow);
    fixture.simulator.setSwitches({ deleteTarget: 'EntityReference' });
    seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'C1' });
    await fixture.send('DELETE', customerRow);
    const [entity, reference] = fixture.bodies().map((event) => parameter(event, 'Target'));
    expect(attributes(entity)['mserp_customeraccount']).toBe('C1');
    expect(reference.__type).toMatch(/^EntityReference:/);
    expect(reference.Attributes).toBeUndefined();
    expect(reference.Id).not.toBe(entity.Id);
  });

  test('may hold raw values and come without Dataverse headers, by switch', async () => {
    fixture.simulator.setSwitches({ dataEventValues: 'raw', dataEventHeaders: 'plain' });
    await fixture.send('PATCH', customerRow, { LastCheckedDateTime: '2026-01-01T00:00:00Z' });
    expect(attributes(parameter(fixture.bodies()[0], 'Target'))['mserp_lastcheckeddatetime']).toBe(
      '/Date(1767225600000)/',
    );
    expect(Object.keys(fixture.sent[0]?.headers ?? {})).toEqual(['content-type']);
  });

  test('of an unchanged row is raised only by switch', async () => {
    await fixture.send('PATCH', customerRow, { CreditLimit: 0 });
    fixture.simulator.setSwitches({ unchangedUpdate: 'etag' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 0 });
    expect(fixture.sent).toEqual([]);
    fixture.simulator.setSwitches({ unchangedUpdate: 'etag-and-event' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 0 });
    expect(parameter(fixture.bodies()[0], 'ChangedFields')).toEqual([]);
  });

  test('is not raised by a refused write', async () => {
    expect((await fixture.send('PATCH', customerRow, { CustomerGroupId: 'none' })).status).toBe(400);
    expect(fixture.sent).toEqual([]);
  });
});

describe('changes inside F&O', () => {
  beforeEach(() => fixture.activate(activation('data', 'CustomerV3')));

  test('raise events from forms and none from set-based jobs, and both are seen by listeners', () => {
    const seen: string[] = [];
    fixture.simulator.onChange(({ operation, key, by, tag, columns }) => {
      seen.push(`${by} ${operation} ${key} ${columns.join()} ${tag}`);
    });
    const values = { dataAreaId: 'usmf', CustomerAccount: 'C1', CreditLimit: 4 };
    fixture.simulator.change({ entity: 'CustomersV3', operation: 'update', values, userId: 'anna', tag: 'form' });
    expect(fixture.sent).toHaveLength(1);
    const quiet = { ...values, CreditLimit: 5 };
    fixture.simulator.change({ entity: 'CustomerV3', operation: 'update', values: quiet, raisesEvents: false });
    fixture.simulator.change({ entity: 'CustomerV3', operation: 'delete', values, raisesEvents: false });
    expect(fixture.sent).toHaveLength(1);
    expect(seen).toEqual([
      'anna update usmf|C1 CreditLimit form',
      'integration update usmf|C1 CreditLimit undefined',
      'integration delete usmf|C1  undefined',
    ]);
  });

  test('throw on what does not exist', () => {
    const values = { dataAreaId: 'usmf', CustomerAccount: 'none' };
    expect(() => fixture.simulator.change({ entity: 'Nothing', operation: 'create', values })).toThrow('no entity');
    expect(() => fixture.simulator.change({ entity: 'CustomerV3', operation: 'update', values })).toThrow('no row');
  });
});
