import type { ConflictDraft } from '../conflict/conflict.ts';
import { detachedLink, half, pairOf } from '../link/link.ts';
import { fieldValue } from '../map/compiled-map.ts';
import { otherSide, type Side } from '../record/side.ts';
import { decideInsert } from './decide-insert.ts';
import type { Decision } from './decision.ts';
import { type DecideInput, rowOf, settled } from './record-facts.ts';
import { approvalWait } from './waits.ts';

/** After this many refused deletions the surviving row brings the deleted one back. */
export const DELETE_REFUSALS_MAX = 3;

/** One side deleted the row: the other follows, unless it has news or is needed by others. */
export function decideDeleted(input: DecideInput, present: Side): Decision {
  const { map, link } = input;
  const missing = otherSide(present);
  const refused = link.deleteRefusals >= DELETE_REFUSALS_MAX;
  const changed = refused ? null : firstChange(input, present);
  if (refused || changed !== null) return decideReturn(input, present, changed, refused);
  const policy = map.sides[present].writable ? map.deletes[missing] : 'ignore';
  if (policy === 'ignore') return settled(detachedLink(link, missing), 'filtered');
  const asks = input.deletion === 'held' || (policy === 'require-approval' && input.deletion !== 'approved');
  if (asks) return settled(link, 'waiting', { wait: approvalWait(input, missing, input.deletion === 'held') });
  if (policy === 'deactivate') return settled(link, 'deleted', { deactivate: present });
  return settled(link, 'deleted', { delete: present, conflicts: assumedValues(input, present) });
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
  const changed = input.map.fields.find((field) => {
    const before = half(input.link.base?.[field.id], present);
    if (!field.flowsFrom[present] || fieldValue(field, present, row.values) === before) return false;
    // The number that a new row was given is nobody's edit.
    return !(present === 'finops' && before === null && field.finops === input.map.numbering?.column);
  });
  return changed?.id ?? null;
}
