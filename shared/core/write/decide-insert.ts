import type { ConflictDraft } from '../conflict/conflict.ts';
import { type Base, type Link, type LinkSide, pairOf } from '../link/link.ts';
import { fieldValue } from '../map/compiled-map.ts';
import { otherSide, type PerSide, type Side } from '../record/side.ts';
import type { Decision } from './decision.ts';
import { type DecideInput, rowOf, settled, sideAfterRead } from './record-facts.ts';
import { mappingWait } from './waits.ts';

/** A row that the other side has not: it is to be created there. */
export function decideInsert(input: DecideInput, from: Side, conflicts: ConflictDraft[]): Decision {
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
  const base = withoutAnswers(input.link);
  const link: Link = {
    ...input.link,
    sides,
    base,
    backflow: null,
    open: {},
    assumed: [],
    detached: null,
    movedTo: null,
  };
  const updates = { finops: {}, dataverse: {}, [to]: pairs } as PerSide<Base>;
  return settled(link, 'agreed', { updates, insert: { side: to, from: row }, conflicts });
}

/** Where an answer was still to go back, the pair is no agreement: without it, what the new row holds is looked at afresh. */
function withoutAnswers({ base, backflow }: Link): Base | null {
  if (base === null || backflow === null) return base;
  return Object.fromEntries(Object.entries(base).filter(([field]) => !backflow.fields.includes(field)));
}
