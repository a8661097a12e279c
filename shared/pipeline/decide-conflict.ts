import type { Change, FieldDecision } from '../core/change/change.ts';
import type { Conflict } from '../core/conflict/conflict.ts';
import { type Fault, failure, type Result, success } from '../core/fault/fault.ts';
import { type BasePair, half } from '../core/link/link.ts';
import type { CompiledField } from '../core/map/compiled-map.ts';
import { canonicalValue, NotCanonicalError } from '../core/record/canonical-value.ts';
import { fingerprint } from '../core/record/fingerprint.ts';
import { otherSide, SIDES, type Side } from '../core/record/side.ts';
import type { RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { type ShownConflict, samePair, showConflicts } from './show-conflicts.ts';

/** What a person wants of a conflict: one side's value, a value of their own, or the value that lost back. */
export type Choice = { take: Side } | { value: string | null; side: Side } | 'undo';

export interface ConflictRef extends RecordRef {
  conflictId: string;
}

/**
 * Decides a conflict: the decision is enqueued like any change, and holds only while both sides still show `seen`.
 * Faults: TW214 there is no such conflict, it is about a whole row, its field flows one way or is given at creation
 * only, or it is not clear what would be undone; TW215 the values have moved on; TW301 and TW302 the value has no form
 * on the other side.
 */
export async function decideConflict(
  deps: Dependencies,
  ref: ConflictRef,
  seen: BasePair,
  choice: Choice,
  actor: string,
): Promise<Result<FieldDecision>> {
  const found = (await showConflicts(deps, ref)).find(({ conflict }) => conflict.id === ref.conflictId);
  const route = await deps.maps.find(ref.mapId);
  const field = route?.map.fields.find(({ id }) => id === found?.conflict.field);
  if (found === undefined || route === null) return failure(undecidable(ref, 'There is no such conflict'));
  if (field === undefined || found.current === null) return failure(undecidable(ref, 'It is not about a mapped field'));
  if (SIDES.some((side) => !field.flowsFrom[side])) return failure(undecidable(ref, `${field.id} flows one way only`));
  const fixed = SIDES.find((side) => route.map.sides[side].createOnly.has(field[side]));
  if (fixed !== undefined) return failure(undecidable(ref, `${field[fixed]} can be given at creation only`));
  if (!samePair(found.current, seen)) return failure(movedOn(ref, found.current));
  const picked = pick(found, found.current, choice);
  if (picked === null) return failure(undecidable(ref, 'Which value is to come back is not clear: name it'));
  const canonical = canonicalOf(field, picked, (side) => route.map.sides[side].typeOf(field[side]));
  if (!canonical.ok) return canonical;
  const decision: FieldDecision = {
    conflictId: ref.conflictId,
    field: field.id,
    seen,
    side: picked.side,
    value: canonical.value,
    actor,
    atMs: deps.clock.nowMs(),
  };
  const change = hintOf(ref, decision);
  const id = `decision-${fingerprint(JSON.stringify([ref, decision]))}`;
  await deps.queue.send([{ id, body: { type: 'change', change } }]);
  deps.telemetry.emit({ event: 'conflict.decided', mapId: ref.mapId, key: ref.key, field: field.id, actor });
  return success(decision);
}

interface Picked {
  side: Side;
  value: string | null;
}

function pick({ conflict, decision }: ShownConflict, current: BasePair, choice: Choice): Picked | null {
  if (choice !== 'undo') {
    return 'take' in choice ? { side: choice.take, value: half(current, choice.take) } : choice;
  }
  // What a person decided is undone by the other of the two values, unless it was neither of them.
  const winner = decision === null ? conflict.winner : sideOf(conflict, decision);
  if (winner === null) return null;
  return { side: otherSide(winner), value: half(conflict.values, otherSide(winner)) };
}

function sideOf({ values }: Conflict, { side, value }: Picked): Side | null {
  return half(values, side) === value ? side : null;
}

/** In canonical form, and with a form on the other side. */
export function canonicalOf(
  field: CompiledField,
  { side, value }: Picked,
  typeOf: (side: Side) => Parameters<typeof canonicalValue>[1],
): Result<string | null> {
  try {
    const canonical = canonicalValue(value, typeOf(side));
    const converted = field.convert(side, canonical);
    if (converted.ok) return success(canonical);
    const { code, message } = converted;
    return failure({ code, class: 'mapping', field: field.id, message: `${field.id}: ${message}.` });
  } catch (error) {
    if (!(error instanceof NotCanonicalError)) throw error;
    return failure({ code: 'TW302', class: 'mapping', field: field.id, message: `${field.id}: ${error.message}.` });
  }
}

function hintOf({ mapId, key }: RecordRef, decision: FieldDecision): Change {
  const hint = { hinted: [...SIDES], rowIds: {}, deletedIds: {}, full: true, attempts: 0, releases: 0 };
  return { mapId, key, ...hint, decisions: [decision], sinceMs: decision.atMs };
}

function undecidable({ mapId, key, conflictId }: ConflictRef, why: string): Fault {
  const message = `Conflict ${conflictId} of record ${key} (${mapId}) cannot be decided. ${why}.`;
  return { code: 'TW214', class: 'business', message };
}

function movedOn({ mapId, key }: ConflictRef, [finops, dataverse]: BasePair): Fault {
  const now = `F&O now holds ${JSON.stringify(finops)}, Dataverse ${JSON.stringify(dataverse)}`;
  const message = `Record ${key} (${mapId}) has moved on: ${now}. Look at the new values, then decide.`;
  return { code: 'TW215', class: 'stale', message };
}
