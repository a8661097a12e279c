import type { FieldDecision } from '../change/change.ts';
import type { Base, BasePair, Link } from '../link/link.ts';
import { half, pairOf } from '../link/link.ts';
import { type CompiledField, type CompiledMap, fieldValue } from '../map/compiled-map.ts';
import { isNumberToGive } from '../map/numbering.ts';
import type { CanonicalValue } from '../record/canonical-value.ts';
import { epochMs } from '../record/instant.ts';
import type { Row } from '../record/row.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { ConflictDraft } from './conflict.ts';

export interface MergeInput {
  map: CompiledMap;
  link: Link;
  /** Null at first contact: the map's master then decides where values differ. */
  base: Base | null;
  rows: PerSide<Row>;
  /** Side whose event started this; for `source-wins`. */
  source: Side;
  decisions: readonly FieldDecision[];
}

/** What a merge decides; `writes` are the pairs that each side has still to be given its half of. */
export interface Merge {
  base: Base;
  writes: PerSide<Base>;
  open: Base;
  conflicts: ConflictDraft[];
  /** The first value that has no form on the other side. */
  fault: { field: string; side: Side; code: 'TW301' | 'TW302'; message: string } | null;
}

type Verdict =
  | { kind: 'keep' }
  | { kind: 'agree'; pair: BasePair }
  | { kind: 'take'; from: Side; conflict?: ConflictDraft }
  | { kind: 'set'; pair: BasePair }
  | { kind: 'fault'; fault: NonNullable<Merge['fault']> }
  | { kind: 'open'; conflict: ConflictDraft };

/**
 * Three-way merge of every mapped field on canonical values: unchanged sides follow changed ones, equal changes agree,
 * unequal ones go by the field's policy, and edits of different fields always merge.
 */
export function mergeFields(input: MergeInput): Merge {
  const base: Record<string, BasePair> = { ...input.base };
  const writes: PerSide<Record<string, BasePair>> = { finops: {}, dataverse: {} };
  const open: Record<string, BasePair> = {};
  const merge: Merge = { base, writes, open, conflicts: [], fault: null };
  for (const field of input.map.fields) {
    const decision = input.decisions.find((each) => each.field === field.id);
    const decided = decision === undefined ? null : judgeDecision(field, decision, valuesOf(field, input.rows));
    if (decision !== undefined && decided === null) merge.conflicts.push(refused(decision, input.rows, field));
    apply(field, decided ?? judge(field, input), input, merge, { base, writes, open });
  }
  return merge;
}

interface Outcome {
  base: Record<string, BasePair>;
  writes: PerSide<Record<string, BasePair>>;
  open: Record<string, BasePair>;
}

function apply(field: CompiledField, verdict: Verdict, input: MergeInput, merge: Merge, outcome: Outcome): void {
  switch (verdict.kind) {
    case 'keep':
      return;
    case 'agree':
      outcome.base[field.id] = verdict.pair;
      return;
    case 'open':
      outcome.open[field.id] = verdict.conflict.values;
      merge.conflicts.push(verdict.conflict);
      return;
    case 'take':
      take(field, verdict, input, merge, outcome);
      return;
    case 'set':
      set(field, verdict.pair, input, outcome);
      return;
    case 'fault':
      merge.fault ??= verdict.fault;
  }
}

/** Each side that does not show its half yet is given it. */
function set(field: CompiledField, pair: BasePair, { rows }: MergeInput, { base, writes }: Outcome): void {
  const lacking = SIDES.filter((side) => fieldValue(field, side, rows[side].values) !== half(pair, side));
  for (const side of lacking) writes[side][field.id] = pair;
  if (lacking.length === 0) base[field.id] = pair;
}

function take(
  field: CompiledField,
  { from, conflict }: Extract<Verdict, { kind: 'take' }>,
  input: MergeInput,
  merge: Merge,
  { writes, base }: Outcome,
): void {
  if (conflict !== undefined) merge.conflicts.push(conflict);
  const to = otherSide(from);
  const value = fieldValue(field, from, input.rows[from].values);
  const converted = field.convert(from, value);
  if (!converted.ok) {
    merge.fault ??= { field: field.id, side: from, code: converted.code, message: converted.message };
    return;
  }
  const current = fieldValue(field, to, input.rows[to].values);
  const pair = pairOf(from, value, converted.value);
  // A value that the target can only hold from birth, or holds already: the pair is agreed as it stands.
  if (input.map.sides[to].createOnly.has(field[to]) || current === converted.value) {
    base[field.id] = pairOf(from, value, current);
    return;
  }
  writes[to][field.id] = pair;
  if (conflict === undefined && input.link.assumed.includes(field.id)) {
    merge.conflicts.push({
      field: field.id,
      base: input.base?.[field.id] ?? null,
      values: pairOf(from, value, current),
      rule: 'assumed-own-write',
      winner: from,
      loserValue: current,
    });
  }
}

/** Null where a side shows neither what the person saw nor what was decided: the decision does not hold any more. */
function judgeDecision(field: CompiledField, decision: FieldDecision, values: BasePair): Verdict | null {
  const { side, value, seen } = decision;
  const converted = field.convert(side, value);
  if (!converted.ok) {
    const { code, message } = converted;
    return { kind: 'fault', fault: { field: field.id, side, code, message } };
  }
  const pair = pairOf(side, value, converted.value);
  const holds = SIDES.every((each) => [half(seen, each), half(pair, each)].includes(half(values, each)));
  return holds ? { kind: 'set', pair } : null;
}

function refused(decision: FieldDecision, rows: PerSide<Row>, field: CompiledField): ConflictDraft {
  const { field: id, seen, value } = decision;
  const values = valuesOf(field, rows);
  return { field: id, base: seen, values, rule: 'decision-refused', winner: null, loserValue: value };
}

function judge(field: CompiledField, input: MergeInput): Verdict {
  const values = valuesOf(field, input.rows);
  if (isNumberToGive(input.map, field, values)) return { kind: 'take', from: 'finops' };
  const base = input.base?.[field.id];
  if (base === undefined) return judgeFirstContact(field, values, input);
  const changed = { finops: values[0] !== base[0], dataverse: values[1] !== base[1] };
  if (!changed.finops && !changed.dataverse) return judgeUnchanged(field, input);
  const agreed = agrees(field, values);
  if (agreed) return { kind: 'agree', pair: values };
  const oneWay = judgeOneWay(field, base, values, changed, input.link);
  if (oneWay !== null) return oneWay;
  if (!changed.dataverse) return { kind: 'take', from: 'finops' };
  if (!changed.finops) return { kind: 'take', from: 'dataverse' };
  return judgeConflict(field, base, values, input);
}

/** Nothing moved, but a server's own answer may still have to be carried back. */
function judgeUnchanged(field: CompiledField, input: MergeInput): Verdict {
  const backflow = input.link.backflow;
  return backflow?.fields.includes(field.id) === true ? { kind: 'take', from: backflow.from } : { kind: 'keep' };
}

/**
 * A one-way field ignores what its target side does; its half of the base follows, so that the next write knows what
 * it overwrites and records it.
 */
function judgeOneWay(
  field: CompiledField,
  base: BasePair,
  values: BasePair,
  changed: PerSide<boolean>,
  link: Link,
): Verdict | null {
  const from = SIDES.find((side) => field.flowsFrom[side]);
  if (from === undefined || field.flowsFrom[otherSide(from)]) return null;
  // A base that was only inferred proves nothing: what did not arrive is carried once more.
  if (!changed[from] && !link.assumed.includes(field.id)) return { kind: 'agree', pair: values };
  const to = otherSide(from);
  const carried = field.convert(from, half(base, from));
  const held = half(values, to);
  const isOurs = held === half(base, to) && carried.ok && held === carried.value;
  if (isOurs) return { kind: 'take', from };
  return { kind: 'take', from, conflict: draft(field, base, values, 'one-way', from) };
}

function judgeFirstContact(field: CompiledField, values: BasePair, input: MergeInput): Verdict {
  if (agrees(field, values)) return { kind: 'agree', pair: values };
  const allowed = SIDES.filter((side) => field.flowsFrom[side]);
  // Rows that were joined by a match rule bear two keys, of which F&O's cannot be changed.
  const isKey = input.map.sides.finops.keyColumns.includes(field.finops);
  const master = isKey ? 'finops' : input.map.master;
  const winner = allowed.includes(master) ? master : allowed[0];
  if (winner === undefined) return { kind: 'keep' };
  if (half(values, otherSide(winner)) === null) return { kind: 'take', from: winner };
  return { kind: 'take', from: winner, conflict: draft(field, null, values, 'master', winner) };
}

function judgeConflict(field: CompiledField, base: BasePair, values: BasePair, input: MergeInput): Verdict {
  const { winner, rule } = decide(field, input);
  if (winner === null) return { kind: 'open', conflict: draft(field, base, values, 'manual', null) };
  return { kind: 'take', from: winner, conflict: draft(field, base, values, rule, winner) };
}

function decide(field: CompiledField, input: MergeInput): { winner: Side | null; rule: ConflictDraft['rule'] } {
  switch (field.policy) {
    case 'finops-wins':
      return { winner: 'finops', rule: 'finops-wins' };
    case 'dataverse-wins':
      return { winner: 'dataverse', rule: 'dataverse-wins' };
    case 'source-wins':
      return { winner: input.source, rule: 'source-wins' };
    case 'manual':
      return { winner: null, rule: 'manual' };
    case 'newest-wins':
      return { winner: newest(input.rows) ?? input.map.master, rule: 'newest-wins' };
  }
}

function newest(rows: PerSide<Row>): Side | null {
  const finops = epochMs(rows.finops.modifiedAt ?? '');
  const dataverse = epochMs(rows.dataverse.modifiedAt ?? '');
  if (finops === null || dataverse === null || finops === dataverse) return null;
  return finops > dataverse ? 'finops' : 'dataverse';
}

function draft(
  field: CompiledField,
  base: BasePair | null,
  values: BasePair,
  rule: ConflictDraft['rule'],
  winner: Side | null,
): ConflictDraft {
  const loserValue: CanonicalValue = winner === null ? null : half(values, otherSide(winner));
  return { field: field.id, base, values, rule, winner, loserValue };
}

/** Equal up to what the transform can express: either direction may prove it. */
function agrees(field: CompiledField, values: BasePair): boolean {
  return SIDES.some((side) => {
    const converted = field.convert(side, half(values, side));
    return converted.ok && converted.value === half(values, otherSide(side));
  });
}

function valuesOf(field: CompiledField, rows: PerSide<Row>): BasePair {
  return [fieldValue(field, 'finops', rows.finops.values), fieldValue(field, 'dataverse', rows.dataverse.values)];
}
