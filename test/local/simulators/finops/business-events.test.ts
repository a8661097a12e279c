import { beforeEach, describe, expect, test } from 'vitest';
import {
  activation,
  createEventFixture,
  customerRow,
  type EventFixture,
  endpoint,
  groupRow,
} from './events-fixture.ts';

// Facts: "Business events overview" and captured business events.

let fixture: EventFixture;

beforeEach(() => {
  fixture = createEventFixture();
});

describe('activation', () => {
  test('is needed: nothing is fixture.sent before it and nothing after it ends', async () => {
    await fixture.send('PATCH', customerRow, { CreditLimit: 1 });
    expect(fixture.sent).toEqual([]);
    fixture.activate(activation('business', 'CustomerChangedBusinessEvent'), activation('data', 'CustomerV3'));
    await fixture.send('PATCH', customerRow, { CreditLimit: 2 });
    expect(fixture.sent.map((event) => event.kind)).toEqual(['business', 'data']);
    fixture.simulator.events.deactivate('CustomerV3');
    fixture.simulator.events.deactivate('CustomerChangedBusinessEvent');
    await fixture.send('PATCH', customerRow, { CreditLimit: 3 });
    expect(fixture.sent).toHaveLength(2);
  });

  test('sends a test event whose ControlNumber is Int64.MinValue', () => {
    fixture.simulator.events.activate(activation('business', 'CustomerChangedBusinessEvent', 'USMF'));
    expect(fixture.sent).toMatchObject([{ kind: 'test', endpoint, attempts: 4, waitMs: 1_000, timeoutMs: 10_000 }]);
    expect(fixture.sent[0]?.body).toContain('"ControlNumber":-9223372036854775808,');
    expect(fixture.bodies()[0]).toMatchObject({
      BusinessEventId: 'BusinessEventsTestEndpointContract',
      BusinessEventLegalEntity: 'usmf',
    });
  });

  test('is for one company or for all', async () => {
    fixture.activate(activation('data', 'CustomerGroup', 'demf'));
    await fixture.send('PATCH', groupRow, { Description: 'Retail' });
    expect(fixture.sent).toEqual([]);
    fixture.activate(activation('data', 'CustomerGroup', 'USMF'));
    await fixture.send('PATCH', groupRow, { Description: 'Wholesale' });
    expect(fixture.sent).toHaveLength(1);
  });

  test('is refused for unknown events, for one company of a shared entity, and beyond ten endpoints', () => {
    const { events } = fixture.simulator;
    expect(() => events.activate(activation('business', 'Nothing'))).toThrow('no event Nothing');
    expect(() => events.activate(activation('data', 'Currency', 'usmf'))).toThrow('shared by all companies');
    fixture.activate(...Array.from({ length: 10 }, () => activation('data', 'CustomerGroup')));
    expect(() => events.activate(activation('data', 'CustomerGroup'))).toThrow('10 endpoints');
  });
});

describe('a business event', () => {
  beforeEach(() => fixture.activate(activation('business', 'CustomerChangedBusinessEvent')));

  test('is flat JSON with its members in alphabetical order', async () => {
    await fixture.send('PATCH', customerRow, {
      CreditRatingDate: '2022-12-30T12:00:00Z',
      CreditLimit: 1.5,
      OnHoldStatus: 'All',
      IntegrationId: 'a0b1c2d3-0000-4000-8000-00000000abcd',
    });
    const [body] = fixture.bodies();
    expect(Object.keys(body)).toEqual([...Object.keys(body)].sort());
    expect(body).toEqual({
      AccountNum: 'C1',
      Blocked: 'All',
      BusinessEventId: 'CustomerChangedBusinessEvent',
      BusinessEventLegalEntity: 'usmf',
      Checked: '/Date(-2208988800000)/',
      ContextRecordSubject: '',
      ControlNumber: expect.any(Number),
      EventId: expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/),
      EventTime: '/Date(1768465812000)/',
      EventTimeIso8601: expect.stringMatching(/^2026-01-15T08:30:12\.345\d{4}Z$/),
      InitiatingUserAADObjectId: expect.stringMatching(/^\{[0-9A-F-]{36}\}$/),
      IntegrationGuid: '{A0B1C2D3-0000-4000-8000-00000000ABCD}',
      LegalEntity: 'usmf',
      Limit: 1.5,
      MajorVersion: 0,
      MinorVersion: 0,
      ParentContextRecordSubjects: [],
      RatingDate: '/Date(1672358400000)/',
    });
  });

  test('comes for creates and updates, with rising control numbers', async () => {
    await fixture.send('POST', '/data/CustomersV3', { dataAreaId: 'usmf', CustomerAccount: 'C2' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 2 });
    await fixture.send('DELETE', customerRow);
    const numbers = fixture.bodies().map((body) => body.ControlNumber);
    expect(numbers).toHaveLength(2);
    expect(numbers[1]).toBeGreaterThan(numbers[0]);
  });

  test('names the user, or zeros for an app, by switch', async () => {
    fixture.simulator.setSwitches({ initiatingUser: 'zero' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 2 });
    await fixture.send('PATCH', customerRow, { CreditLimit: 3 }, { 'x-sim-user': 'anna' });
    const [app, person] = fixture.bodies().map((body) => body.InitiatingUserAADObjectId);
    expect(app).toBe('{00000000-0000-0000-0000-000000000000}');
    expect(person).not.toBe(app);
  });

  test('lacks the newer envelope members in 2019', async () => {
    fixture.simulator.setSwitches({ businessEventEnvelope: '2019' });
    await fixture.send('PATCH', customerRow, { CreditLimit: 2 });
    const names = Object.keys(fixture.bodies()[0]);
    expect(names).toContain('EventTime');
    expect(names).not.toContain('EventTimeIso8601');
    expect(names).not.toContain('BusinessEventLegalEntity');
  });
});
