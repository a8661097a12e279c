import type { Conflict } from '../../shared/core/conflict/conflict.ts';
import { otherSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { AuditEntry, RecordRef } from '../../shared/ports/state-store.ts';
import type { CheckInput } from './checks.ts';
import type { Deed } from './history-record.ts';
import { MAPS } from './simulated-maps.ts';

interface RecordStory extends RecordRef {
  conflicts: Conflict[];
  audit: AuditEntry[];
}

/** What must hold of the course of a history, whatever the rows look like at its end. */
export async function judgeCourse(input: CheckInput, refs: readonly RecordRef[]): Promise<string[]> {
  const stories = await Promise.all(
    refs.map(async (ref): Promise<RecordStory> => {
      const [conflicts, audit] = await Promise.all([input.state.listConflicts(ref), input.state.listAudit(ref)]);
      return { ...ref, conflicts, audit };
    }),
  );
  // Who stands still for longer than a claim does not get to record what was written under it.
  const { record, rates } = input;
  const answered = record.kills === 0 && record.unanswered === 0 && rates.stall === 0;
  return [
    ...lostValues(input, stories),
    ...(answered ? unauditedWrites(input, stories) : []),
    ...(answered ? flips(input, stories) : []),
    ...resurrections(input, stories),
    ...mistakenEdits(input, stories),
    ...excessiveWork(input),
  ];
}

/** I5: a value that nobody overwrote knowingly is still shown, or stands in a conflict. */
function lostValues({ sides, record }: CheckInput, stories: readonly RecordStory[]): string[] {
  const kept = new Set<string>();
  for (const side of SIDES) {
    for (const row of sides[side].rows.values()) {
      for (const value of Object.values(row.values)) if (value !== null) kept.add(value.toLowerCase());
    }
  }
  for (const { conflicts } of stories) {
    for (const { values, loserValue } of conflicts) {
      for (const value of [...values, loserValue]) if (value !== null) kept.add(value.toLowerCase());
    }
  }
  const lost: string[] = [];
  for (const [value, { fate }] of record.typed) if (fate === 'shown' && !kept.has(value)) lost.push(value);
  return lost.map((value) => `I5: ${value} was lost`);
}

/**
 * I14: each write has its audit entry; only an inferred one may lack its write, because a person did the same. A write
 * repeated unchanged is one write.
 */
function unauditedWrites({ record }: CheckInput, stories: readonly RecordStory[]): string[] {
  const violations: string[] = [];
  const byRecord = Map.groupBy(record.ownWrites, (write) => `${write.side} ${write.record}`);
  for (const { mapId, key, audit: entries } of stories) {
    for (const side of SIDES) {
      const audit = entries.filter((entry) => entry.side === side);
      const direct = audit.filter((entry) => !entry.inferred).length;
      const writes = byRecord.get(`${side} ${mapId}|${key}`) ?? [];
      const distinct = new Set(writes.map(({ content }) => content)).size;
      if (distinct > audit.length || writes.length < direct) {
        violations.push(`I14: ${mapId} ${key} ${side}: ${writes.length} writes, ${direct} of ${audit.length} answered`);
      }
    }
  }
  return violations;
}

/** No flip-flop: while no answer is lost, we never write a value where it has been before, unless a conflict says so. */
function flips({ record, rates }: CheckInput, stories: readonly RecordStory[]): string[] {
  return record.flips.flatMap(({ side, mapId, key, column, value, over }) => {
    if (rates.plugin > 0 && column.toLowerCase() === 'memo') return [];
    if (record.decidedValues.has(value)) return [];
    const index = side === 'finops' ? 0 : 1;
    // Under whatever key the record was known then: every value is typed once.
    const conflicts = stories.flatMap((story) => (story.mapId === mapId ? story.conflicts : []));
    const told = conflicts.some(({ winner, values }) => winner === otherSide(side) && values[index] === over);
    return told ? [] : [`I5: ${mapId} ${key} ${side} ${column} was set back to ${value} from ${over}`];
  });
}

/**
 * I13: we create a row anew that a person deleted only if somebody on the other side wrote to the record since that
 * row was there, or if a conflict says so.
 */
function resurrections({ record, rates }: CheckInput, stories: readonly RecordStory[]): string[] {
  // Limit: a deletion that raised no event, of a row whose creation had not been recorded.
  if (rates.dropEvent > 0) return [];
  const violations: string[] = [];
  const byRecord = Map.groupBy(record.deeds, (deed) => `${deed.mapId}|${deed.key}`);
  for (const { mapId, key, conflicts, audit } of stories) {
    if (record.createdLate.has(`${mapId}|${key}`)) continue;
    const explained = conflicts.some(({ rule }) => rule === 'update-beats-delete' || rule === 'delete-refused');
    const deeds = explained ? [] : (byRecord.get(`${mapId}|${key}`) ?? []);
    for (const side of SIDES) {
      if (isResurrected(deeds, audit, side)) violations.push(`I13: ${mapId} ${key} came back to ${side}`);
    }
  }
  return violations;
}

function isResurrected(deeds: readonly Deed[], audit: readonly AuditEntry[], side: Side): boolean {
  return deeds.some((deed, index) => {
    if (!(deed.own && deed.kind === 'insert' && deed.side === side)) return false;
    const removedAt = deeds.findLastIndex((other, at) => at < index && other.side === side && other.kind === 'remove');
    const removed = deeds[removedAt];
    if (removed === undefined || removed.own) return false;
    const birth = deeds.findLastIndex(
      (other, at) => at < removedAt && other.rowId === removed.rowId && other.kind === 'insert',
    );
    // Limit: before anything of the row was recorded, the rows were not known to be one record.
    const bornMs = deeds[birth]?.atMs ?? 0;
    const wasOne = audit.some(({ atMs, operation }) => operation !== 'delete' && bornMs <= atMs && atMs < removed.atMs);
    const wrote = (other: Deed): boolean => other.side !== side && !other.own && other.kind !== 'remove';
    return wasOne && !deeds.slice(knownFrom(deeds, birth, side)).some(wrote);
  });
}

/** For so long at most, what our insert was made from may be gone and made anew before the insert is carried out. */
const MADE_FROM_MS = 200_000;

/** From which deed on the row that was born there may not have shown what the other side held. */
function knownFrom(deeds: readonly Deed[], birth: number, side: Side): number {
  const bornMs = deeds[birth]?.atMs ?? 0;
  const gone = deeds.findLastIndex(
    ({ side: other, kind, atMs }, at) =>
      at < birth && other !== side && kind === 'remove' && atMs > bornMs - MADE_FROM_MS,
  );
  return Math.max(0, gone === -1 ? birth : gone);
}

/**
 * I16: both values of a conflict were typed by people, each on its own side, unless the conflict says that one of them
 * may be our own.
 */
function mistakenEdits({ record, rates }: CheckInput, stories: readonly RecordStory[]): string[] {
  const policies = new Set(['finops-wins', 'dataverse-wins', 'newest-wins', 'source-wins', 'manual']);
  // Limit of I13: a row that was created late is taken for a person's.
  const told = stories.filter(({ mapId, key }) => !record.createdLate.has(`${mapId}|${key}`));
  return told.flatMap(({ mapId, key, conflicts }) =>
    conflicts.flatMap(({ rule, afterUnknown, values, field }) => {
      if (!policies.has(rule) || afterUnknown || rates.plugin > 0) return [];
      // What a person decided for both sides, and only one took, is that person's there.
      const isOwn = (value: string): boolean => !record.decidedValues.has(value);
      const [left, right] = values.map((value) =>
        value !== null && isOwn(value) ? record.typed.get(value) : undefined,
      );
      // What was typed into another Dataverse table came to F&O by that table's own map.
      const table = MAPS.find((map) => map.id === mapId)?.sides.dataverse.table;
      const mistaken = (left?.side === 'dataverse' && left.table === table) || right?.side === 'finops';
      return mistaken ? [`I16: ${mapId} ${key} ${field}: ${values.join(' and ')} is no conflict of two people`] : [];
    }),
  );
}

/** Writes beyond one for each edit or decision and map that reads it, each conflict, each lost answer and each kill. */
const WRITES_SLACK = 12;

function excessiveWork({ record, edits, decisions }: CheckInput): string[] {
  const allowed = 2 * (edits + decisions) + record.conflicts + record.unanswered + record.kills + WRITES_SLACK;
  const writes = record.ownWrites.length;
  return writes > allowed ? [`I6: ${writes} writes for ${edits} edits and ${record.conflicts} conflicts`] : [];
}
