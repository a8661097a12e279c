import type { Side } from '../record/side.ts';
import type { Change, FieldDecision } from './change.ts';

/** Names the record that a change is about: its key, or the row that is all that is known of it. */
export function changeIdentity(change: Pick<Change, 'key' | 'hinted' | 'rowIds'>): string {
  if (change.key !== null) return `k|${change.key}`;
  const [side] = change.hinted;
  return `r|${side ?? ''}|${(side && change.rowIds[side]?.[0]) ?? ''}`;
}

/** Hints about the same record become one; what delete events said is kept. */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const byIdentity = new Map<string, Change>();
  for (const change of changes) {
    const identity = `${change.mapId}|${changeIdentity(change)}`;
    const known = byIdentity.get(identity);
    byIdentity.set(identity, known === undefined ? change : mergeTwo(known, change));
  }
  return [...byIdentity.values()];
}

/**
 * One parked change per record: it waits since the earlier parking, for the reason of the later one. Only where that one
 * waits for a person and the earlier one for time, the earlier reason stands: what it holds may be that person's decision,
 * and whatever is still to be decided is found again.
 */
export function coalesceParked<
  Parked extends { id: string; change: Change; parkedAtMs: number; dueAtMs: number | null },
>(earlier: Parked | undefined, later: Parked): Parked {
  if (earlier === undefined) return later;
  const change = mergeTwo(earlier.change, later.change);
  if (keepsWaiting(earlier, later)) return { ...earlier, id: later.id, change };
  return { ...later, change, parkedAtMs: Math.min(earlier.parkedAtMs, later.parkedAtMs) };
}

/** Whether the earlier of two parkings is still due when it was. */
export function keepsWaiting(earlier: { dueAtMs: number | null }, later: { dueAtMs: number | null }): boolean {
  return later.dueAtMs === null && earlier.dueAtMs !== null;
}

function mergeTwo(earlier: Change, later: Change): Change {
  return {
    mapId: earlier.mapId,
    key: earlier.key ?? later.key,
    hinted: [...earlier.hinted.filter((side) => !later.hinted.includes(side)), ...later.hinted],
    rowIds: mergeIds(earlier.rowIds, later.rowIds),
    deletedIds: mergeIds(earlier.deletedIds, later.deletedIds),
    ...mergeDecisions(earlier.decisions ?? [], later.decisions ?? []),
    ...(earlier.approved === true || later.approved === true ? { approved: true } : {}),
    full: earlier.full || later.full,
    ...(earlier.apart === true || later.apart === true ? { apart: true } : {}),
    ...mergeFaults(earlier.lastFault, later.lastFault),
    attempts: Math.max(earlier.attempts, later.attempts),
    releases: Math.max(earlier.releases, later.releases),
    sinceMs: Math.min(earlier.sinceMs, later.sinceMs),
  };
}

function mergeFaults(earlier: Change['lastFault'], later: Change['lastFault']): Pick<Change, 'lastFault'> {
  const lastFault = later ?? earlier;
  return lastFault === undefined ? {} : { lastFault };
}

/** One decision a field: the later one. */
function mergeDecisions(earlier: readonly FieldDecision[], later: readonly FieldDecision[]): Pick<Change, 'decisions'> {
  const inOrder = [...earlier, ...later].sort((left, right) => left.atMs - right.atMs);
  const byField = new Map(inOrder.map((decision) => [decision.field, decision]));
  return byField.size === 0 ? {} : { decisions: [...byField.values()] };
}

type Ids = Partial<Record<Side, readonly string[]>>;

function mergeIds(left: Ids, right: Ids): Ids {
  const merged: Ids = {};
  for (const side of ['finops', 'dataverse'] as const) {
    const ids = new Set([...(left[side] ?? []), ...(right[side] ?? [])]);
    if (ids.size > 0) merged[side] = [...ids];
  }
  return merged;
}
