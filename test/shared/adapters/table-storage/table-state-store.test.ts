import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableStateStore } from '../../../../shared/adapters/table-storage/table-state-store.ts';
import { LANES, laneOf } from '../../../../shared/core/record/fingerprint.ts';
import { parkedChangesContract } from '../../../contracts/parked-changes.contract.ts';
import { aChange, aCommit, aLink, aParked, NOW } from '../../../contracts/state-rows.ts';
import { stateStoreContract } from '../../../contracts/state-store.contract.ts';
import { type Azurite, startAzurite } from '../../../support/azurite.ts';

let azurite: Azurite;
let atMs = Date.now();

function open(cacheCharsMax?: number) {
  return createTableStateStore({
    connection: { connectionString: azurite.connectionString },
    clock: { nowMs: () => atMs },
    ...(cacheCharsMax === undefined ? {} : { cacheCharsMax }),
  });
}

beforeAll(async () => {
  azurite = await startAzurite();
  await open().ensureTables();
  await open().ensureTables();
});
afterAll(() => azurite.stop());

stateStoreContract('Table Storage', () => open());
parkedChangesContract('Table Storage', () => open());

describe('the cache of links', () => {
  it('answers without a request until a commit is lost', async () => {
    const [one, two] = [open(), open()];
    const [saved] = await one.commit([aCommit('cache', 'k')]);
    const before = one.operations();
    const first = (await one.loadLinks('cache', ['k'])).get('k');
    expect(one.operations()).toEqual(before);
    const etag = saved?.kind === 'saved' ? saved.etag : null;
    const link = aLink('cache', 'k', { state: 'linked' });
    expect(await two.commit([aCommit('cache', 'k', { link, etag })])).toMatchObject([{ kind: 'saved' }]);
    expect((await one.loadLinks('cache', ['k'])).get('k')).toEqual(first);
    expect(await one.commit([aCommit('cache', 'k', { link, etag })])).toEqual([{ kind: 'lost' }]);
    expect((await one.loadLinks('cache', ['k'])).get('k')?.link.state).toBe('linked');
  });

  it('counts only with the expected etag', async () => {
    const [one, two] = [open(), open()];
    const [saved] = await one.commit([aCommit('expected', 'k')]);
    const etag = saved?.kind === 'saved' ? saved.etag : null;
    const link = aLink('expected', 'k', { state: 'linked' });
    const [moved] = await two.commit([aCommit('expected', 'k', { link, etag })]);
    const expected = new Map([['k', moved?.kind === 'saved' ? (moved.etag ?? '') : '']]);
    expect((await one.loadLinks('expected', ['k'])).get('k')?.link.state).toBe('new');
    expect((await one.loadLinks('expected', ['k'], expected)).get('k')?.link.state).toBe('linked');
  });

  it('forgets what was not used for longest', async () => {
    const store = open(2000);
    await store.commit(Array.from({ length: 20 }, (_, index) => aCommit('bound', `k${index}`)));
    const before = store.operations();
    await store.loadLinks('bound', ['k0']);
    expect(store.operations()).not.toEqual(before);
  });
});

describe('operations', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `r${String(index).padStart(4, '0')}`);

  it('claims, records and reads back sixty records in one request for each lane and step', async () => {
    const store = open();
    // A transaction takes a hundred rows; a record has up to three in it.
    const some = keys.slice(0, 60);
    await store.loadLinks('counts', some);
    expect(store.operations()).toEqual({ 'state.query': LANES });
    const claim = { owner: 'o', untilMs: NOW };
    const claimed = await store.commit(
      some.map((key) => aCommit('counts', key, { link: aLink('counts', key, { claim }) })),
    );
    expect(store.operations()).toEqual({ 'state.query': LANES, 'state.transaction': LANES });
    const etags = claimed.map((outcome) => (outcome.kind === 'saved' ? outcome.etag : null));
    await store.loadLinks('counts', some);
    const recorded = await store.commit(
      some.map((key, index) => aCommit('counts', key, { etag: etags[index] ?? null })),
    );
    expect(recorded.every(({ kind }) => kind === 'saved')).toBe(true);
    expect(store.operations()).toEqual({ 'state.query': LANES, 'state.transaction': 2 * LANES });
    await store.listWaiters('counts', some);
    expect(store.operations()).toEqual({ 'state.query': LANES + 1, 'state.transaction': 2 * LANES });
  });

  it('writes an id once, and asks for none that it knows', async () => {
    const store = open();
    const entries = keys.map((key) => ({ id: `id-${key}`, key }));
    const ids = entries.map(({ id }) => id);
    await store.rememberIds('counts', 'dataverse', 'account', entries);
    await store.rememberIds('counts', 'dataverse', 'account', entries);
    expect((await store.findIds('counts', 'dataverse', 'account', ids)).size).toBe(keys.length);
    expect(store.operations()).toEqual({ 'ids.transaction': 1 });
    const other = open();
    const asked = [...ids.slice(0, 3), 'unknown'];
    for (const times of [1, 2]) {
      const found = await other.findIds('counts', 'dataverse', 'account', asked);
      expect([...found.values()]).toEqual(keys.slice(0, 3).map((key) => [key]));
      // What is unknown may become known at any time, so it is asked for each time.
      expect(other.operations()).toEqual({ 'ids.query': 3 + times });
    }
  });

  it('tries one bounded range for many links far apart, and reads the rest one by one', async () => {
    const store = open(0);
    const all = Array.from({ length: 800 }, (_, index) => `far${String(index).padStart(4, '0')}`);
    await store.commit(all.map((key) => aCommit('far', key)));
    const lane = all.filter((key) => laneOf(key) === 0);
    const wanted = [...lane.slice(0, 2), ...lane.slice(-3)];
    const before = store.operations();
    expect([...(await store.loadLinks('far', wanted)).keys()].sort()).toEqual(wanted);
    const after = store.operations();
    expect((after['state.query'] ?? 0) - (before['state.query'] ?? 0)).toBe(1);
    expect((after['state.get'] ?? 0) - (before['state.get'] ?? 0)).toBe(3);
  });

  it('asks for the waiters of each record by itself once very many changes wait', async () => {
    const store = open();
    const awaits = { mapId: 'crowd', key: 'b' };
    const crowd = Array.from({ length: 1200 }, (_, index) => `k|c${index}`);
    for (let start = 0; start < crowd.length; start += 100) {
      const some = crowd.slice(start, start + 100);
      await Promise.all(some.map((identity) => store.addWaiter(awaits, identity, 'crowd-child')));
    }
    await store.addWaiter({ mapId: 'crowd', key: 'c' }, 'k|last', 'crowd-child');
    await store.park([aParked(aChange('crowd-child', 'c1199')), aParked(aChange('crowd-child', 'last'))]);
    const found = await store.listWaiters('crowd', ['a', 'b', 'c']);
    expect(found.map(({ parked }) => parked.identity).sort()).toEqual(['k|c1199', 'k|last']);
  });

  it('never scans a lane for a few links', async () => {
    const store = open(0);
    await store.loadLinks('counts', ['r0001', 'r0050', 'r0099']);
    expect(store.operations()).toEqual({ 'state.get': 3 });
  });
});

describe('left-overs', () => {
  it('keeps a young pointer that leads nowhere, and removes an old one', async () => {
    const store = open();
    const parent = { mapId: 'dangling', key: 'p' };
    await store.addWaiter(parent, 'k|c', 'child');
    atMs = Date.now() + 60_000;
    expect(await store.listWaiters('dangling', ['p'])).toEqual([]);
    expect(store.operations()['state.delete']).toBeUndefined();
    atMs = Date.now() + 600_000;
    expect(await store.listWaiters('dangling', ['p'])).toEqual([]);
    expect(store.operations()['state.delete']).toBe(1);
    await store.park([aParked(aChange('child', 'c'))]);
    expect(await store.listWaiters('dangling', ['p'])).toEqual([]);
    atMs = Date.now();
  });

  it('leaves no index row behind when parked changes are merged, released or done', async () => {
    const store = open();
    const list = () => store.listParked({ mapId: 'index', limit: 10 });
    await store.park(['a', 'b'].map((key) => aParked(aChange('index', key))));
    const again = aParked(aChange('index', 'a'), { dueAtMs: null });
    await store.park([again]);
    await store.commit([aCommit('index', 'a', { unpark: again.id })]);
    const [b] = await list();
    expect(await store.removeParked(b!)).toBe(true);
    const before = store.operations();
    expect(await list()).toEqual([]);
    const after = store.operations();
    // Two queries, one of each index; no pointer is followed.
    expect((after['state.query'] ?? 0) - (before['state.query'] ?? 0)).toBe(2);
    expect(after['state.get']).toBe(before['state.get']);
  });
});
