import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import type { Values } from '../../shared/core/record/canonical-value.ts';
import { type RecordKey, recordKey } from '../../shared/core/record/record-key.ts';
import type { Row } from '../../shared/core/record/row.ts';
import type { Side } from '../../shared/core/record/side.ts';
import type { RecordStore, RowWrite } from '../../shared/ports/record-store.ts';
import { must } from './record-stores.ts';
import type { Mishap } from './simulated-system.ts';

/** A store on a running system, with the customer groups map of company usmf. */
export interface RecordStoreHarness {
  side: Side;
  map: CompiledMap;
  store: RecordStore;
  /** How a reference to a row that does not exist is told. */
  missingReference: { class: string; field?: string };
  happenNext(mishap: Mishap): void;
  /** Requests that the system got so far. */
  calls(): number;
  stop(): Promise<void>;
}

/** What every store of one side's rows must do, whatever system is behind it. */
export function recordStoreContract(name: string, start: () => Promise<RecordStoreHarness>): void {
  describe(name, () => {
    let harness: RecordStoreHarness;
    let store: RecordStore;
    let map: CompiledMap;
    let column: { company: string; group: string; description: string; term: string };
    let next = 0;

    beforeAll(async () => {
      harness = await start();
      ({ store, map } = harness);
      const nameOf = (finops: string) => map.fields.find((field) => field.finops === finops)?.[harness.side] ?? '';
      column = {
        company: map.sides[harness.side].companyColumn ?? '',
        group: nameOf('CustomerGroupId'),
        description: nameOf('Description'),
        term: nameOf('PaymentTermId'),
      };
    });
    afterAll(() => harness.stop());

    const keyOf = (group: string): RecordKey => recordKey(['usmf', group]) ?? '';
    const freshGroup = (): string => {
      next += 1;
      return `G${next}`;
    };
    const insertOf = (group: string, values: Values = {}): RowWrite => ({
      key: keyOf(group),
      operation: 'insert',
      rowId: harness.side === 'dataverse' ? randomUUID() : null,
      address: null,
      ifMatch: null,
      values: { [column.company]: 'usmf', [column.group]: group, [column.description]: `Group ${group}`, ...values },
    });
    const changeOf = (row: Row, group: string, operation: 'update' | 'delete', values: Values = {}): RowWrite => ({
      key: keyOf(group),
      operation,
      rowId: row.id,
      address: row.address,
      ifMatch: row.version,
      values,
    });
    const readOne = async (group: string): Promise<Row | undefined> =>
      must(await store.read(map, [{ key: keyOf(group), rowId: null }])).get(keyOf(group));
    const inserted = async (group: string, values: Values = {}): Promise<Row> => {
      expect(await store.write(map, [insertOf(group, values)])).toMatchObject([{ kind: 'done' }]);
      const row = await readOne(group);
      if (row === undefined) throw new Error(`the row ${group} is not there`);
      return row;
    };

    test('an inserted row answers its id, address, version and values, and reads back the same', async () => {
      const group = freshGroup();
      const [result] = await store.write(map, [insertOf(group)]);
      const row = await readOne(group);
      expect(row).toMatchObject({ values: { [column.company]: 'usmf', [column.description]: `Group ${group}` } });
      expect(result).toEqual({
        kind: 'done',
        rowId: row?.id,
        address: row?.address,
        version: row?.version,
        values: row?.values,
      });
    });

    test('a hundred rows are written and read in one call each, absent ones are missing from the answer', async () => {
      const groups = Array.from({ length: 100 }, freshGroup);
      const before = harness.calls();
      const results = await store.write(
        map,
        groups.map((group) => insertOf(group)),
      );
      expect(results.map((result) => result.kind)).toEqual(groups.map(() => 'done'));
      const wanted = [...groups, 'NONE-1', 'NONE-2'].map((group) => ({ key: keyOf(group), rowId: null }));
      const written = harness.calls();
      const rows = must(await store.read(map, wanted));
      expect([...rows.keys()].sort()).toEqual(groups.map(keyOf).sort());
      expect(harness.calls() - written).toBe(1);
      expect(written - before).toBeLessThanOrEqual(2);
    });

    test('a read by id finds the row, and a key whose id leads nowhere is read by key', async () => {
      const group = freshGroup();
      const row = await inserted(group);
      const stray = harness.side === 'dataverse' ? randomUUID() : '5637999999';
      for (const rowId of [row.id, stray]) {
        const rows = must(await store.read(map, [{ key: keyOf(group), rowId }]));
        expect(rows.get(keyOf(group))).toEqual(row);
      }
      expect(must(await store.readByIds(map, [stray])).size).toBe(0);
    });

    test('R28: a row is found by the match rule of its map, in its company, and says if it is one of several', async () => {
      const [one, two, three] = [freshGroup(), freshGroup(), freshGroup()];
      const alone = await inserted(one, { [column.description]: "Like O'Neill" });
      const first = await inserted(two, { [column.description]: 'Like others' });
      const second = await inserted(three, { [column.description]: 'Like others' });
      const wanted = ["like o'neill", 'like others', 'like nobody'].map((text) => ({
        key: recordKey(['usmf', text]) ?? '',
        rowId: null,
      }));
      const rows = must(await store.read(map.twins ?? map, wanted));
      expect(rows.get(wanted[0]?.key ?? '')).toEqual(alone);
      const several = rows.get(wanted[1]?.key ?? '');
      expect([first.id, second.id]).toContain(several?.id);
      expect(several?.isOneOfSeveral).toBe(true);
      expect(rows.size).toBe(2);
    });

    test('an update changes the given columns only and answers the new version and values', async () => {
      const group = freshGroup();
      const row = await inserted(group);
      const [result] = await store.write(map, [changeOf(row, group, 'update', { [column.description]: 'Renamed' })]);
      const after = await readOne(group);
      expect(after?.values).toEqual({ ...row.values, [column.description]: 'Renamed' });
      expect(after?.version).not.toBe(row.version);
      expect(result).toMatchObject({ kind: 'done', rowId: row.id, version: after?.version, values: after?.values });
    });

    test('a cleared column reads back as null', async () => {
      const group = freshGroup();
      const row = await inserted(group);
      await store.write(map, [changeOf(row, group, 'update', { [column.description]: null })]);
      expect((await readOne(group))?.values[column.description]).toBeNull();
    });

    test('an update or deletion under an old version is stale and changes nothing', async () => {
      const group = freshGroup();
      const row = await inserted(group);
      await store.write(map, [changeOf(row, group, 'update', { [column.description]: 'By someone else' })]);
      const results = await store.write(map, [
        changeOf(row, group, 'update', { [column.description]: 'Too late' }),
        changeOf(row, group, 'delete'),
      ]);
      const stale = { kind: 'failed', fault: { class: 'stale', code: 'TW201' } };
      expect(results).toMatchObject([stale, stale]);
      expect((await readOne(group))?.values[column.description]).toBe('By someone else');
    });

    test('a deleted row is absent, a second deletion is done, and an update of it is gone', async () => {
      const group = freshGroup();
      const row = await inserted(group);
      expect(await store.write(map, [changeOf(row, group, 'delete')])).toMatchObject([{ kind: 'done', rowId: null }]);
      expect(await readOne(group)).toBeUndefined();
      expect(await store.write(map, [changeOf(row, group, 'delete')])).toMatchObject([{ kind: 'done' }]);
      const update = changeOf(row, group, 'update', { [column.description]: 'x' });
      expect(await store.write(map, [update])).toMatchObject([{ kind: 'failed', fault: { class: 'gone' } }]);
    });

    test('an insert over an existing row fails as existing, and its neighbours in the batch are written', async () => {
      const [first, taken, last] = [freshGroup(), freshGroup(), freshGroup()];
      const row = await inserted(taken);
      const results = await store.write(map, [insertOf(first), insertOf(taken), insertOf(last)]);
      expect(results).toMatchObject([
        { kind: 'done' },
        { kind: 'failed', fault: { class: 'exists', code: 'TW202' } },
        { kind: 'done' },
      ]);
      expect(await readOne(taken)).toEqual(row);
      expect(await readOne(last)).toBeDefined();
    });

    test('a reference to a row that does not exist refuses that row only', async () => {
      const [bad, good] = [freshGroup(), freshGroup()];
      const results = await store.write(map, [insertOf(bad, { [column.term]: 'NOTERM' }), insertOf(good)]);
      expect(results).toMatchObject([{ kind: 'failed', fault: harness.missingReference }, { kind: 'done' }]);
      expect(await readOne(bad)).toBeUndefined();
    });

    test('a pause that the system asks for reaches every row of a write and a read, with its length', async () => {
      const busy: Mishap = { kind: 'refuse', answer: { status: 429, headers: { 'retry-after': '7' }, body: '{}' } };
      const throttled = { class: 'throttled', code: 'TW101', retryAfterMs: 7_000 };
      harness.happenNext(busy);
      const results = await store.write(map, [insertOf(freshGroup()), insertOf(freshGroup())]);
      expect(results).toMatchObject([
        { kind: 'failed', fault: throttled },
        { kind: 'failed', fault: throttled },
      ]);
      harness.happenNext(busy);
      const read = await store.read(map, [{ key: keyOf('G1'), rowId: null }]);
      expect(read).toMatchObject({ ok: false, fault: throttled });
    });

    test('a write whose answer is lost has an unknown outcome, and was carried out', async () => {
      const groups = [freshGroup(), freshGroup()];
      harness.happenNext({ kind: 'lose-answer' });
      const results = await store.write(
        map,
        groups.map((group) => insertOf(group)),
      );
      const unknown = { kind: 'failed', fault: { class: 'unknown', code: 'TW103' } };
      expect(results).toMatchObject([unknown, unknown]);
      for (const group of groups) expect(await readOne(group)).toBeDefined();
    });

    test('a read whose answer is lost, or that meets a failing server, is a passing fault', async () => {
      const passing = { ok: false, fault: { class: 'transient', code: 'TW102' } };
      harness.happenNext({ kind: 'lose-answer' });
      expect(await store.read(map, [{ key: keyOf('G1'), rowId: null }])).toMatchObject(passing);
      harness.happenNext({ kind: 'refuse', answer: { status: 502, headers: {}, body: 'Bad Gateway' } });
      expect(await store.read(map, [{ key: keyOf('G1'), rowId: null }])).toMatchObject(passing);
    });

    test('a write is unknown after a 500 without a reason, and passing after a 503', async () => {
      const group = freshGroup();
      harness.happenNext({ kind: 'refuse', answer: { status: 500, headers: {}, body: '' } });
      expect(await store.write(map, [insertOf(group)])).toMatchObject([{ fault: { class: 'unknown' } }]);
      harness.happenNext({ kind: 'refuse', answer: { status: 503, headers: { 'retry-after': '2' }, body: '' } });
      const results = await store.write(map, [insertOf(group)]);
      expect(results).toMatchObject([{ fault: { class: 'transient', retryAfterMs: 2_000 } }]);
    });

    test('a column that the system does not know is a configuration fault of reads and writes', async () => {
      const own = map.sides[harness.side];
      const drifted = {
        ...map,
        sides: { ...map.sides, [harness.side]: { ...own, columns: [...own.columns, 'nosuch'] } },
      };
      const fault = { class: 'configuration', code: 'TW106', field: 'nosuch' };
      const wanted = [{ key: keyOf('G1'), rowId: null }];
      expect(await store.read(drifted, wanted)).toMatchObject({ ok: false, fault });
      const results = await store.write(map, [insertOf(freshGroup(), { nosuch: 'x' }), insertOf(freshGroup())]);
      expect(results).toMatchObject([{ kind: 'failed', fault }, { kind: 'done' }]);
    });

    test('a key is found whatever the case it is spelled in', async () => {
      const group = `mixed-${freshGroup()}`;
      const row = await inserted(group);
      expect(row.values[column.group]).toBe(group);
      expect(must(await store.read(map, [{ key: keyOf(group.toUpperCase()), rowId: null }])).size).toBe(1);
    });
  });
}
