import type { Change } from '../core/change/change.ts';
import { changeIdentity } from '../core/change/merge-changes.ts';
import { type Link, newLink } from '../core/link/link.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import { SIDES } from '../core/record/side.ts';
import type { RecordCommit, StoredLink, StoredParkedChange } from '../ports/state-store.ts';
import { parkedChange } from './park.ts';
import type { Planning } from './planning.ts';
import { releaseParked, releaseWaiters } from './release-parked.ts';

const NOTHING_ELSE = { audit: [], conflicts: [], park: null, unpark: null } as const;

/**
 * Moves a record's link to the key that both its rows bear now. The old link is claimed and says where it goes, so that
 * nobody writes under it and whoever finds a half of the move completes it; then the new one is inserted; then the old
 * one becomes a tombstone. Both keys are planned again: the old one may have been taken by another row.
 */
export async function moveLink(
  planning: Planning,
  change: Change,
  { link, etag }: StoredLink,
  to: RecordKey,
): Promise<void> {
  const { deps, map } = planning;
  const target = await loadFresh(planning, to);
  if (target?.link.state === 'linked' && target.link.movedFrom !== link.key) {
    await parkCollision(planning, change, { link, etag }, to);
    return;
  }
  const claim = { owner: planning.command.owner, untilMs: planning.claimUntilMs };
  const claimed = await save(planning, { ...link, movedTo: to, claim }, etag);
  if (claimed === null) return planAgain(planning, change);
  await rememberRows(planning, link, to);
  if (target?.link.movedFrom !== link.key) {
    const moved: Link = { ...link, key: to, movedFrom: link.key, movedTo: null, claim: null, parked: null };
    if ((await save(planning, moved, target?.etag ?? null)) === null) return planAgain(planning, change);
  }
  const tombstone: Link = { ...newLink(map.id, link.key), state: 'tombstone', movedTo: to };
  // What waits is about this record, too, and may hold the proof of a deletion: it follows.
  if (link.parked !== null) await releaseParked(deps, await parkedOf(planning, link));
  if ((await save(planning, tombstone, claimed)) !== null) {
    deps.telemetry.emit({ event: 'record.moved', mapId: map.id, key: link.key, to });
    await releaseWaiters(deps, map.id, [link.key]);
    planning.again.push({ ...change, key: to, full: true });
  }
  planAgain(planning, change);
}

/**
 * Whether a link that came from another key may be used: not before the old one is a tombstone. What is left of the
 * move is done by planning the old key.
 */
export async function isMoveDone(planning: Planning, { link }: StoredLink): Promise<boolean> {
  const former = await loadFresh(planning, link.movedFrom ?? '');
  return !(former?.link.state === 'linked' && former.link.movedTo === link.key);
}

/** The move is done: the link says no more where it came from. Null when somebody else saved it first. */
export async function recordArrival(planning: Planning, { link, etag }: StoredLink): Promise<StoredLink | null> {
  const arrived: Link = { ...link, movedFrom: null };
  const saved = await save(planning, arrived, etag);
  return saved === null ? null : { link: arrived, etag: saved };
}

async function loadFresh({ deps, map }: Planning, key: RecordKey): Promise<StoredLink | undefined> {
  return (await deps.state.loadLinks(map.id, [key], new Map())).get(key);
}

function parkedOf({ deps, map }: Planning, { key }: Link): Promise<StoredParkedChange[]> {
  const identity = changeIdentity({ key, hinted: [], rowIds: {} });
  return deps.state.listParked({ mapId: map.id, identity, limit: 1 });
}

/** The link's etag, or null when somebody else saved it first. */
async function save(
  { deps }: Planning,
  link: Link,
  etag: string | null,
  more: Partial<RecordCommit> = {},
): Promise<string | null> {
  const [outcome] = await deps.state.commit([
    { ...NOTHING_ELSE, mapId: link.mapId, key: link.key, link, etag, ...more },
  ]);
  return outcome?.kind === 'saved' ? (outcome.etag ?? '') : null;
}

async function rememberRows({ deps, map }: Planning, link: Link, to: RecordKey): Promise<void> {
  for (const side of SIDES) {
    const { rowId } = link.sides[side];
    if (rowId === null) continue;
    await deps.state.rememberIds(map.id, side, map.sides[side].table, [{ id: rowId, key: to }]);
  }
}

function planAgain(planning: Planning, change: Change): void {
  planning.again.push({ ...change, full: true });
}

/** Another record bears the key already: two records would become one. */
async function parkCollision(
  { deps, map }: Planning,
  change: Change,
  { link, etag }: StoredLink,
  to: RecordKey,
): Promise<void> {
  const message = `Record ${link.key} of ${map.title} bears the key ${to} now, which is another record's. Give one of them another key, or delete it.`;
  const fault = { code: 'TW210', class: 'business', message } as const;
  const park = parkedChange(deps, change, 'key-changed', fault);
  const released = { ...link, movedTo: null, claim: null, parked: park.id };
  await deps.state.commit([{ ...NOTHING_ELSE, mapId: map.id, key: link.key, link: released, etag, park }]);
}
