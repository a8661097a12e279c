import { coalesceParked } from '../../core/change/merge-changes.ts';
import type { ParkedChange, ParkedFilter, RecordRef, StoredParkedChange } from '../../ports/state-store.ts';
import { frozen } from './frozen.ts';

/** Parked changes and the pointers to them. */
export interface MemoryParkedChanges {
  park(parked: ParkedChange, etag: string): void;
  unpark(mapId: string, identity: string, id: string): void;
  list(filter: ParkedFilter): StoredParkedChange[];
  remove(stored: StoredParkedChange): boolean;
  addWaiter(awaited: RecordRef, identity: string, mapId: string): void;
  listWaiters(mapId: string, keys: readonly string[]): StoredParkedChange[];
}

/** Map ids hold no space, so the pair is unambiguous. */
export function named(mapId: string, rest: string): string {
  return `${mapId} ${rest}`;
}

export function createMemoryParkedChanges(): MemoryParkedChanges {
  const parkedByName = new Map<string, StoredParkedChange>();
  /** Awaited record to the names of parked changes. */
  const waiters = new Map<string, Set<string>>();

  function waitersOf(awaited: string): StoredParkedChange[] {
    const names = waiters.get(awaited);
    if (names === undefined) return [];
    const found: StoredParkedChange[] = [];
    for (const name of names) {
      const stored = parkedByName.get(name);
      if (stored === undefined) names.delete(name);
      else found.push(stored);
    }
    if (names.size === 0) waiters.delete(awaited);
    return found;
  }

  return {
    park(parked, etag) {
      const name = named(parked.mapId, parked.identity);
      parkedByName.set(name, { parked: frozen(coalesceParked(parkedByName.get(name)?.parked, parked)), etag });
    },
    unpark(mapId, identity, id) {
      const name = named(mapId, identity);
      if (parkedByName.get(name)?.parked.id === id) parkedByName.delete(name);
    },
    list: (filter) =>
      [...parkedByName.values()]
        .filter(({ parked }) => passes(parked, filter))
        .sort(
          (left, right) => rank(left.parked) - rank(right.parked) || left.parked.parkedAtMs - right.parked.parkedAtMs,
        )
        .slice(0, filter.limit),
    remove({ parked, etag }) {
      const name = named(parked.mapId, parked.identity);
      return parkedByName.get(name)?.etag === etag && parkedByName.delete(name);
    },
    addWaiter(awaited, identity, mapId) {
      const name = named(awaited.mapId, awaited.key);
      const names = waiters.get(name);
      if (names === undefined) waiters.set(name, new Set([named(mapId, identity)]));
      else names.add(named(mapId, identity));
    },
    listWaiters: (mapId, keys) => (waiters.size === 0 ? [] : keys.flatMap((key) => waitersOf(named(mapId, key)))),
  };
}

/** What waits first is due first; what nothing but a person releases comes last. */
function rank({ dueAtMs }: ParkedChange): number {
  return dueAtMs ?? Number.MAX_SAFE_INTEGER;
}

function passes(parked: ParkedChange, filter: ParkedFilter): boolean {
  if (filter.mapId !== undefined && parked.mapId !== filter.mapId) return false;
  if (filter.identity !== undefined && parked.identity !== filter.identity) return false;
  if (filter.reason !== undefined && parked.reason !== filter.reason) return false;
  return filter.dueByMs === undefined || (parked.dueAtMs !== null && parked.dueAtMs <= filter.dueByMs);
}
