import type { Change } from '../core/change/change.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { ChangeFeed, FeedPage } from '../ports/change-feed.ts';
import type { Checkpoint, CheckpointStore } from '../ports/checkpoint-store.ts';
import type { StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { findKeys } from './resolve-keys.ts';

export interface CatchUpDependencies extends Dependencies {
  /** What Dataverse tells to have changed, beside its events. */
  feed: ChangeFeed;
  checkpoints: CheckpointStore;
  /** Milliseconds between two runs of a map; 0 for none. */
  catchUpIntervalMs: number;
}

/** Pages that one run reads of a table; the next run goes on. */
const PAGES_MAX = 20;
/** Outlasts the reading of a page by far; saved anew with each. */
const LEASE_MS = 5 * 60_000;

/**
 * Reads what changed in Dataverse since the last run, for each map that runs, and enqueues hints about rows that are
 * not as their links say: an event that was lost is thereby only late. With nothing new that is one call a map.
 */
export async function catchUp(deps: CatchUpDependencies): Promise<void> {
  if (deps.catchUpIntervalMs === 0) return;
  const routes = await deps.maps.routes();
  if (routes.length === 0) return;
  const statuses = await deps.mapStore.statuses(routes.map(({ map }) => map.id));
  for (const { map } of routes) {
    if ((await deps.blocks.blockedUntil('dataverse')) > deps.clock.nowMs()) return;
    if ((await deps.blocks.standing('dataverse')).standing === 'offline') return;
    if (statuses.get(map.id) === 'running') await catchUpMap(deps, map);
  }
}

/** One run at a time: the lease is taken by saving the checkpoint under its etag. */
async function catchUpMap(deps: CatchUpDependencies, map: CompiledMap): Promise<void> {
  const name = `dataverse ${map.id}`;
  const stored = await deps.checkpoints.load(name);
  const nowMs = deps.clock.nowMs();
  let checkpoint: Checkpoint = stored?.checkpoint ?? {
    cursor: null,
    initial: true,
    restedAtMs: 0,
    leaseUntilMs: 0,
  };
  if (checkpoint.leaseUntilMs > nowMs || nowMs - checkpoint.restedAtMs < deps.catchUpIntervalMs) return;
  let etag: string | null = stored?.etag ?? null;
  for (let pages = 0; ; pages += 1) {
    const goOn: boolean = pages < PAGES_MAX && (pages === 0 || checkpoint.leaseUntilMs > 0);
    const leaseUntilMs: number = goOn ? deps.clock.nowMs() + LEASE_MS : 0;
    etag = await deps.checkpoints.save(name, { ...checkpoint, leaseUntilMs }, etag);
    if (!goOn || etag === null) return;
    checkpoint = await readPage(deps, map, { ...checkpoint, leaseUntilMs });
  }
}

/** The checkpoint after a page, whose hints are in the queue by then; without a lease at the end, or at a fault. */
async function readPage(deps: CatchUpDependencies, map: CompiledMap, before: Checkpoint): Promise<Checkpoint> {
  const page = await deps.feed.next(map, before.cursor);
  if (!page.ok) {
    deps.telemetry.emit({ event: 'catch-up.failed', mapId: map.id, side: 'dataverse', code: page.fault.code });
    return { ...before, restedAtMs: deps.clock.nowMs(), leaseUntilMs: 0 };
  }
  const { rows, deletedIds, cursor, more, restarted } = page.value;
  const initial = before.initial || restarted;
  const hints = await hintsOf(deps, map, page.value, initial);
  if (hints.length > 0) {
    await deps.queue.send(
      hints.map((change) => ({ id: `catch-up-${deps.identifiers.guid()}`, body: { type: 'change', change } })),
    );
  }
  if (restarted) deps.telemetry.emit({ event: 'catch-up.restarted', mapId: map.id, side: 'dataverse' });
  if (rows.length + deletedIds.length > 0) {
    const read = rows.length + deletedIds.length;
    deps.telemetry.emit({ event: 'catch-up.read', mapId: map.id, side: 'dataverse', read, hinted: hints.length });
  }
  return more
    ? { ...before, cursor, initial }
    : { cursor, initial: false, restedAtMs: deps.clock.nowMs(), leaseUntilMs: 0 };
}

/**
 * Of what a page tells, what the links do not say already. A deletion is of concern only where a link has the row. The
 * first reading, and one that had to begin again, bring over no row that has no link: which of them were there before the
 * map ran cannot be told, and to copy those is not for a timer.
 */
async function hintsOf(
  deps: CatchUpDependencies,
  map: CompiledMap,
  page: FeedPage,
  initial: boolean,
): Promise<Change[]> {
  const versions = new Map(page.rows.map(({ rowId, version }) => [rowId, version]));
  const nowMs = deps.clock.nowMs();
  const told = [
    ...page.rows.map(({ rowId }) => hint(map, rowId, false, nowMs)),
    ...page.deletedIds.map((rowId) => hint(map, rowId, true, nowMs)),
  ];
  const { known, unknown } = await findKeys(deps, map, told);
  const links = await deps.state.loadLinks(
    map.id,
    known.map(({ key }) => key ?? ''),
  );
  const linkOf = ({ key }: Change): StoredLink | undefined => links.get(key ?? '');
  const settled = new Set(
    known.filter((change) => isSaid(linkOf(change), rowIdOf(change), versions)).map((change) => rowIdOf(change)),
  );
  const differing = known.filter((change) => {
    const id = rowIdOf(change);
    return isDeletion(change) ? linkOf(change)?.link.sides.dataverse.rowId === id : !settled.has(id);
  });
  const created = initial ? [] : unknown.filter((change) => !isDeletion(change));
  return [...differing.filter((change) => !settled.has(rowIdOf(change))), ...created];
}

/** The row's record has it at this version; or, where it was deleted, is done with it. */
function isSaid(stored: StoredLink | undefined, id: string, versions: ReadonlyMap<string, string>): boolean {
  if (stored === undefined) return false;
  const { rowId, version } = stored.link.sides.dataverse;
  const told = versions.get(id);
  if (told === undefined) return rowId === id && stored.link.state === 'tombstone';
  return rowId === id && version === told;
}

function hint(map: CompiledMap, rowId: string, deleted: boolean, sinceMs: number): Change {
  return {
    mapId: map.id,
    key: null,
    hinted: ['dataverse'],
    rowIds: { dataverse: [rowId] },
    deletedIds: deleted ? { dataverse: [rowId] } : {},
    full: true,
    attempts: 0,
    releases: 0,
    sinceMs,
  };
}

function rowIdOf({ rowIds }: Change): string {
  return rowIds.dataverse?.[0] ?? '';
}

function isDeletion({ deletedIds }: Change): boolean {
  return deletedIds.dataverse !== undefined;
}
