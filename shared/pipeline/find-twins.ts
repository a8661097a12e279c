import type { Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { ownRowId } from '../core/link/link.ts';
import { type CompiledMap, fieldValue } from '../core/map/compiled-map.ts';
import { type RecordKey, recordKey } from '../core/record/record-key.ts';
import type { Row } from '../core/record/row.ts';
import { otherSide, SIDES, type Side } from '../core/record/side.ts';
import { parkedChange } from './park.ts';
import type { Planning } from './planning.ts';
import type { ReadRows } from './read-rows.ts';

interface Lonely {
  change: Change;
  /** The key of the row, by the fields of the match rule. */
  likeness: RecordKey;
}

/**
 * Before a row is created, the map's match rule looks for one that is the record's own under another key. F&O's key stays,
 * for it cannot be changed: a row in F&O takes the change to its own record, a row in Dataverse is taken into this one and
 * given its key. A row that another record holds is nobody else's; of several that are alike a person has to choose.
 */
export async function withTwins(
  planning: Planning,
  changes: readonly Change[],
  read: ReadRows,
): Promise<{ changes: readonly Change[]; fault: Fault | null }> {
  const { twins } = planning.map;
  if (twins === null) return { changes, fault: null };
  const elsewhere = new Set<Change>();
  for (const side of SIDES) {
    const lonely = changes.flatMap((change) => lonelyOn(planning, twins, side, change, read));
    if (lonely.length === 0) continue;
    const wanted = lonely.map(({ likeness }) => ({ key: likeness, rowId: null }));
    const rows = await planning.deps.sides[side].read(twins, wanted);
    if (!rows.ok) return { changes: changes.filter((change) => !elsewhere.has(change)), fault: rows.fault };
    for (const { change, likeness } of lonely) {
      const row = rows.value.get(likeness);
      if (row === undefined || (await isHeld(planning, side, row))) continue;
      if (await joins(planning, side, change, row, read)) continue;
      elsewhere.add(change);
    }
  }
  return { changes: changes.filter((change) => !elsewhere.has(change)), fault: null };
}

function keyOf(change: Change): RecordKey {
  return change.key ?? '';
}

/** A record that was never linked, has a row on one side only, and may have its other row on this side. */
function lonelyOn({ links }: Planning, twins: CompiledMap, side: Side, change: Change, read: ReadRows): Lonely[] {
  const states = read.states.get(keyOf(change));
  const link = links.get(keyOf(change))?.link;
  const from = otherSide(side);
  const source = states?.[from];
  if (source?.state !== 'in' || states?.[side].state !== 'absent' || !twins.sides[side].writable) return [];
  if (link !== undefined && (link.state !== 'new' || link.intent !== null)) return [];
  const likeness = likenessOf(twins, from, source.row);
  return likeness === null ? [] : [{ change, likeness }];
}

/** Null where a field of the rule is empty, or has no form on the other side: nothing is like nothing. */
function likenessOf(twins: CompiledMap, from: Side, row: Row): RecordKey | null {
  const to = otherSide(from);
  const company = twins.sides[from].companyColumn;
  const parts = twins.sides[to].keyColumns.map((column) => {
    if (column === twins.sides[to].companyColumn) return company === null ? null : (row.values[company] ?? null);
    const field = twins.fields.find((each) => each[to] === column);
    const converted = field?.convert(from, fieldValue(field, from, row.values));
    return converted?.ok === true ? converted.value : null;
  });
  return recordKey(parts);
}

/** Of a record already: by the index of ids, or under the key that the row bears. */
async function isHeld({ deps, map }: Planning, side: Side, row: Row): Promise<boolean> {
  const known = await deps.state.findIds(map.id, side, map.sides[side].table, [row.id]);
  const own = map.keyOf(side, row);
  const keys = [...(known.get(row.id) ?? []), ...(own === null ? [] : [own])];
  const links = await deps.state.loadLinks(map.id, keys, new Map());
  return [...links.values()].some(({ link }) => link.state === 'linked' && ownRowId(link, side) === row.id);
}

/** True where the row is taken into the change's own record; else the change is on its way elsewhere, or waits. */
async function joins(planning: Planning, side: Side, change: Change, row: Row, read: ReadRows): Promise<boolean> {
  const { deps, map } = planning;
  const states = read.states.get(keyOf(change));
  if (!map.sides[side].inFilter(row.values) || states === undefined) return true;
  if (row.isOneOfSeveral === true) {
    planning.parked.push(parkedChange(deps, change, 'ambiguous', severalAlike(map, side, change)));
    return false;
  }
  const key = map.keyOf(side, row);
  if (side === 'finops' && key !== null) {
    planning.again.push({ ...change, key, hinted: [...SIDES], rowIds: {}, deletedIds: {}, full: true });
    return false;
  }
  read.states.set(keyOf(change), { ...states, [side]: { state: 'in', row } });
  return true;
}

function severalAlike(map: CompiledMap, side: Side, change: Change): Fault {
  const message = `Record ${keyOf(change)} of ${map.title} is like several rows of ${map.sides[side].table} by the map's match rule. Make it differ from all but one, or give it the key of the right one; then it is tried again by itself.`;
  return { code: 'TW218', class: 'business', message };
}
