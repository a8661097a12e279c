import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFinopsEvent } from '../../../../shared/adapters/finops/finops-event.ts';
import type { BusinessEvent, RowEvent } from '../../../../shared/core/change/change.ts';
import { startFinops } from '../../../contracts/simulated-system.ts';

function rowEvent(body: object): RowEvent {
  const result = decodeFinopsEvent(JSON.stringify(body));
  if (!result.ok || 'ignored' in result || result.event.type !== 'row') throw new Error(JSON.stringify(result));
  return result.event;
}

function businessEvent(body: object | string): BusinessEvent {
  const result = decodeFinopsEvent(typeof body === 'string' ? body : JSON.stringify(body));
  if (!result.ok || 'ignored' in result || result.event.type !== 'business') throw new Error(JSON.stringify(result));
  return result.event;
}

describe('events that the simulated F&O posts', () => {
  const bodies: string[] = [];
  let system: Awaited<ReturnType<typeof startFinops>>;

  beforeAll(async () => {
    system = await startFinops({
      post: (event) => {
        bodies.push(event.body);
        system.simulator.events.settle(event.id, null);
      },
      businessEvents: [
        { businessEventId: 'GroupChanged', entity: 'CustomerGroup', members: { GroupId: 'CustomerGroupId' } },
      ],
    });
    const { events } = system.simulator;
    const operations: ('create' | 'update' | 'delete')[] = ['create', 'update', 'delete'];
    const all = { operations, company: null, endpoint: 'http://127.0.0.1:9/' };
    events.activate({ ...all, kind: 'data', event: 'CustomerGroup' });
    events.activate({ ...all, kind: 'business', event: 'GroupChanged' });
    const values = { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Wholesale' };
    for (const operation of operations) {
      const Description = operation === 'update' ? 'Retail' : values.Description;
      system.simulator.change({ entity: 'CustomerGroup', operation, values: { ...values, Description } });
    }
  });
  afterAll(() => system.stop());

  test('the test event of an endpoint is passed over', () => {
    const tests = bodies.filter((body) => body.includes('BusinessEventsTestEndpointContract'));
    expect(tests.length).toBeGreaterThan(0);
    for (const body of tests) expect(decodeFinopsEvent(body)).toMatchObject({ ok: true, ignored: expect.any(String) });
  });

  test('data events name the physical entity, the RecId and the key', () => {
    const events = bodies
      .map(decodeFinopsEvent)
      .flatMap((result) => (result.ok && 'event' in result && result.event.type === 'row' ? [result.event] : []));
    expect(events.map(({ kind }) => kind)).toEqual(['create', 'update', 'delete']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    for (const event of events) {
      expect(event).toMatchObject({
        side: 'finops',
        table: 'custcustomergroupentity',
        columns: { dataareaid: 'usmf', customergroupid: '10' },
      });
      expect(event.rowId).toMatch(/^\d{10,}$/);
    }
  });

  test('business events give their members as text, and their company', () => {
    const events = bodies.filter((body) => body.includes('GroupChanged')).map(businessEvent);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(event).toMatchObject({ businessEventId: 'GroupChanged', company: 'usmf', members: { GroupId: '10' } });
      expect(Date.parse(event.occurredAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});

describe('bodies of other shapes', () => {
  test('an envelope of 2019 has no company and whole seconds', () => {
    const event = businessEvent({
      BusinessEventId: 'X',
      EventId: 'D60A8657-0000-4000-8000-000000000001',
      EventTime: '/Date(1570769681000)/',
      'Work order GUID': '{9C091AF1-5BAF-4CA9-B0A4-94D6E59A0D1C}',
      Due: '/Date(1672358400000)/',
      Lines: [{ a: 1 }],
      Nothing: null,
    });
    expect(event).toEqual({
      type: 'business',
      id: 'd60a8657-0000-4000-8000-000000000001',
      businessEventId: 'X',
      company: null,
      members: {
        BusinessEventId: 'X',
        EventId: 'D60A8657-0000-4000-8000-000000000001',
        EventTime: '2019-10-11T04:54:41.000Z',
        'Work order GUID': '{9C091AF1-5BAF-4CA9-B0A4-94D6E59A0D1C}',
        Due: '2022-12-30T00:00:00.000Z',
      },
      occurredAt: '2019-10-11T04:54:41.000Z',
    });
  });

  test('a control number keeps its nineteen digits, and fractions beyond milliseconds are cut', () => {
    const body =
      '{"BusinessEventId":"X","ControlNumber":-9223372036854775808,"EventTimeIso8601":"2023-10-16T15:42:46.3440655Z"}';
    const event = businessEvent(body);
    expect(event.members['ControlNumber']).toBe('-9223372036854775808');
    expect(event.occurredAt).toBe('2023-10-16T15:42:46.344Z');
    expect(event.id).toBe(businessEvent(body).id);
  });

  const context = {
    MessageName: 'OnExternalUpdated',
    PrimaryEntityName: 'mserp_custcustomergroupentity',
    PrimaryEntityId: '00002e42-0000-0000-0000-000150000000',
    OperationCreatedOn: '/Date(1700000000000)/',
  };
  const target = (value: object) => ({ InputParameters: [{ key: 'Target', value }] });

  test('values come raw or wrapped; option numbers and references tell nothing of the key', () => {
    const event = rowEvent({
      ...context,
      ...target({
        Attributes: [
          { key: 'mserp_CustomerGroupId', value: '10' },
          { key: 'mserp_number', value: 7 },
          { key: 'mserp_from', value: { __type: 'DateTime:#System', __value: '/Date(1672358400000)/' } },
          { key: 'mserp_kind', value: { __type: 'OptionSetValue:x', Value: 200000001 } },
          { key: 'mserp_dataareaid_id', value: { __type: 'EntityReference:x', Id: 'x', LogicalName: 'cdm_company' } },
          { key: 'mserp_gone', value: null },
          'nonsense',
        ],
      }),
    });
    expect(event.columns).toEqual({ customergroupid: '10', number: '7', from: '2022-12-30T00:00:00.000Z' });
    expect(event.rowId).toBe('5637144576');
  });

  test('a deletion may name its row by a reference only', () => {
    const event = rowEvent({
      ...context,
      MessageName: 'OnExternalDeleted',
      PrimaryEntityId: null,
      ...target({ Id: '00002e42-0000-0000-0000-000150000001', LogicalName: 'mserp_custcustomergroupentity' }),
    });
    expect(event).toMatchObject({ kind: 'delete', rowId: '5637144577', columns: {} });
  });

  test('tables that are not virtual and messages of other kinds are passed over', () => {
    const account = { ...context, PrimaryEntityName: 'account' };
    expect(decodeFinopsEvent(JSON.stringify(account))).toMatchObject({ ok: true, ignored: expect.any(String) });
    const retrieve = { ...context, MessageName: 'Retrieve' };
    expect(decodeFinopsEvent(JSON.stringify(retrieve))).toMatchObject({ ok: true, ignored: expect.any(String) });
  });

  test('what is neither is a problem', () => {
    for (const body of ['', '{', '[]', '{}', '{"BusinessEventId":""}']) {
      expect(decodeFinopsEvent(body)).toMatchObject({ ok: false });
    }
    const unnamed = { ...context, PrimaryEntityId: null, InputParameters: null };
    expect(decodeFinopsEvent(JSON.stringify(unnamed))).toMatchObject({ ok: false });
  });
});
