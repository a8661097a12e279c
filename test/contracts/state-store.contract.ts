import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { newLink } from '../../shared/core/link/link.ts';
import type { ParkedAct, StateStore } from '../../shared/ports/state-store.ts';
import { AWKWARD_KEYS, aChange, aCommit, aConflict, aLink, anAudit, aParked, NOW, noise } from './state-rows.ts';

/** What every state store keeps; `create` opens another instance over the same state. */
export function stateStoreContract(name: string, create: () => StateStore): void {
  describe(`${name} as a state store`, () => {
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

    it('saves a link once for two claims of one etag', async () => {
      freshMap();
      const [first] = await store.commit([aCommit(mapId, 'k')]);
      const etag = first?.kind === 'saved' ? first.etag : null;
      const claim = (owner: string) =>
        store.commit([
          aCommit(mapId, 'k', { link: aLink(mapId, 'k', { claim: { owner, untilMs: NOW } }), etag, audit: [] }),
        ]);
      const outcomes = (await Promise.all([claim('one'), claim('two')])).flat();
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['lost', 'saved']);
      const winner = outcomes[0]?.kind === 'saved' ? 'one' : 'two';
      const stored = (await create().loadLinks(mapId, ['k'])).get('k');
      expect(stored?.link.claim?.owner).toBe(winner);
      expect(outcomes).toContainEqual({ kind: 'saved', etag: stored?.etag });
    });

    it('saves a link once for two inserts, and nothing else of the one that lost', async () => {
      freshMap();
      const insert = (id: string) => store.commit([aCommit(mapId, 'k', { audit: [anAudit(mapId, 'k', id)] })]);
      const outcomes = (await Promise.all([insert('one'), insert('two')])).flat();
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['lost', 'saved']);
      const audit = await store.listAudit({ mapId, key: 'k' });
      expect(audit.map(({ id }) => id)).toEqual([outcomes[0]?.kind === 'saved' ? 'one' : 'two']);
    });

    it('saves the rest of a batch when some records of it are lost', async () => {
      freshMap();
      const keys = Array.from({ length: 130 }, (_, index) => `k${index}`);
      await store.commit([aCommit(mapId, 'k3'), aCommit(mapId, 'k77')]);
      const outcomes = await store.commit(
        keys.map((key) =>
          aCommit(mapId, key, { audit: [anAudit(mapId, key, 'a')], conflicts: [aConflict(mapId, key, 'c')] }),
        ),
      );
      expect(keys.filter((_, index) => outcomes[index]?.kind === 'lost')).toEqual(['k3', 'k77']);
      expect((await store.loadLinks(mapId, keys)).size).toBe(130);
      expect(await store.listAudit({ mapId, key: 'k3' })).toEqual([]);
      expect(await store.listConflicts({ mapId, key: 'k4' })).toEqual([aConflict(mapId, 'k4', 'c')]);
    });

    it('saves more than one transaction holds in bytes, and values beyond one property', async () => {
      freshMap();
      const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
      const base = (key: string) => ({ note: [noise(300_000), key] as const, short: ['ä\ud83c', null] as const });
      const links = new Map(keys.map((key) => [key, aLink(mapId, key, { base: base(key) })]));
      const outcomes = await store.commit(keys.map((key) => aCommit(mapId, key, { link: links.get(key) ?? null })));
      expect(outcomes.every(({ kind }) => kind === 'saved')).toBe(true);
      const loaded = await create().loadLinks(mapId, keys);
      for (const [key, { link }] of loaded) expect(link).toEqual(links.get(key));
    });

    it('saves a link of more than a megabyte of text', async () => {
      freshMap();
      const link = aLink(mapId, 'k', { base: { note: [noise(1_200_000), null] } });
      expect(await store.commit([aCommit(mapId, 'k', { link })])).toMatchObject([{ kind: 'saved' }]);
      expect((await store.loadLinks(mapId, ['k'])).get('k')?.link).toEqual(link);
    });

    it('has one audit row and one conflict for an id that is saved twice', async () => {
      freshMap();
      const [first] = await store.commit([
        aCommit(mapId, 'k', { audit: [anAudit(mapId, 'k', 'a')], conflicts: [aConflict(mapId, 'k', 'c')] }),
      ]);
      const healed = anAudit(mapId, 'k', 'a', { inferred: true });
      const decided = aConflict(mapId, 'k', 'c', { afterUnknown: true });
      await store.commit([
        aCommit(mapId, 'k', {
          etag: first?.kind === 'saved' ? first.etag : null,
          audit: [healed, anAudit(mapId, 'k', 'b')],
          conflicts: [decided],
        }),
      ]);
      expect(await store.listAudit({ mapId, key: 'k' })).toEqual([healed, anAudit(mapId, 'k', 'b')]);
      expect(await store.listConflicts({ mapId, key: 'k' })).toEqual([decided]);
    });

    it('keeps what people did with what was parked, in order, each act once', async () => {
      freshMap();
      const act = (atMs: number, more: object = {}): ParkedAct => ({
        verb: 'retried',
        actor: 'ada',
        why: null,
        reason: 'failed',
        fault: { code: 'TW205', message: 'The name is too long.' },
        atMs,
        ...more,
      });
      const dismissed = act(2_000, { verb: 'dismissed', why: 'w'.repeat(40_000), fault: null });
      for (const each of [dismissed, act(10_000), act(1_000), act(10_000)])
        await store.noteAct({ mapId, key: 'k' }, each);
      await store.noteAct({ mapId, key: 'k2' }, act(5_000));
      expect(await store.listActs({ mapId, key: 'k' })).toEqual([act(1_000), dismissed, act(10_000)]);
      expect(await store.listActs({ mapId, key: 'r|finops|7' })).toEqual([]);
      expect(await store.listAudit({ mapId, key: 'k' })).toEqual([]);
    });

    it('saves more conflicts of one record than a transaction has rows', async () => {
      freshMap();
      const conflicts = Array.from({ length: 250 }, (_, index) =>
        aConflict(mapId, 'k', `c${String(index).padStart(3, '0')}`),
      );
      expect(await store.commit([aCommit(mapId, 'k', { conflicts })])).toMatchObject([{ kind: 'saved' }]);
      expect(await store.listConflicts({ mapId, key: 'k' })).toEqual(conflicts);
    });

    it('pages through the records of a map that have conflicts, each once', async () => {
      freshMap();
      const keys = [...AWKWARD_KEYS, ...Array.from({ length: 30 }, (_, index) => `k${index}`)];
      const conflictsOf = (key: string) => ['c1', 'c2'].map((id) => aConflict(mapId, key, id));
      await store.commit([
        aCommit(mapId, 'calm'),
        ...keys.map((key) => aCommit(mapId, key, { conflicts: conflictsOf(key) })),
      ]);
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<StateStore['pageConflicts']>> = await store.pageConflicts(mapId, cursor, 7);
        expect(page.keys.length).toBeLessThanOrEqual(7);
        found.push(...page.keys);
        cursor = page.cursor;
      } while (cursor !== null);
      expect(found.sort()).toEqual([...keys].sort());
      expect(await store.pageConflicts(`${mapId}-none`, null, 7)).toEqual({ keys: [], cursor: null });
    });

    it('compares the etag of a link that it leaves as it is, and asks for none without one', async () => {
      freshMap();
      const [first] = await store.commit([aCommit(mapId, 'k')]);
      const etag = first?.kind === 'saved' ? first.etag : null;
      const audit = [anAudit(mapId, 'k', 'a')];
      const stale = await store.commit([aCommit(mapId, 'k', { link: null, etag: 'W/"stale"', audit })]);
      expect(stale).toEqual([{ kind: 'lost' }]);
      expect(await store.listAudit({ mapId, key: 'k' })).toEqual([]);
      const [kept] = await store.commit([aCommit(mapId, 'k', { link: null, etag, audit })]);
      const current = (await store.loadLinks(mapId, ['k'])).get('k');
      expect(kept).toEqual({ kind: 'saved', etag: current?.etag });
      expect(current?.link).toEqual(newLink(mapId, 'k'));
      expect(await store.commit([aCommit(mapId, 'other', { link: null })])).toEqual([{ kind: 'saved', etag: null }]);
    });

    it('takes a commit of one record twice in one call one after the other', async () => {
      freshMap();
      expect((await store.commit([aCommit(mapId, 'k'), aCommit(mapId, 'k')])).map(({ kind }) => kind)).toEqual([
        'saved',
        'lost',
      ]);
    });

    it('keeps records apart whatever characters their keys have', async () => {
      freshMap();
      await store.commit(
        AWKWARD_KEYS.map((key) =>
          aCommit(mapId, key, { audit: [anAudit(mapId, key, `${key}/of`)], park: aParked(aChange(mapId, key)) }),
        ),
      );
      const loaded = await create().loadLinks(mapId, AWKWARD_KEYS);
      expect([...loaded.values()].map(({ link }) => link.key).sort()).toEqual([...AWKWARD_KEYS].sort());
      for (const key of AWKWARD_KEYS) {
        expect((await store.listAudit({ mapId, key })).map((entry) => entry.key)).toEqual([key]);
      }
      const parked = await store.listParked({ mapId, limit: 100 });
      expect(parked.map((stored) => stored.parked.change.key).sort()).toEqual([...AWKWARD_KEYS].sort());
      await store.rememberIds(
        mapId,
        'finops',
        'Customers',
        AWKWARD_KEYS.map((key) => ({ id: key, key })),
      );
      const ids = await create().findIds(mapId, 'finops', 'Customers', AWKWARD_KEYS);
      for (const key of AWKWARD_KEYS) expect(ids.get(key)).toEqual([key]);
    });

    it('loads many links over all lanes, and only what is there', async () => {
      freshMap();
      const keys = Array.from({ length: 60 }, (_, index) => `c${String(index * 7919).padStart(8, '0')}`);
      await store.commit(keys.map((key) => aCommit(mapId, key)));
      const loaded = await create().loadLinks(mapId, [...keys, 'absent', 'c00000001']);
      expect([...loaded.keys()].sort()).toEqual([...keys].sort());
      expect((await store.loadLinks(mapId, [])).size).toBe(0);
    });

    it('knows all records of an id, also many', async () => {
      freshMap();
      const keys = Array.from({ length: 120 }, (_, index) => `k${String(index).padStart(3, '0')}`);
      await store.rememberIds(
        mapId,
        'dataverse',
        'account',
        keys.map((key) => ({ key, id: 'shared' })),
      );
      await store.rememberIds(mapId, 'dataverse', 'account', [
        { key: 'k000', id: 'shared' },
        { key: 'x', id: 'own' },
      ]);
      await store.rememberIds(`${mapId}x`, 'dataverse', 'account', [{ key: 'of-another-map', id: 'own' }]);
      const found = await store.findIds(mapId, 'dataverse', 'account', ['shared', 'own', 'unknown']);
      expect([...found.keys()].sort()).toEqual(['own', 'shared']);
      expect(found.get('shared')).toEqual(keys);
      expect(found.get('own')).toEqual(['x']);
      expect((await store.findIds(mapId, 'finops', 'account', ['shared'])).size).toBe(0);
      expect((await store.findIds(mapId, 'dataverse', 'accounts', ['shared'])).size).toBe(0);
      expect((await store.findIds(`${mapId}x`, 'dataverse', 'account', ['shared'])).size).toBe(0);
    });

    it('lets so many deletions pass in a window, over all instances', async () => {
      freshMap();
      const limit = { count: 5, windowMs: 1_000, nowMs: NOW };
      expect(await store.takeDeletions(mapId, 3, limit)).toBe(3);
      expect(await create().takeDeletions(mapId, 4, limit)).toBe(2);
      expect(await store.takeDeletions(mapId, 1, { ...limit, nowMs: NOW + 999 })).toBe(0);
      expect(await store.takeDeletions(mapId, 1, { ...limit, count: 6 })).toBe(1);
      expect(await store.takeDeletions(`${mapId}x`, 1, limit)).toBe(1);
      expect(await store.takeDeletions(mapId, 9, { ...limit, nowMs: NOW + 1_000 })).toBe(5);
      const many = await Promise.all(
        Array.from({ length: 8 }, () => store.takeDeletions(mapId, 2, { ...limit, nowMs: NOW + 2_000 })),
      );
      expect(many.reduce((sum, granted) => sum + granted, 0)).toBe(5);
    });

    it('counts the records of a map, up to a bound', async () => {
      freshMap();
      await store.commit(Array.from({ length: 12 }, (_, index) => aCommit(mapId, `k${index}`)));
      await store.park([aParked(aChange(mapId, 'k1'))]);
      expect(await store.countLinks(mapId, 100)).toBe(12);
      expect(await store.countLinks(mapId, 5)).toBe(5);
      expect(await store.countLinks(`${mapId}x`, 5)).toBe(0);
    });

    it('counts the claims that still run', async () => {
      freshMap();
      const claimed = (key: string, untilMs: number) => aLink(mapId, key, { claim: { owner: 'o', untilMs } });
      const outcomes = await store.commit([
        aCommit(mapId, 'live', { link: claimed('live', NOW + 1) }),
        aCommit(mapId, 'done', { link: claimed('done', NOW + 1) }),
        aCommit(mapId, 'elsewhere', { link: claimed('elsewhere', NOW + 1) }),
        aCommit(mapId, 'expired', { link: claimed('expired', NOW) }),
        aCommit(mapId, 'free'),
      ]);
      expect(await store.countLiveClaims(mapId, NOW)).toBe(3);
      const etagOf = (index: number) => (outcomes[index]?.kind === 'saved' ? outcomes[index].etag : null);
      await store.commit([aCommit(mapId, 'done', { etag: etagOf(1) })]);
      await create().commit([aCommit(mapId, 'elsewhere', { etag: etagOf(2) })]);
      expect(await store.countLiveClaims(mapId, NOW)).toBe(1);
      expect(await store.countLiveClaims(mapId, NOW + 1)).toBe(0);
      expect(await store.countLiveClaims(`${mapId}x`, NOW)).toBe(0);
    });
  });
}
