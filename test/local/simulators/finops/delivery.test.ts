import { describe, expect, test } from 'vitest';
import { deliverEvent } from '../../../../local/simulators/finops/event-delivery.ts';
import type { OutgoingEvent } from '../../../../local/simulators/finops/outgoing-event.ts';
import { createFixture, seed } from './finops-fixture.ts';

// Facts: "Business events overview": three retries after a fixed second, then the Errors tab with Resend.

const row = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true";

async function raiseOne(): Promise<{ fixture: ReturnType<typeof createFixture>; sent: OutgoingEvent[] }> {
  const sent: OutgoingEvent[] = [];
  const fixture = createFixture({
    post: (event) => void sent.push(event),
    businessEvents: [{ businessEventId: 'Changed', entity: 'CustomerV3', members: { Account: 'CustomerAccount' } }],
  });
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'C1' });
  const endpoint = 'http://127.0.0.1/first';
  fixture.simulator.events.activate({ kind: 'business', event: 'Changed', operations: [], company: null, endpoint });
  await fixture.send('PATCH', row, { CreditLimit: 1 });
  return { fixture, sent };
}

describe('delivery', () => {
  test('tries four times with a second between and gives the last reason', async () => {
    const { sent } = await raiseOne();
    const answers = [500, new Error('timed out'), 404, 503];
    const waits: number[] = [];
    const timeouts: number[] = [];
    const outcome = await deliverEvent(
      sent[1] as OutgoingEvent,
      (_url, _headers, _body, timeoutMs) => {
        timeouts.push(timeoutMs);
        const answer = answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? 0);
      },
      (delayMs) => Promise.resolve(void waits.push(delayMs)),
    );
    expect(outcome).toBe('The endpoint answered 503.');
    expect(waits).toEqual([1_000, 1_000, 1_000]);
    expect(timeouts).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  test('ends with the first answer of the 200 class', async () => {
    const { sent } = await raiseOne();
    const bodies: string[] = [];
    const post = (_url: string, _headers: Record<string, string>, body: string): Promise<number> =>
      Promise.resolve(bodies.push(body) === 1 ? 400 : 202);
    expect(await deliverEvent(sent[1] as OutgoingEvent, post, () => Promise.resolve())).toBeNull();
    expect(bodies).toEqual([sent[1]?.body, sent[1]?.body]);
  });
});

describe('the Errors tab', () => {
  test('keeps a failed event until it is resent, to another endpoint if one is given', async () => {
    const { fixture, sent } = await raiseOne();
    const { events } = fixture.simulator;
    expect(events.pending().map(({ kind }) => kind)).toEqual(['test', 'business']);
    events.settle(sent[0]?.id ?? 0, null);
    events.settle(sent[1]?.id ?? 0, 'down');
    expect(events.pending()).toEqual([]);
    expect(events.failures()).toMatchObject([{ reason: 'down', at: '2026-01-15T08:30:12.345Z' }]);
    fixture.clock.nowMs += 86_400_000;
    events.resend(sent[1]?.id ?? 0, 'http://127.0.0.1/second');
    expect(events.failures()).toEqual([]);
    expect(sent[2]).toMatchObject({ endpoint: 'http://127.0.0.1/second', body: sent[1]?.body });
    expect(() => events.resend(99)).toThrow('no failed event');
  });

  test('resends with a new identity, by switch', async () => {
    const { fixture, sent } = await raiseOne();
    fixture.simulator.setSwitches({ resendIdentity: 'new' });
    fixture.simulator.events.settle(sent[1]?.id ?? 0, 'down');
    fixture.simulator.events.resend(sent[1]?.id ?? 0);
    const [first, second] = sent.slice(1).map((event) => JSON.parse(event.body));
    expect(second.EventId).not.toBe(first.EventId);
    expect(second.ControlNumber).toBeGreaterThan(first.ControlNumber);
    expect({ ...second, EventId: '', ControlNumber: 0 }).toEqual({ ...first, EventId: '', ControlNumber: 0 });
  });
});

describe('a saved state', () => {
  test('brings back rows, etags, counters, activations and events still to be delivered', async () => {
    const { fixture } = await raiseOne();
    const state = JSON.parse(JSON.stringify(fixture.simulator.snapshot()));
    const before = await fixture.send('GET', row);
    const sent: OutgoingEvent[] = [];
    const other = createFixture({
      post: (event) => void sent.push(event),
      businessEvents: [{ businessEventId: 'Changed', entity: 'CustomerV3', members: {} }],
    });
    other.simulator.restore(state);
    expect((await other.send('GET', row)).json).toEqual(before.json);
    expect(sent.map(({ kind }) => kind)).toEqual(['test', 'business']);
    await other.send('PATCH', row, { CreditLimit: 2 });
    expect(sent).toHaveLength(3);
    const created = await other.send('POST', '/data/CustomersV3', { dataAreaId: 'usmf' });
    expect(created.json['@odata.etag']).not.toBe(before.json['@odata.etag']);
  });

  test('is not touched by what happens after it was saved', async () => {
    const { fixture } = await raiseOne();
    const state = fixture.simulator.snapshot();
    const text = JSON.stringify(state);
    await fixture.send('PATCH', row, { CreditLimit: 7 });
    fixture.simulator.setExtensions({ CustomerV3: { OrganizationName: 'upper-case' } });
    expect(JSON.stringify(state)).toBe(text);
    fixture.simulator.restore(state);
    expect((await fixture.send('GET', row)).json.CreditLimit).toBe(1);
  });

  test('of another form is refused', () => {
    const { simulator } = createFixture();
    for (const state of [null, {}, 'x', { form: 'other' }]) {
      expect(() => simulator.restore(state)).toThrow('twinwrite-finops-1');
    }
  });
});
