import type { FieldDecision } from '../core/change/change.ts';
import { type Fault, failure, type Result, success } from '../core/fault/fault.ts';
import type { BasePair } from '../core/link/link.ts';
import { type CompiledField, type CompiledMap, fieldValue } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row } from '../core/record/row.ts';
import { type PerSide, SIDES, type Side } from '../core/record/side.ts';
import type { StoredParkedChange } from '../ports/state-store.ts';
import { canonicalOf } from './decide-conflict.ts';
import type { Dependencies } from './dependencies.ts';
import { noteActs, selectParked } from './parked-actions.ts';
import { releaseParked } from './release-parked.ts';
import { samePair } from './show-conflicts.ts';

/** The value that a field is to have, in the terms of a side, and what both sides showed to whoever says so. */
export interface FieldEdit {
  field: string;
  side: Side;
  value: string | null;
  seen: BasePair;
}

/** A field of the record that waits, with what both sides hold of it. */
export interface ShownField {
  field: string;
  values: BasePair;
}

/** Names the parked change of one record. */
export interface ParkedRef {
  mapId: string;
  identity: string;
}

/**
 * What both sides hold of the fields that can be edited. Faults: TW216 there is no such parked change, or its record is
 * not on both sides; and as for reading rows.
 */
export async function showFields(deps: Dependencies, ref: ParkedRef): Promise<Result<ShownField[]>> {
  const found = await findEditable(deps, ref);
  if (!found.ok) return found;
  const { map, rows } = found.value;
  const fields = map.fields.filter((field) => isEditable(map, field));
  return success(fields.map((field) => ({ field: field.id, values: valuesOf(field, rows) })));
}

/**
 * Gives fields of the record that waits other values, and lets it be planned afresh with them. The edits travel with the
 * change like the decision of a conflict: they are written to both sides, and hold only while both still show what was
 * seen. Faults: TW216 as for `showFields`, or a field flows one way or is given at creation only; TW215 the values have
 * moved on; TW301 and TW302 a value has no form on the other side.
 */
export async function editParked(
  deps: Dependencies,
  ref: ParkedRef,
  edits: readonly FieldEdit[],
  actor: string,
): Promise<Result<FieldDecision[]>> {
  const found = await findEditable(deps, ref);
  if (!found.ok) return found;
  const decisions: FieldDecision[] = [];
  for (const edit of edits) {
    const decided = decisionOf(deps, found.value, edit, actor);
    if (!decided.ok) return decided;
    decisions.push(decided.value);
  }
  const { stored } = found.value;
  const { change } = stored.parked;
  const others = (change.decisions ?? []).filter(({ field }) => !decisions.some((each) => each.field === field));
  await noteActs(deps, [stored], { verb: 'edited', actor, why: decisions.map(({ field }) => field).join(', ') });
  const edited = { ...stored.parked, change: { ...change, decisions: [...others, ...decisions] } };
  const count = await releaseParked(deps, [{ parked: edited, etag: stored.etag }]);
  deps.telemetry.emit({ event: 'parked.edited', count, actor });
  return success(decisions);
}

interface Editable {
  stored: StoredParkedChange;
  map: CompiledMap;
  rows: PerSide<Row>;
}

async function findEditable(deps: Dependencies, ref: ParkedRef): Promise<Result<Editable>> {
  const [stored] = await selectParked(deps, ref);
  const route = await deps.maps.find(ref.mapId);
  const key = stored?.parked.change.key ?? null;
  if (stored === undefined || route === null || key === null) {
    return failure(notEditable(ref, 'There is no such parked change of a known record'));
  }
  const { map } = route;
  const [finops, dataverse] = await Promise.all(SIDES.map((side) => readRow(deps, map, side, key)));
  if (finops?.ok === false) return finops;
  if (dataverse?.ok === false) return dataverse;
  if (finops?.value == null || dataverse?.value == null) {
    return failure(notEditable(ref, 'Its record is not on both sides: edit the row itself, which tries it again'));
  }
  return success({ stored, map, rows: { finops: finops.value, dataverse: dataverse.value } });
}

async function readRow(deps: Dependencies, map: CompiledMap, side: Side, key: RecordKey): Promise<Result<Row | null>> {
  const link = (await deps.state.loadLinks(map.id, [key])).get(key)?.link;
  const rows = await deps.sides[side].read(map, [{ key, rowId: link?.sides[side].rowId ?? null }]);
  return rows.ok ? success(rows.value.get(key) ?? null) : rows;
}

/** A value that is written to one side only, or only once, cannot be given by a person. */
function isEditable(map: CompiledMap, field: CompiledField): boolean {
  return SIDES.every((side) => field.flowsFrom[side] && !map.sides[side].createOnly.has(field[side]));
}

function decisionOf(
  deps: Dependencies,
  { stored, map, rows }: Editable,
  { field: id, side, value, seen }: FieldEdit,
  actor: string,
): Result<FieldDecision> {
  const { parked } = stored;
  const field = map.fields.find((each) => each.id === id);
  if (field === undefined || !isEditable(map, field)) {
    return failure(notEditable(parked, `${id} is no field that flows both ways`));
  }
  const current = valuesOf(field, rows);
  if (!samePair(current, seen)) return failure(movedOn(parked, id, current));
  const canonical = canonicalOf(field, { side, value }, (each) => map.sides[each].typeOf(field[each]));
  if (!canonical.ok) return canonical;
  const atMs = deps.clock.nowMs();
  return success({ conflictId: `edit-${parked.id}`, field: id, seen, side, value: canonical.value, actor, atMs });
}

function valuesOf(field: CompiledField, rows: PerSide<Row>): BasePair {
  return [fieldValue(field, 'finops', rows.finops.values), fieldValue(field, 'dataverse', rows.dataverse.values)];
}

function notEditable({ mapId, identity }: ParkedRef, why: string): Fault {
  const message = `The parked change ${identity} (${mapId}) cannot be edited. ${why}.`;
  return { code: 'TW216', class: 'business', message };
}

function movedOn({ mapId, identity }: ParkedRef, field: string, [finops, dataverse]: BasePair): Fault {
  const now = `F&O now holds ${JSON.stringify(finops)}, Dataverse ${JSON.stringify(dataverse)}`;
  const message = `${field} of ${identity} (${mapId}) has moved on: ${now}. Look at the new values, then edit.`;
  return { code: 'TW215', class: 'stale', message };
}
