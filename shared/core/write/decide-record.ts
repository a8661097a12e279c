import type { ConflictDraft } from '../conflict/conflict.ts';
import { type Merge, mergeFields } from '../conflict/merge-fields.ts';
import type { Base, Link, LinkSide } from '../link/link.ts';
import { half, newLink, pairOf } from '../link/link.ts';
import { type CompiledMap, fieldValue } from '../map/compiled-map.ts';
import { type RecordKey, recordKeyParts } from '../record/record-key.ts';
import { isProvenAbsent, type Row, type RowState } from '../record/row.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { Decision, SettledOutcome } from './decision.ts';
import { absenceWait, manualWait, mappingWait } from './waits.ts';

export interface DecideInput {
  map: CompiledMap;
  key: RecordKey;
  link: Link;
  rows: PerSide<RowState>;
  source: Side;
}

/** After this many refused deletions the surviving row brings the deleted one back. */
export const DELETE_REFUSALS_MAX = 3;

/** Judges the presence of both rows, then merges their fields. */
export function decideRecord(input: DecideInput): Decision {
  const present = SIDES.filter((side) => isIn(input.rows[side]));
  if (present.length === 2) return decideMerge(input);
  const [only] = present;
  if (only !== undefined) return decideOneSided(input, only);
  return decideNeither(input);
}

function isIn(state: RowState): boolean {
  return state.state === 'in' || state.state === 'assumed';
}

function settled(link: Link, outcome: SettledOutcome, more: Partial<Decision> = {}): Decision {
  const updates = { finops: {}, dataverse: {} };
  const none = { insert: null, delete: null, backflow: false, forget: false, wait: null };
  return { link, outcome, conflicts: [], updates, ...none, ...more };
}

/** The row as read, or as the link says it is. */
function rowOf(input: DecideInput, side: Side): Row {
  const state = input.rows[side];
  if (state.state === 'in' || state.state === 'outside') return state.row;
  const { rowId, address, version } = input.link.sides[side];
  const values: Record<string, string | null> = {};
  // The company is no field of most maps: the record's key tells it, in the folded form in which it is compared.
  const parts = recordKeyParts(input.key);
  input.map.sides[side].keyColumns.forEach((column, index) => {
    values[column] = parts[index] ?? null;
  });
  for (const field of input.map.fields) values[field[side]] = half(input.link.base?.[field.id], side);
  return { id: rowId ?? '', address: address ?? '', version: version ?? '', values };
}

function decideMerge(input: DecideInput): Decision {
  const { map, link } = input;
  const rows = { finops: rowOf(input, 'finops'), dataverse: rowOf(input, 'dataverse') };
  const base = link.state === 'linked' ? link.base : null;
  const merge = mergeFields({ map, link, base, rows, source: input.source });
  if (merge.fault !== null) return settled(link, 'waiting', { wait: mappingWait(input, merge.fault) });
  const pending = SIDES.some((side) => Object.keys(merge.writes[side]).length > 0);
  const open = Object.keys(merge.open).length > 0;
  const reflected = !pending && !open;
  const next: Link = {
    ...link,
    state: 'linked',
    base: merge.base,
    open: merge.open,
    assumed: [],
    backflow: pending ? link.backflow : null,
    detached: null,
    sides: {
      finops: sideAfterRead(link.sides.finops, input.rows.finops, reflected),
      dataverse: sideAfterRead(link.sides.dataverse, input.rows.dataverse, reflected),
    },
  };
  return settled(next, link.state === 'linked' ? 'unchanged' : 'agreed', {
    conflicts: merge.conflicts,
    updates: merge.writes,
    backflow: isBackflow(link, merge),
    wait: open ? manualWait(input, merge) : null,
  });
}

/** All that is written is a server's own answer on its way back. */
function isBackflow(link: Link, merge: Merge): boolean {
  const backflow = link.backflow;
  if (backflow === null) return false;
  const to = otherSide(backflow.from);
  const fields = Object.keys(merge.writes[to]);
  return Object.keys(merge.writes[backflow.from]).length === 0 && fields.every((id) => backflow.fields.includes(id));
}

/** The version is kept only where the base holds all that the row holds: an assumed row is later taken at its word. */
function sideAfterRead(side: LinkSide, state: RowState, reflected: boolean): LinkSide {
  if (state.state !== 'in' && state.state !== 'outside') return side;
  const { id, address, version } = state.row;
  // What is outside is read before anything rests on it; its version only tells whether it has moved.
  if (state.state === 'outside') return { rowId: id, address, version, presence: 'outside', confirmed: true };
  const kept = side.rowId === id ? side.version : null;
  return { rowId: id, address, version: reflected ? version : kept, presence: 'present', confirmed: true };
}

function decideOneSided(input: DecideInput, present: Side): Decision {
  const { map, link, rows } = input;
  const missing = otherSide(present);
  if (rows[missing].state === 'outside') return decideOutside(input, link.state === 'new');
  // A row that was seen but never linked needs no proof: it may have gone before the first write.
  if (link.state !== 'linked' || !wasThere(link, missing)) {
    if (link.detached === missing) return settled(link, 'filtered');
    if (!map.sides[missing].writable) return settled(link, 'one-way', { forget: link.state === 'new' });
    return decideInsert(input, present, []);
  }
  if (!isProvenGone(input, missing)) return settled(link, 'waiting', { wait: absenceWait(input, missing) });
  const gone: LinkSide = { ...link.sides[missing], presence: 'deleted' };
  return decideDeleted({ ...input, link: { ...link, sides: { ...link.sides, [missing]: gone } } }, present);
}

function wasThere(link: Link, side: Side): boolean {
  return ['present', 'outside', 'deleted'].includes(link.sides[side].presence);
}

function isProvenGone({ link, rows }: DecideInput, side: Side): boolean {
  return link.sides[side].presence === 'deleted' || isProvenAbsent(rows[side], link.sides[side].rowId);
}

/** One side deleted the row: the other follows, unless it has news or is needed by others. */
function decideDeleted(input: DecideInput, present: Side): Decision {
  const { map, link } = input;
  const missing = otherSide(present);
  const refused = link.deleteRefusals >= DELETE_REFUSALS_MAX;
  const changed = refused ? null : firstChange(input, present);
  if (refused || changed !== null) return decideReturn(input, present, changed, refused);
  if (map.deletes[missing] === 'propagate' && map.sides[present].writable) {
    return settled(link, 'deleted', { delete: present, conflicts: assumedValues(input, present) });
  }
  const detachedSides = { ...link.sides, [missing]: { ...link.sides[missing], version: null, presence: 'absent' } };
  return settled({ ...link, sides: detachedSides, detached: missing, state: 'tombstone', base: null }, 'filtered');
}

/** Values of the row to be deleted that only an inference says were carried over: they may be a person's. */
function assumedValues(input: DecideInput, present: Side): ConflictDraft[] {
  const row = rowOf(input, present);
  return input.map.fields.flatMap((field): ConflictDraft[] => {
    const value = fieldValue(field, present, row.values);
    if (!input.link.assumed.includes(field.id) || value === null) return [];
    const base = input.link.base?.[field.id] ?? null;
    const values = pairOf(present, value, null);
    const winner = otherSide(present);
    return [{ field: field.id, base, values, rule: 'assumed-own-write', winner, loserValue: value }];
  });
}

/** The missing row is created again from the surviving one, and that it had been deleted is recorded. */
function decideReturn(input: DecideInput, present: Side, changed: string | null, refused: boolean): Decision {
  if (!input.map.sides[otherSide(present)].writable) return settled(input.link, 'one-way');
  const row = rowOf(input, present);
  const field = input.map.fields.find((candidate) => candidate.id === changed);
  const value = field === undefined ? null : fieldValue(field, present, row.values);
  return decideInsert(input, present, [
    {
      field: changed,
      base: changed === null ? null : (input.link.base?.[changed] ?? null),
      values: pairOf(present, value, null),
      rule: refused ? 'delete-refused' : 'update-beats-delete',
      winner: present,
      loserValue: null,
    },
  ]);
}

/** A field that flows from the surviving side and is no longer what both agreed on. */
function firstChange(input: DecideInput, present: Side): string | null {
  if (input.rows[present].state === 'assumed') return null;
  const row = rowOf(input, present);
  const changed = input.map.fields.find(
    (field) =>
      field.flowsFrom[present] && fieldValue(field, present, row.values) !== half(input.link.base?.[field.id], present),
  );
  return changed?.id ?? null;
}

function decideInsert(input: DecideInput, from: Side, conflicts: ConflictDraft[]): Decision {
  const to = otherSide(from);
  const row = rowOf(input, from);
  const pairs: Record<string, readonly [string | null, string | null]> = {};
  for (const field of input.map.fields) {
    const value = fieldValue(field, from, row.values);
    if (!field.flowsFrom[from]) {
      pairs[field.id] = pairOf(from, value, null);
      continue;
    }
    const converted = field.convert(from, value);
    if (!converted.ok) {
      const fault = { field: field.id, side: from, code: converted.code, message: converted.message };
      return settled(input.link, 'waiting', { wait: mappingWait(input, fault) });
    }
    pairs[field.id] = pairOf(from, value, converted.value);
  }
  const sides = {
    ...input.link.sides,
    [from]: sideAfterRead(input.link.sides[from], input.rows[from], false),
    [to]: { rowId: null, address: null, version: null, presence: 'unknown', confirmed: true } satisfies LinkSide,
  };
  const link: Link = { ...input.link, sides, backflow: null, open: {}, assumed: [], detached: null };
  const updates = { finops: {}, dataverse: {}, [to]: pairs } as PerSide<Base>;
  return settled(link, 'agreed', { updates, insert: { side: to, from: row }, conflicts });
}

/** A row that leaves the filter keeps its partner as it is; the base waits for its return. */
function decideOutside(input: DecideInput, forget: boolean): Decision {
  const { link } = input;
  const sides = { finops: sideBesideOutside(input, 'finops'), dataverse: sideBesideOutside(input, 'dataverse') };
  return settled({ ...link, sides }, 'filtered', { forget });
}

function sideBesideOutside({ link, rows }: DecideInput, side: Side): LinkSide {
  const read = sideAfterRead(link.sides[side], rows[side], false);
  return read.presence === 'outside' ? read : { ...read, version: null };
}

function decideNeither(input: DecideInput): Decision {
  const { link, rows } = input;
  const outside = SIDES.some((side) => rows[side].state === 'outside');
  if (link.state === 'new') return outside ? decideOutside(input, false) : decideGone(link);
  const unproven = SIDES.find((side) => {
    return wasThere(link, side) && rows[side].state === 'absent' && !isProvenGone(input, side);
  });
  const oneProven = SIDES.some((side) => isProvenGone(input, side));
  if (unproven !== undefined && !oneProven) return settled(link, 'waiting', { wait: absenceWait(input, unproven) });
  if (outside && unproven === undefined && !oneProven) return decideOutside(input, false);
  const sides = { finops: sideOfTombstone(input, 'finops'), dataverse: sideOfTombstone(input, 'dataverse') };
  return settled(
    { ...link, sides, state: 'tombstone', base: null, open: {}, assumed: [], backflow: null, intent: null },
    'deleted',
  );
}

/** Never one record: only that a row of it had been outside is worth forgetting. */
function decideGone(link: Link): Decision {
  const { sides } = newLink(link.mapId, link.key);
  const known = SIDES.some((side) => link.sides[side].presence === 'outside');
  return settled({ ...link, sides }, 'gone', { forget: !known });
}

/** A row outside the filter may come back into it, so it stays known. */
function sideOfTombstone(input: DecideInput, side: Side): LinkSide {
  const gone: LinkSide = { rowId: null, address: null, version: null, presence: 'absent', confirmed: true };
  const read = sideAfterRead(gone, input.rows[side], false);
  return read.presence === 'outside' ? read : { ...read, version: null };
}
