import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultSwitches, type FinopsSwitches } from '../../../../local/simulators/finops/switches.ts';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import { recordKey } from '../../../../shared/core/record/record-key.ts';
import type { Row } from '../../../../shared/core/record/row.ts';
import type { RecordStore, RowWrite } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startFinops>>;
let other: Awaited<ReturnType<typeof startDataverse>>;
let store: RecordStore;
let map: CompiledMap;
let next = 0;

beforeAll(async () => {
  [system, other] = await Promise.all([startFinops(), startDataverse()]);
  const finops = finopsOn(system.origin);
  store = finops.store;
  map = await compiled(shippedMap('finance/currencies--transactioncurrencies'), finops, dataverseOn(other.origin));
});
afterAll(() => Promise.all([system.stop(), other.stop()]));
beforeEach(() => system.simulator.setSwitches(defaultSwitches));

const insert = (CurrencyCode: string, Name = CurrencyCode): RowWrite => ({
  key: recordKey([CurrencyCode]) ?? '',
  operation: 'insert',
  rowId: null,
  address: null,
  ifMatch: null,
  values: { CurrencyCode, Name },
});

async function freshRow(): Promise<{ key: string; row: Row }> {
  next += 1;
  const write = insert(`R${next}`);
  expect(await store.write(map, [write])).toMatchObject([{ kind: 'done' }]);
  return { key: write.key, row: await rowOf(write.key) };
}

async function rowOf(key: string): Promise<Row> {
  const row = must(await store.read(map, [{ key, rowId: null }])).get(key);
  if (row === undefined) throw new Error(`no row ${key}`);
  return row;
}

function change(row: Row, key: string, operation: 'update' | 'delete', Name = 'changed'): RowWrite {
  const values = operation === 'update' ? { Name } : {};
  return { key, operation, rowId: row.id, address: row.address, ifMatch: row.version, values };
}

/** Builds differ in what no page settles: each variant must come to the same outcome. */
describe.each<[string, Partial<FinopsSwitches>]>([
  ['today', {}],
  ['that tells conflicts by 400', { ifMatch: 'conflict-400' }],
  ['that tells conflicts by 500', { ifMatch: 'conflict-500' }],
  ['that answers 500 to refused writes', { validationStatus: 500 }],
  ['that stops a batch at the first failure', { batchAfterFailure: 'stops' }],
  ['that answers a failed change set with a bare part', { failedChangeset: 'bare', batchAfterFailure: 'stops' }],
  ['that gives a new etag to an unchanged row', { unchangedUpdate: 'etag-and-event' }],
])('a build %s', (_, switches) => {
  beforeEach(() => system.simulator.setSwitches(switches));

  test('tells stale, existing, gone and refused apart, and every other write of the batch is carried out', async () => {
    const [a, b, c, d] = [await freshRow(), await freshRow(), await freshRow(), await freshRow()];
    await store.write(map, [change(b.row, b.key, 'update', 'in between')]);
    await store.write(map, [change(c.row, c.key, 'delete')]);
    next += 1;
    const results = await store.write(map, [
      insert('R1'),
      change(a.row, a.key, 'update', 'first'),
      change(b.row, b.key, 'update', 'too late'),
      change(c.row, c.key, 'update'),
      insert(`N${next}`),
      change(c.row, c.key, 'delete'),
      change(d.row, d.key, 'update', 'last'),
    ]);
    expect(results).toMatchObject([
      { kind: 'failed', fault: { class: 'exists' } },
      { kind: 'done', values: { Name: 'first' } },
      { kind: 'failed', fault: { class: 'stale' } },
      { kind: 'failed', fault: { class: 'gone' } },
      { kind: 'done', values: { CurrencyCode: `N${next}` } },
      { kind: 'done' },
      { kind: 'done', values: { Name: 'last' } },
    ]);
    expect((await rowOf(b.key)).values['Name']).toBe('in between');
  });

  test('an update that changes nothing answers the version that the row has', async () => {
    const { key, row } = await freshRow();
    const [result] = await store.write(map, [change(row, key, 'update', row.values['Name'] ?? '')]);
    const now = await rowOf(key);
    expect(result).toMatchObject({ kind: 'done', version: now.version, rowId: row.id });
  });
});

test('a build that ignores If-Match is compared with before the write', async () => {
  system.simulator.setSwitches({ ifMatch: 'ignored' });
  const careful = finopsOn(system.origin, { honoursIfMatch: false }).store;
  const [a, b, c] = [await freshRow(), await freshRow(), await freshRow()];
  await store.write(map, [change(a.row, a.key, 'update', 'in between'), change(b.row, b.key, 'delete')]);
  const results = await careful.write(map, [
    change(a.row, a.key, 'update', 'too late'),
    change(b.row, b.key, 'update'),
    change(b.row, b.key, 'delete'),
    change(c.row, c.key, 'update', 'in time'),
  ]);
  expect(results).toMatchObject([
    { kind: 'failed', fault: { class: 'stale' } },
    { kind: 'failed', fault: { class: 'gone' } },
    { kind: 'done' },
    { kind: 'done', values: { Name: 'in time' } },
  ]);
});

test('that a record exists is known whatever the language of the message', async () => {
  const { key, row } = await freshRow();
  const text = "Write failed for table row of type 'CurrencyEntity'. Infolog: Info: Der Datensatz existiert bereits.";
  const body = JSON.stringify({ error: { code: '', message: 'x', innererror: { message: text, type: 'X' } } });
  system.happenNext({ kind: 'refuse', answer: { status: 400, headers: {}, body } });
  const [exists] = await store.write(map, [insert(row.values['CurrencyCode'] ?? '')]);
  expect(exists).toMatchObject({
    kind: 'failed',
    fault: { class: 'exists', message: expect.stringContaining('existiert') },
  });
  system.happenNext({ kind: 'refuse', answer: { status: 400, headers: {}, body } });
  expect(await store.write(map, [insert('NEW')])).toMatchObject([{ kind: 'failed', fault: { class: 'business' } }]);
  expect(await rowOf(key)).toEqual(row);
});

test('a refused write tells the lines of the Infolog, without noise and without stack traces', async () => {
  const { key, row } = await freshRow();
  const reason =
    "Write failed for table row of type 'CurrencyEntity'. Infolog: Warning: Field 'Name' must be filled in.; Error: validateWrite failed on data source 'Currency (Currency)'.";
  const body = JSON.stringify({ error: { innererror: { message: reason, stacktrace: '   at Secret.Place(...)' } } });
  system.happenNext({ kind: 'refuse', answer: { status: 500, headers: {}, body } });
  const [result] = await store.write(map, [change(row, key, 'delete')]);
  expect(result).toMatchObject({ kind: 'failed', fault: { class: 'business', code: 'TW205' } });
  const text = JSON.stringify(result);
  expect(text).toContain("Field 'Name' must be filled in");
  expect(text).not.toMatch(/validateWrite|Secret/);
});
