import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../local/durable/memory-store.ts';
import { openSqliteStore } from '../../../local/durable/sqlite-store.ts';
import type { DurableStore, InstanceRecord, RuntimeStatus } from '../../../local/durable/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'durable-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recordOf = (instanceId: string, status: RuntimeStatus, createdAt: number): InstanceRecord => ({
  instanceId,
  name: 'some',
  version: null,
  status,
  createdAt,
  updatedAt: createdAt,
  output: null,
  customStatus: null,
  executionId: 'e1',
  nextTaskId: 0,
  digests: [],
  parent: null,
});

const create = (store: DurableStore, record: InstanceRecord, input = 'null'): void =>
  store.commit([{ op: 'create-instance', record, input }]);

let files = 0;
const nextFile = (): string => {
  files += 1;
  return join(folder, `store-${files}.sqlite`);
};
const stores: Record<string, () => DurableStore> = {
  memory: createMemoryStore,
  sqlite: () => openSqliteStore(nextFile()),
};

describe.each(Object.entries(stores))('durable store: %s', (_name, open) => {
  test('keeps instances with their input and history until they are deleted', () => {
    const store = open();
    create(store, recordOf('a', 'Pending', 1), '{"x":1}');
    store.commit([
      { op: 'append-history', instanceId: 'a', from: 0, events: ['{"n":1}', '{"n":2}'] },
      { op: 'update-instance', record: recordOf('a', 'Running', 1) },
    ]);
    store.commit([{ op: 'append-history', instanceId: 'a', from: 2, events: ['{"n":3}'] }]);
    expect(store.instance('a')?.status).toBe('Running');
    expect([store.input('a'), store.history('a')]).toEqual(['{"x":1}', ['{"n":1}', '{"n":2}', '{"n":3}']]);
    store.commit([
      { op: 'clear-history', instanceId: 'a' },
      { op: 'set-input', instanceId: 'a', input: '2' },
    ]);
    expect([store.input('a'), store.history('a')]).toEqual(['2', []]);
    store.commit([{ op: 'delete-instance', instanceId: 'a' }]);
    expect([store.instance('a'), store.input('a')]).toEqual([null, 'null']);
    store.close();
  });

  test('lists by status, time and prefix, oldest first, in pages', () => {
    const store = open();
    create(store, recordOf('x2', 'Running', 20));
    create(store, recordOf('x1', 'Completed', 10));
    create(store, recordOf('y1', 'Running', 30));
    const ids = (filter: Parameters<DurableStore['list']>[0]) => store.list(filter).map(({ instanceId }) => instanceId);
    expect(ids({})).toEqual(['x1', 'x2', 'y1']);
    expect(ids({ statuses: ['Running'] })).toEqual(['x2', 'y1']);
    expect(ids({ createdFrom: 20, createdTo: 20 })).toEqual(['x2']);
    expect(ids({ idPrefix: 'x' })).toEqual(['x1', 'x2']);
    expect(ids({ limit: 1, offset: 1 })).toEqual(['x2']);
    store.close();
  });

  test('keeps messages in order until they are deleted, and entities and schedules', () => {
    const store = open();
    const body = { kind: 'event', name: 'go', input: '1' } as const;
    store.commit([
      { op: 'put-message', message: { key: 1, target: 'a', body } },
      { op: 'put-message', message: { key: 2, target: 'b', body } },
      { op: 'put-entity', record: { entityId: '@e@k', state: '5', updatedAt: 3 } },
      { op: 'put-schedule', name: 't', status: '{}' },
    ]);
    store.commit([{ op: 'delete-message', key: 1 }]);
    expect(store.messages()).toEqual([{ key: 2, target: 'b', body }]);
    expect(store.entity('@e@k')?.state).toBe('5');
    expect([store.schedule('t'), store.schedule('u'), store.entity('none')]).toEqual(['{}', null, null]);
    store.close();
  });
});

test('a sqlite store undoes the whole commit when one change fails, and keeps what was committed before', () => {
  const path = join(folder, 'atomic.sqlite');
  const store = openSqliteStore(path);
  create(store, recordOf('a', 'Running', 1));
  store.commit([{ op: 'append-history', instanceId: 'a', from: 0, events: ['1'] }]);
  expect(() =>
    store.commit([
      { op: 'update-instance', record: recordOf('a', 'Failed', 1) },
      { op: 'append-history', instanceId: 'a', from: 0, events: ['again'] },
    ]),
  ).toThrow('UNIQUE');
  store.close();
  const again = openSqliteStore(path);
  expect([again.instance('a')?.status, again.history('a')]).toEqual(['Running', ['1']]);
  again.close();
});

test('a second host cannot open the same state file', () => {
  const path = join(folder, 'shared.sqlite');
  const store = openSqliteStore(path);
  expect(() => openSqliteStore(path)).toThrow('is in use by another host');
  store.close();
  openSqliteStore(path).close();
});
