import type { Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { longerPause } from '../core/fault/retry-policy.ts';
import { type Link, ownRowId } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import { provisionalKey, unnumberedRowId } from '../core/map/numbering.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row, RowState } from '../core/record/row.ts';
import { type PerSide, SIDES, type Side } from '../core/record/side.ts';
import type { StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

export interface ReadRows {
  /** Row states of the records that could be read. */
  states: Map<RecordKey, PerSide<RowState>>;
  /** Rows that were found by an id and are of another record than the one that was asked for. */
  strangers: Map<RecordKey, RecordKey>;
  strays: Stray[];
  /** The side that could not be asked, and the records that needed it. */
  failed: { keys: Set<RecordKey>; fault: Fault; side: Side } | null;
}

/**
 * Reads what the plans need, many keys per call: always the side that said something, the other one only where the
 * link does not vouch for it. What is not read is assumed, and the write that rests on it is conditional.
 */
export async function readRows(
  deps: Dependencies,
  map: CompiledMap,
  changes: readonly Change[],
  links: ReadonlyMap<RecordKey, StoredLink>,
  fresh: ReadonlyMap<string, Row>,
): Promise<ReadRows> {
  const result: ReadRows = { states: new Map(), strangers: new Map(), strays: [], failed: null };
  const [finops, dataverse] = await Promise.all(SIDES.map((side) => readSide(deps, map, side, changes, links, fresh)));
  for (const change of changes) {
    const key = change.key ?? '';
    const states = { finops: finops?.states.get(key), dataverse: dataverse?.states.get(key) };
    if (states.finops !== undefined && states.dataverse !== undefined) {
      result.states.set(key, { finops: states.finops, dataverse: states.dataverse });
    }
  }
  for (const read of [finops, dataverse]) {
    for (const [key, actual] of read?.strangers ?? []) result.strangers.set(key, actual);
    result.strays.push(...(read?.strays ?? []));
    if (read?.failed == null) continue;
    const fault = longerPause(result.failed?.fault ?? null, read.failed.fault);
    result.failed = fault === read.failed.fault ? read.failed : result.failed;
  }
  return result;
}

/** A row that a change about one record named, and that bears the key of another. */
export interface Stray {
  from: RecordKey;
  to: RecordKey;
  side: Side;
  id: string;
}

interface SideRead {
  states: Map<RecordKey, RowState>;
  strangers: Map<RecordKey, RecordKey>;
  strays: Stray[];
  failed: ReadRows['failed'];
}

interface WantedRow {
  change: Change;
  key: RecordKey;
  link: Link | undefined;
  rowId: string | null;
}

/**
 * Linked, or created under the id that was chosen for it, or found by that of the Dataverse row that it was created for:
 * then it is the record's under whatever key it bears.
 */
function isOwnRow(map: CompiledMap, key: RecordKey, link: Link | undefined, side: Side, row: Row): boolean {
  if (link?.state !== 'tombstone' && provisionalKey(map, side, row) === key) return true;
  if (link === undefined || ownRowId(link, side) !== row.id) return false;
  return link.state === 'linked' || link.sides[side].rowId === null;
}

/** A record that has moved to another key has taken its rows along. */
function rowIdOf(map: CompiledMap, change: Change, side: Side, link: Link | undefined): string | null {
  if (link?.state === 'tombstone' && link.movedTo !== null) return null;
  const unnumbered = side === 'dataverse' ? unnumberedRowId(map, change.key ?? '') : null;
  return (link === undefined ? null : ownRowId(link, side)) ?? change.rowIds[side]?.at(-1) ?? unnumbered;
}

async function readSide(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  changes: readonly Change[],
  links: ReadonlyMap<RecordKey, StoredLink>,
  fresh: ReadonlyMap<string, Row>,
): Promise<SideRead> {
  const result: SideRead = { states: new Map(), strangers: new Map(), strays: [], failed: null };
  const wanted: WantedRow[] = [];
  for (const change of changes) {
    const key = change.key ?? '';
    const link = links.get(key)?.link;
    const row = fresh.get(`${side}|${key}`);
    if (row !== undefined && link === undefined) result.states.set(key, rowState(map, side, row));
    else if (needsReading(map, side, change, link)) {
      wanted.push({ change, key, link, rowId: rowIdOf(map, change, side, link) });
    } else result.states.set(key, link?.state === 'linked' ? { state: 'assumed' } : absent(change, side));
  }
  if (wanted.length > 0) await readWanted(deps, map, side, wanted, result);
  if (result.failed === null) await readStrays(deps, map, side, changes, links, result);
  return result;
}

/**
 * The index of ids may name a record that a row was never linked to: what is told of that row is not for the record's own
 * row to answer, but concerns the record whose key the row bears.
 */
async function readStrays(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  changes: readonly Change[],
  links: ReadonlyMap<RecordKey, StoredLink>,
  result: SideRead,
): Promise<void> {
  const strays = changes.flatMap((change) => {
    const key = change.key ?? '';
    const link = links.get(key)?.link;
    if (link?.state !== 'linked') return [];
    const gone = change.deletedIds[side] ?? [];
    const named = (change.rowIds[side] ?? []).filter((id) => id !== link.sides[side].rowId && !gone.includes(id));
    return named.map((id) => ({ key, id }));
  });
  if (strays.length === 0) return;
  const read = await deps.sides[side].readByIds(map, [...new Set(strays.map(({ id }) => id))]);
  for (const { key, id } of strays) {
    if (!read.ok) result.states.delete(key);
    const row = read.ok ? read.value.get(id) : undefined;
    const actual = row === undefined ? null : map.keyOf(side, row);
    if (actual !== null && actual !== key) result.strays.push({ from: key, to: actual, side, id });
  }
  if (!read.ok) result.failed = { keys: new Set(strays.map(({ key }) => key)), fault: read.fault, side };
}

async function readWanted(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  wanted: readonly WantedRow[],
  result: SideRead,
): Promise<void> {
  const read = await deps.sides[side].read(map, wanted);
  if (!read.ok) {
    result.failed = { keys: new Set(wanted.map((want) => want.key)), fault: read.fault, side };
    return;
  }
  for (const { key, change, link } of wanted) {
    const row = read.value.get(key);
    const actual = row === undefined ? null : map.keyOf(side, row);
    if (row !== undefined && isAnothers(map, side, change, link, row)) result.states.set(key, absent(change, side));
    else if (row !== undefined && (actual === key || isOwnRow(map, key, link, side, row)))
      result.states.set(key, rowState(map, side, row));
    else {
      result.states.set(key, absent(change, side, leftBy(map, key, side, link, row)));
      if (actual !== null) result.strangers.set(key, actual);
    }
  }
}

/**
 * A link vouches for a side that said nothing when it is settled: linked, no open intent, nothing open or going back,
 * the base confirmed and its version known. With no link, an insert that the side itself refuses over an existing key
 * needs no look before.
 */
function needsReading(map: CompiledMap, side: Side, change: Change, link: Link | undefined): boolean {
  if (change.hinted.includes(side) || change.full) return true;
  // Whether the row is inactive decides how it is edited, and the link does not tell it.
  if (map.sides[side].reopening !== null) return true;
  if (link === undefined) return !map.sides[side].uniqueKey;
  // Another version of the map may read other columns, and by another filter.
  if (link.plannedBy !== map.version) return true;
  // What is parked may be about this side, and this plan's success takes it out.
  if (link.parked !== null) return true;
  const { version, confirmed, presence } = link.sides[side];
  if (link.state === 'new') return !map.sides[side].uniqueKey || link.intent !== null || presence === 'outside';
  const settled =
    link.intent === null && link.backflow === null && link.assumed.length === 0 && Object.keys(link.open).length === 0;
  return !(link.state === 'linked' && settled && confirmed && presence === 'present' && version !== null);
}

function rowState(map: CompiledMap, side: Side, row: Row): RowState {
  return { state: map.sides[side].inFilter(row.values) ? 'in' : 'outside', row };
}

/** The record's own row is told to be deleted, and one outside the filter bears its key now: it is for another map. */
function isAnothers(map: CompiledMap, side: Side, change: Change, link: Link | undefined, row: Row): boolean {
  const own = link?.state === 'linked' ? link.sides[side].rowId : null;
  if (own === null || own === row.id || map.sides[side].inFilter(row.values)) return false;
  return change.deletedIds[side]?.includes(own) === true;
}

/**
 * A record that ended keeps no row: one that bears another key is of the record of that key. So is, unread, the F&O row
 * of a record that ended before it had its number.
 */
function leftBy(map: CompiledMap, key: RecordKey, side: Side, link: Link | undefined, row: Row | undefined): string[] {
  if (link?.state !== 'tombstone') return [];
  const { rowId } = link.sides[side];
  if (row !== undefined) return [row.id];
  return side === 'finops' && rowId !== null && unnumberedRowId(map, key) !== null ? [rowId] : [];
}

function absent(change: Change, side: Side, left: readonly string[] = []): RowState {
  return { state: 'absent', deletedIds: [...(change.deletedIds[side] ?? []), ...left], scanned: false };
}
