import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StateStore } from '../../shared/ports/state-store.ts';
import { aChange, aCommit, aParked, NOW } from './state-rows.ts';

/** What every state store keeps of changes that wait. */
export function parkedChangesContract(name: string, create: () => StateStore): void {
  describe(`${name} as a store of parked changes`, () => {
    let store: StateStore;
    let mapId: string;
    let serial = 0;
    beforeAll(() => {
      store = create();
    });
    /** A map of its own for each test, so that they share one service. */
    function freshMap(): string {
      serial += 1;
      mapId = `map-${serial}-${randomUUID().slice(0, 8)}`;
      return mapId;
    }

    it('coalesces what is parked for one record', async () => {
      freshMap();
      const earlier = aParked(aChange(mapId, 'k', { deletedIds: { dataverse: ['d1'] } }), { parkedAtMs: NOW - 500 });
      const later = aParked(aChange(mapId, 'k', { hinted: ['dataverse'], deletedIds: { dataverse: ['d2'] } }), {
        reason: 'failed',
      });
      await store.park([earlier]);
      await store.commit([aCommit(mapId, 'k', { park: later })]);
      await store.park([aParked(aChange(mapId, 'k', { releases: 2 }), { reason: 'paused', dueAtMs: NOW + 7 })]);
      const parked = await store.listParked({ mapId, limit: 10 });
      expect(parked).toHaveLength(1);
      expect(parked[0]?.parked).toMatchObject({ reason: 'paused', dueAtMs: NOW + 7, parkedAtMs: NOW - 500 });
      expect(parked[0]?.parked.change).toMatchObject({
        hinted: ['dataverse', 'finops'],
        deletedIds: { dataverse: ['d1', 'd2'] },
        releases: 2,
      });
    });

    it('leaves what is due by time due, also where the same record comes to wait for a person', async () => {
      freshMap();
      const due = aParked(aChange(mapId, 'k', { deletedIds: { finops: ['5637'] } }), {
        dueAtMs: NOW,
        reason: 'failed',
      });
      const open = aParked(aChange(mapId, 'k'), { dueAtMs: null, reason: 'manual' });
      await store.park([due]);
      await store.commit([aCommit(mapId, 'k', { park: open })]);
      const [only, ...others] = await store.listParked({ mapId, dueByMs: NOW, limit: 10 });
      expect(others).toEqual([]);
      expect(only?.parked).toMatchObject({
        id: open.id,
        reason: 'failed',
        change: { deletedIds: { finops: ['5637'] } },
      });
      expect(await store.commit([aCommit(mapId, 'k', { link: null, unpark: open.id })])).toMatchObject([
        { kind: 'saved' },
      ]);
      expect(await store.listParked({ mapId, limit: 10 })).toEqual([]);
    });

    it('keeps every hint that is parked for one record at once', async () => {
      freshMap();
      const ids = Array.from({ length: 6 }, (_, index) => `d${index}`);
      await Promise.all(ids.map((id) => store.park([aParked(aChange(mapId, 'k', { deletedIds: { finops: [id] } }))])));
      const [only, ...others] = await store.listParked({ mapId, limit: 10 });
      expect(others).toEqual([]);
      expect([...(only?.parked.change.deletedIds.finops ?? [])].sort()).toEqual(ids);
    });

    it('takes a parked change out with its record, and says nothing when there is none', async () => {
      freshMap();
      const waiting = aParked(aChange(mapId, 'k'));
      await store.park([waiting, aParked(aChange(mapId, 'other'))]);
      const outcomes = await store.commit([
        aCommit(mapId, 'k', { unpark: waiting.id }),
        aCommit(mapId, 'nothing-parked', { unpark: waiting.id }),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['saved', 'saved']);
      const left = await store.listParked({ mapId, limit: 10 });
      expect(left.map(({ parked }) => parked.change.key)).toEqual(['other']);
    });

    it('leaves what was parked since, and takes that out by its own id', async () => {
      freshMap();
      const seen = aParked(aChange(mapId, 'k'));
      const since = aParked(aChange(mapId, 'k', { deletedIds: { finops: ['5637'] } }), { reason: 'paused' });
      await store.commit([aCommit(mapId, 'k', { park: seen })]);
      await store.park([since]);
      await store.commit([aCommit(mapId, 'k', { link: null, unpark: seen.id })]);
      expect(await store.listParked({ mapId, limit: 10 })).toMatchObject([{ parked: { id: since.id } }]);
      await store.commit([aCommit(mapId, 'k', { link: null, unpark: since.id })]);
      expect(await store.listParked({ mapId, limit: 10 })).toEqual([]);
      expect(await store.commit([aCommit(mapId, 'k', { link: null, unpark: since.id })])).toMatchObject([
        { kind: 'saved' },
      ]);
    });

    it('parks anew over what was taken out, and nothing of it comes back', async () => {
      freshMap();
      const first = aParked(aChange(mapId, 'k', { deletedIds: { finops: ['5637'] } }), { parkedAtMs: NOW - 900 });
      await store.park([first]);
      await store.commit([aCommit(mapId, 'k', { unpark: first.id })]);
      await store.addWaiter({ mapId, key: 'parent' }, 'k|k', mapId);
      expect(await store.listWaiters(mapId, ['parent'])).toEqual([]);
      const second = aParked(aChange(mapId, 'k'));
      await store.addWaiter({ mapId, key: 'parent' }, 'k|k', mapId);
      await store.park([second]);
      const [waiting] = await store.listWaiters(mapId, ['parent']);
      expect(waiting?.parked).toEqual(second);
      expect(await store.removeParked(waiting!)).toBe(true);
      expect(await store.listParked({ mapId, limit: 10 })).toEqual([]);
    });

    it('leaves a parked change alone when its record is lost', async () => {
      freshMap();
      await store.commit([aCommit(mapId, 'k')]);
      const waiting = aParked(aChange(mapId, 'k'));
      await store.park([waiting]);
      expect(await store.commit([aCommit(mapId, 'k', { unpark: waiting.id })])).toEqual([{ kind: 'lost' }]);
      expect(await store.listParked({ mapId, limit: 10 })).toHaveLength(1);
    });

    it('lists parked changes by map, reason and due time, the earliest due first', async () => {
      freshMap();
      const other = `${mapId}-other`;
      await store.park([
        aParked(aChange(mapId, 'late'), { dueAtMs: NOW + 5000 }),
        aParked(aChange(mapId, 'soon'), { dueAtMs: NOW + 10 }),
        aParked(aChange(mapId, 'never'), { dueAtMs: null, reason: 'manual' }),
        aParked(aChange(mapId, null, { rowIds: { finops: ['5637'] } }), { dueAtMs: NOW + 20, reason: 'unknown-row' }),
        aParked(aChange(other, 'soon'), { dueAtMs: NOW + 15 }),
      ]);
      const list = async (filter: Parameters<StateStore['listParked']>[0]) =>
        (await store.listParked(filter)).map(({ parked }) => parked.identity);
      expect(await list({ mapId, limit: 10 })).toEqual(['k|soon', 'r|finops|5637', 'k|late', 'k|never']);
      expect(await list({ mapId, dueByMs: NOW + 20, limit: 10 })).toEqual(['k|soon', 'r|finops|5637']);
      expect(await list({ mapId, dueByMs: NOW + 9, limit: 10 })).toEqual([]);
      expect(await list({ mapId, reason: 'manual', limit: 10 })).toEqual(['k|never']);
      expect(await list({ mapId, reason: 'manual', dueByMs: NOW + 9000, limit: 10 })).toEqual([]);
      expect(await list({ mapId, identity: 'k|late', limit: 10 })).toEqual(['k|late']);
      expect(await list({ mapId, identity: 'k|never', limit: 10 })).toEqual(['k|never']);
      expect(await list({ mapId, identity: 'k|none', limit: 10 })).toEqual([]);
      expect(await list({ mapId, limit: 2 })).toEqual(['k|soon', 'r|finops|5637']);
      const overall = await store.listParked({ dueByMs: NOW + 20, limit: 1000 });
      const ours = overall.filter(({ parked }) => parked.mapId.startsWith(mapId));
      expect(ours.map(({ parked }) => parked.dueAtMs)).toEqual([NOW + 10, NOW + 15, NOW + 20]);
    });

    it('removes a parked change only while it is the one that was read', async () => {
      freshMap();
      await store.park([aParked(aChange(mapId, 'k'))]);
      const [read] = await store.listParked({ mapId, limit: 1 });
      await store.park([aParked(aChange(mapId, 'k'))]);
      expect(await store.removeParked(read!)).toBe(false);
      const [again] = await store.listParked({ mapId, limit: 1 });
      expect(again?.etag).not.toBe(read?.etag);
      expect(await store.removeParked(again!)).toBe(true);
      expect(await store.removeParked(again!)).toBe(false);
      expect(await store.listParked({ mapId, limit: 1 })).toEqual([]);
    });

    it('gives a change that is parked anew another etag, so that its release is another delivery', async () => {
      freshMap();
      const waiting = aParked(aChange(mapId, 'k'));
      await store.park([waiting]);
      const [first] = await store.listParked({ mapId, limit: 1 });
      await store.removeParked(first!);
      await store.park([waiting]);
      const [second] = await store.listParked({ mapId, limit: 1 });
      expect(second?.parked).toEqual(first?.parked);
      expect(second?.etag).not.toBe(first?.etag);
    });

    it('finds what awaits a record, over maps, and nothing where the pointer leads nowhere', async () => {
      freshMap();
      const child = `${mapId}-child`;
      const parent = { mapId, key: 'p' };
      await store.addWaiter(parent, 'k|c1', child);
      expect(await store.listWaiters(mapId, ['p'])).toEqual([]);
      await store.addWaiter(parent, 'k|c2', child);
      await store.addWaiter(parent, 'k|c2', child);
      await store.addWaiter({ mapId, key: 'p2' }, 'k|c3', child);
      const awaiting = (key: string) => aParked(aChange(child, key), { awaits: parent, reason: 'missing-reference' });
      await store.park([awaiting('c2'), awaiting('c3')]);
      const identities = async (keys: string[]) =>
        (await store.listWaiters(mapId, keys)).map(({ parked }) => parked.identity).sort();
      expect(await identities(['p', 'q', 'p|x'])).toEqual(['k|c2']);
      expect(await identities(['p2', 'p'])).toEqual(['k|c2', 'k|c3']);
      expect(await identities([])).toEqual([]);
      const [c2] = await store.listWaiters(mapId, ['p']);
      expect(await store.removeParked(c2!)).toBe(true);
      expect(await identities(['p'])).toEqual([]);
    });
  });
}
