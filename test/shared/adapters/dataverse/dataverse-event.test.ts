import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDataverseEvent } from '../../../../shared/adapters/dataverse/dataverse-event.ts';
import { isTagOf, signTag } from '../../../../shared/adapters/dataverse/write-tag.ts';
import type { RowEvent } from '../../../../shared/core/change/change.ts';
import type { RowWrite } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

function decoded(body: string) {
  const result = decodeDataverseEvent(body);
  if (!result.ok || 'ignored' in result) throw new Error(JSON.stringify(result));
  return result;
}

describe('events that the simulated Dataverse posts', () => {
  const bodies: string[] = [];
  let system: Awaited<ReturnType<typeof startDataverse>>;
  let other: Awaited<ReturnType<typeof startFinops>>;
  const id = randomUUID();

  beforeAll(async () => {
    const post = (...[, , body]: [string, Record<string, string>, string, number]) => {
      bodies.push(body);
      return Promise.resolve(200);
    };
    [system, other] = await Promise.all([startDataverse({ post }), startFinops()]);
    system.simulator.registerWebhook({ url: 'http://127.0.0.1:9/', headerName: 'x-twinwrite-key', key: 'k' });
    const { store, ...dataverse } = dataverseOn(system.origin);
    const map = await compiled(shippedMap('finance/currencies--transactioncurrencies'), finopsOn(other.origin), {
      store,
      ...dataverse,
    });
    const base: RowWrite = {
      key: 'eur',
      operation: 'insert',
      rowId: id,
      address: null,
      ifMatch: null,
      values: { isocurrencycode: 'EUR', currencyname: 'Euro', currencysymbol: '€', exchangerate: '1' },
    };
    const [done] = await store.write(map, [base]);
    const ifMatch = done?.kind === 'done' ? done.version : null;
    const [second] = await store.write(map, [
      { ...base, operation: 'update', address: id, ifMatch, values: { currencyname: 'Euros' } },
    ]);
    system.simulator.switches.messageLimitBytes = 500;
    const moved = second?.kind === 'done' ? second.version : null;
    await store.write(map, [{ ...base, operation: 'delete', address: id, ifMatch: moved, values: {} }]);
    await system.simulator.webhooksIdle();
  });
  afterAll(() => Promise.all([system.stop(), other.stop()]));

  test('create, update and a truncated delete name the row, the tag and who did it', () => {
    const events = bodies.map(decoded);
    const kinds = events.map(({ event }) => event.kind).sort();
    expect(kinds).toEqual(['create', 'delete', 'update']);
    for (const { event, tag, initiatingUserId } of events) {
      expect(event).toMatchObject({
        type: 'row',
        side: 'dataverse',
        table: 'transactioncurrency',
        rowId: id,
        columns: {},
      });
      expect(tag).toBe(`tag-of-${id}`);
      expect(isTagOf(signTag(id, Date.now(), 'secret'), event, ['secret'])).toBe(true);
      expect(initiatingUserId).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(event.occurredAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    }
    expect(bodies.some((body) => !body.includes('InputParameters'))).toBe(true);
  });

  test('two deliveries of one event have one id, two events have two', () => {
    expect(new Set(bodies.map((body) => decoded(body).event.id)).size).toBe(bodies.length);
    expect(bodies.map((body) => decoded(body).event.id)).toEqual(bodies.map((body) => decoded(body).event.id));
  });
});

describe('bodies of other shapes', () => {
  const ROW = '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004';
  const context = {
    MessageName: 'Update',
    PrimaryEntityName: 'account',
    PrimaryEntityId: ROW,
    OperationId: 'op-1',
    OperationCreatedOn: '/Date(1767225600000+0000)/',
    Depth: 1,
    SharedVariables: [],
  };
  const eventOf = (change: object): RowEvent => decoded(JSON.stringify({ ...context, ...change })).event;
  const tagOf = (change: object) => decoded(JSON.stringify({ ...context, ...change })).tag;

  test('the offset of a date belongs to the wall clock', () => {
    expect(eventOf({}).occurredAt).toBe('2026-01-01T00:00:00.000Z');
    expect(eventOf({ OperationCreatedOn: '/Date(1767225600000+0300)/' }).occurredAt).toBe('2026-01-01T03:00:00.000Z');
    expect(eventOf({ OperationCreatedOn: '/Date(1767225600000-0730)/' }).occurredAt).toBe('2025-12-31T16:30:00.000Z');
    expect(eventOf({ OperationCreatedOn: 'yesterday' }).occurredAt).toBeNull();
    expect(eventOf({ OperationCreatedOn: `/Date(${'9'.repeat(20)})/` }).occurredAt).toBeNull();
  });

  test.each([undefined, null, [], 'nonsense', [{ key: 1 }]])('collections may be %j', (collection) => {
    const changed = {
      InputParameters: collection,
      OutputParameters: collection,
      SharedVariables: collection,
      ParentContext: collection,
    };
    expect(eventOf(changed)).toMatchObject({ kind: 'update', rowId: ROW });
  });

  test('the row is found in the target where the context does not name it', () => {
    const target = { key: 'Target', value: { Id: ROW.toUpperCase(), LogicalName: 'account' } };
    expect(eventOf({ PrimaryEntityId: null, InputParameters: [target] }).rowId).toBe(ROW);
    expect(decodeDataverseEvent(JSON.stringify({ ...context, PrimaryEntityId: null }))).toMatchObject({ ok: false });
  });

  test("a parent's tag counts for the row that was written, not for what came of it", () => {
    const SharedVariables = [{ key: 'tag', value: 'ours' }];
    expect(tagOf({ SharedVariables })).toBe('ours');
    expect(tagOf({ ParentContext: { PrimaryEntityId: ROW, SharedVariables } })).toBe('ours');
    expect(tagOf({ Depth: 2, ParentContext: { PrimaryEntityId: ROW, SharedVariables } })).toBeNull();
    expect(tagOf({ ParentContext: { PrimaryEntityId: randomUUID(), SharedVariables } })).toBeNull();
    expect(tagOf({ SharedVariables: [{ key: 'tag', value: 5 }] })).toBeNull();
  });

  test('other messages are passed over, and what is no context is a problem', () => {
    expect(decodeDataverseEvent(JSON.stringify({ ...context, MessageName: 'Associate' }))).toMatchObject({
      ok: true,
      ignored: expect.stringContaining('Associate'),
    });
    for (const body of ['', '{', '[]', '"x"', '{"MessageName":""}', '{"MessageName":"Update"}']) {
      expect(decodeDataverseEvent(body)).toMatchObject({ ok: false });
    }
  });
});
