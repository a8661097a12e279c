import { BATCH_CHANGES_MAX, type Change, type SyncBatch } from '../core/change/change.ts';
import { changeIdentity, mergeChanges } from '../core/change/merge-changes.ts';
import { routeEvent } from '../core/change/route-event.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import { fingerprint } from '../core/record/fingerprint.ts';
import type { QueueBody } from '../ports/change-queue.ts';
import type { DispatchDependencies } from './dependencies.ts';
import { parkPaused, releaseIfRunning } from './park-paused.ts';
import { findKeys } from './resolve-keys.ts';
import { settleOldNews } from './settle-old-news.ts';
import { offlineSides, parkOffline } from './watch-sides.ts';

/** Too many orchestrations are open: the messages go back to the queue and come again. */
export class DispatchBusyError extends Error {}

/**
 * Turns a batch of messages into orchestrations: one per map and at most a hundred records, coalesced per record, the
 * last hint winning. Changes of maps that do not run, and those that come while a side is gone, are parked, and what
 * tells nothing new ends here. Does not wait
 * for what it starts, and tells how many that are.
 * @throws DispatchBusyError when as many orchestrations are open as may be.
 */
export async function dispatchChanges(deps: DispatchDependencies, bodies: readonly QueueBody[]): Promise<number> {
  const open = await deps.orchestrations.countOpen();
  if (open >= deps.settings.openOrchestrationsMax) throw new DispatchBusyError(`${open} orchestrations are open`);
  const nowMs = deps.clock.nowMs();
  const routes = await deps.maps.routes();
  const changes = bodies.flatMap((body): Change[] =>
    body.type === 'change' ? [body.change] : routeEvent(body.event, routes, nowMs),
  );
  const maps = new Map(routes.map(({ map }) => [map.id, map]));
  const byMap = Map.groupBy(mergeChanges(changes), (change) => change.mapId);
  if (byMap.size > 0 && (await offlineSides(deps)).length > 0) {
    await Promise.all([...byMap].map(([mapId, ofMap]) => parkOffline(deps, mapId, ofMap)));
    return 0;
  }
  const running = await runningOf(deps, [...byMap.keys()]);
  const delivery = running.size === 0 ? '' : fingerprint(JSON.stringify(bodies));
  const started = await Promise.all(
    [...byMap].map(([mapId, ofMap]) =>
      running.has(mapId) ? startBatches(deps, mapId, maps.get(mapId), ofMap, delivery) : holdUp(deps, mapId, ofMap),
    ),
  );
  return started.reduce((sum, count) => sum + count, 0);
}

async function runningOf(deps: DispatchDependencies, mapIds: readonly string[]): Promise<ReadonlySet<string>> {
  const statuses = mapIds.length === 0 ? new Map() : await deps.mapStore.statuses(mapIds);
  return new Set(mapIds.filter((mapId) => statuses.get(mapId) === 'running'));
}

/** The changes of a map that does not run wait until it does. */
async function holdUp(deps: DispatchDependencies, mapId: string, changes: readonly Change[]): Promise<number> {
  await parkPaused(deps, mapId, changes);
  await releaseIfRunning(deps, mapId);
  return 0;
}

async function startBatches(
  deps: DispatchDependencies,
  mapId: string,
  map: CompiledMap | undefined,
  changes: readonly Change[],
  delivery: string,
): Promise<number> {
  const telling = map === undefined ? changes : await withoutOldNews(deps, map, changes);
  let started = 0;
  for (let first = 0; first < telling.length; first += BATCH_CHANGES_MAX) {
    const batch = { mapId, changes: telling.slice(first, first + BATCH_CHANGES_MAX) };
    await deps.orchestrations.start(instanceId(delivery, batch), batch);
    started += 1;
  }
  return started;
}

/**
 * Named by the delivery and by what is in it: a redelivery of the same finds its instance, while one of which something
 * was settled meanwhile is cut differently, and must not be taken for it.
 */
function instanceId(delivery: string, { mapId, changes }: SyncBatch): string {
  return `sync-${fingerprint(JSON.stringify([delivery, mapId, changes.map(changeIdentity)]))}`;
}

/** Only events that say what was written can be old news; the links of the others are not looked at here. */
async function withoutOldNews(
  deps: DispatchDependencies,
  map: CompiledMap,
  changes: readonly Change[],
): Promise<Change[]> {
  const telling = changes.filter((change) => change.news !== undefined);
  if (telling.length === 0) return [...changes];
  const { known, unknown } = await findKeys(deps, map, telling);
  const links = await deps.state.loadLinks(
    map.id,
    known.map(({ key }) => key ?? ''),
  );
  const { left, lost } = await settleOldNews(deps, map, known, links);
  return mergeChanges([...changes.filter((change) => change.news === undefined), ...unknown, ...left, ...lost]);
}
