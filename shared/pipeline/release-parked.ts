import { fingerprint } from '../core/record/fingerprint.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RecordRef, StoredParkedChange } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

/** How many due changes one tick releases at most; the next tick goes on. */
const RELEASED_MAX = 500;

/**
 * Releases changes: enqueues the hints again, then takes them out if they are still what was read. They are planned
 * afresh, so an old failure can never overwrite a newer value. The message is named by the parked row's etag, or
 * duplicate detection would drop the second release.
 */
export async function releaseParked(deps: Dependencies, stored: readonly StoredParkedChange[]): Promise<number> {
  if (stored.length === 0) return 0;
  await deps.queue.send(
    stored.map(({ parked, etag }) => ({
      id: `release-${fingerprint(`${parked.mapId}|${parked.identity}|${etag}`)}`,
      body: { type: 'change', change: { ...parked.change, full: true, releases: parked.change.releases + 1 } },
    })),
  );
  for (const item of stored) {
    if (!(await deps.state.removeParked(item))) continue;
    const { mapId, identity, reason } = item.parked;
    deps.telemetry.emit({ event: 'change.released', mapId, key: identity, reason });
  }
  return stored.length;
}

/** Releases everything that is due by itself. */
export async function releaseDue(deps: Dependencies): Promise<number> {
  const due = await deps.state.listParked({ dueByMs: deps.clock.nowMs(), limit: RELEASED_MAX });
  return releaseParked(deps, due);
}

/** Releases what awaited these records. */
export async function releaseWaiters(deps: Dependencies, mapId: string, keys: readonly RecordKey[]): Promise<number> {
  return releaseParked(deps, await deps.state.listWaiters(mapId, keys));
}

/** After parking under a record: if it is there by now, its own release may have missed the waiter. */
export async function releaseAwaited(deps: Dependencies, awaited: readonly RecordRef[]): Promise<void> {
  for (const { mapId, key } of awaited) {
    const stored = (await deps.state.loadLinks(mapId, [key], new Map())).get(key);
    const there = stored?.link.state === 'linked' && stored.link.intent === null;
    if (there) await releaseWaiters(deps, mapId, [key]);
  }
}
