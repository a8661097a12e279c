import type { Change } from '../core/change/change.ts';
import { type Link, ownRowId } from '../core/link/link.ts';
import { numberedKey, provisionalKey } from '../core/map/numbering.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import { DELETED_BY_KEY, type RowState } from '../core/record/row.ts';
import { SIDES, type Side } from '../core/record/side.ts';
import { isMoveDone, moveLink, recordArrival } from './move-link.ts';
import { isTakenForNew, type Planning } from './planning.ts';
import type { ReadRows, Stray } from './read-rows.ts';

/** How long to rest while a record is being moved from another key. */
const MOVE_REST_MS = 400;

/**
 * Changes whose link stands where its record is: moves that were begun are completed first, and a hint about a key that
 * a record has left goes to where it went, too.
 */
export async function withoutMoving(planning: Planning, changes: readonly Change[]): Promise<Change[]> {
  const settled: Change[] = [];
  for (const change of changes) if (await isInPlace(planning, change)) settled.push(change);
  return settled;
}

async function isInPlace(planning: Planning, change: Change): Promise<boolean> {
  const stored = planning.links.get(change.key ?? '');
  if (stored === undefined) return true;
  const { movedFrom, state, intent } = stored.link;
  const movedTo = stored.link.movedTo ?? (intent === null ? numberedKey(planning.map, stored.link) : null);
  if (movedTo !== null && state === 'linked') {
    await moveLink(planning, change, stored, movedTo);
    return false;
  }
  if (movedTo !== null) forward(planning, change, movedTo);
  if (movedFrom === null) return true;
  if (await isMoveDone(planning, stored)) {
    const arrived = await recordArrival(planning, stored);
    if (arrived === null) planning.again.push(change);
    else planning.links.set(stored.link.key, arrived);
    return arrived !== null;
  }
  planning.again.push(change, { ...change, key: movedFrom, full: true });
  planning.waitMs = Math.max(planning.waitMs, MOVE_REST_MS);
  return false;
}

/**
 * Rows that belong to another record than the one that was asked for: a row found by its id may bear another key now,
 * and a row found under a new key may be one that is linked under its old one. The hint goes to that record.
 */
export async function withoutRenamed(
  planning: Planning,
  changes: readonly Change[],
  read: ReadRows,
): Promise<Change[]> {
  for (const change of changes) {
    const actual = read.strangers.get(change.key ?? '');
    if (actual !== undefined) forward(planning, change, actual);
  }
  for (const stray of read.strays) forwardStray(planning, changes, stray);
  const holders = new Map<Change, RecordKey>();
  for (const side of SIDES) await findHolders(planning, side, changes, read, holders);
  if (planning.map.numbering !== null) await findNumbered(planning, changes, read, holders);
  for (const [change, holder] of holders) planning.again.push({ ...change, key: holder, full: true });
  return changes.filter((change) => !holders.has(change));
}

/** Only a row that no link holds, and that was not just created, can be one that is linked under another key. */
async function findHolders(
  planning: Planning,
  side: Side,
  changes: readonly Change[],
  read: ReadRows,
  holders: Map<Change, RecordKey>,
): Promise<void> {
  const rows = changes.flatMap((change) => {
    const key = change.key ?? '';
    const state = read.states.get(key)?.[side];
    if (state === undefined || planning.links.get(key)?.link.state === 'linked' || isTakenForNew(change)) return [];
    return idsIn(change, side, state).map((id) => ({ change, key, id }));
  });
  await addHolders(planning, side, rows, holders);
}

async function addHolders(
  { deps, map }: Planning,
  side: Side,
  rows: readonly { change: Change; key: RecordKey; id: string }[],
  holders: Map<Change, RecordKey>,
): Promise<void> {
  if (rows.length === 0) return;
  const known = await deps.state.findIds(
    map.id,
    side,
    map.sides[side].table,
    rows.map(({ id }) => id),
  );
  const others = rows.flatMap(({ change, key, id }) =>
    (known.get(id) ?? []).filter((other) => other !== key).map((other) => ({ change, id, other })),
  );
  if (others.length === 0) return;
  const loaded = await deps.state.loadLinks(
    map.id,
    others.map(({ other }) => other),
    new Map(),
  );
  for (const { change, id, other } of others) {
    const link = loaded.get(other)?.link;
    if (link !== undefined && holds(link, side, id)) holders.set(change, other);
  }
}

/**
 * An F&O row that bears the id of a Dataverse row was created for that row's record, which may not know its number yet:
 * until it does, the number is no record's.
 */
async function findNumbered(
  planning: Planning,
  changes: readonly Change[],
  read: ReadRows,
  holders: Map<Change, RecordKey>,
): Promise<void> {
  const { deps, map, links } = planning;
  const rows = changes.flatMap((change) => {
    const key = change.key ?? '';
    const state = read.states.get(key)?.finops;
    if ((state?.state !== 'in' && state?.state !== 'outside') || links.get(key)?.link.state === 'linked') return [];
    const former = provisionalKey(map, 'finops', state.row);
    return former === null || former === key ? [] : [{ change, former }];
  });
  if (rows.length === 0) return;
  const loaded = await deps.state.loadLinks(
    map.id,
    rows.map(({ former }) => former),
    new Map(),
  );
  for (const { change, former } of rows) {
    const link = loaded.get(former)?.link;
    if (link !== undefined && awaitsNumber(link)) holders.set(change, former);
  }
}

/** The record has not ended, or is about to create a row: one that was created late is its own, too. */
function awaitsNumber({ state, intent }: Link): boolean {
  return state !== 'tombstone' || intent?.writes.finops?.operation === 'insert';
}

/** The row that was read, and those that are told to be deleted: their record may not know that key yet. */
function idsIn({ deletedIds }: Change, side: Side, state: RowState): readonly string[] {
  const deleted = (deletedIds[side] ?? []).filter((id) => id !== DELETED_BY_KEY);
  return state.state === 'in' ? [state.row.id, ...deleted] : deleted;
}

/** Linked to the row, or about to be: what it bears another key for is for that record to say. */
function holds(link: Link, side: Side, rowId: string): boolean {
  return ownRowId(link, side) === rowId && (link.state === 'linked' || link.intent !== null);
}

/** Only the row that was named by mistake: with the others the hint would come back. */
function forwardStray(planning: Planning, changes: readonly Change[], { from, to, side, id }: Stray): void {
  const change = changes.find(({ key }) => key === from);
  if (change === undefined) return;
  const { decisions: _ofTheOther, approved: _too, ...hint } = change;
  planning.again.push({ ...hint, key: to, hinted: [side], rowIds: { [side]: [id] }, deletedIds: {}, full: true });
}

function forward(planning: Planning, change: Change, key: RecordKey): void {
  planning.again.push({ ...change, key, full: true });
}
