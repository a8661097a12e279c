import { decisionName, type FieldDecision } from '../change/change.ts';
import type { ConflictDraft } from '../conflict/conflict.ts';
import type { Fault } from '../fault/fault.ts';
import type { Intent, Link } from '../link/link.ts';
import { newLink } from '../link/link.ts';
import { type Settlement, settleIntent } from '../link/settle-intent.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { RowState } from '../record/row.ts';
import { type PerSide, SIDES, type Side } from '../record/side.ts';
import { BREAKER, type BreakerSettings, isAlternating } from './breaker.ts';
import { decideRecord } from './decide-record.ts';
import type { Decision, SettledOutcome, Wait } from './decision.ts';
import { intendedWrites } from './intended-writes.ts';
import { type DeletionConsent, isToldDeleted } from './record-facts.ts';

/** Everything that a plan rests on: rows and link as loaded, and the instants and identifiers it may use. */
export interface PlanInput {
  map: CompiledMap;
  key: RecordKey;
  link: Link | null;
  rows: PerSide<RowState>;
  /** The side whose event started this. */
  source: Side;
  nowMs: number;
  owner: string;
  claimUntilMs: number;
  /** Identifiers this plan may give out: the intent's, a parked change's, and a GUID for a row to be created in Dataverse. */
  ids: { intent: string; parked: string; row: string };
  breaker?: BreakerSettings;
  /** What a deletion needs beyond its proof: nothing more, a person's consent, or it has that consent. */
  deletion: DeletionConsent;
  /** What people decided about fields. */
  decisions: readonly FieldDecision[];
}

export type RecordPlan =
  /** Another batch is writing the record; look again then. */
  | { kind: 'busy'; untilMs: number }
  /** Nothing to write. `link` null: nothing to save either. */
  | ({ kind: 'settled'; link: Link | null; outcome: SettledOutcome; rekey: RecordKey | null } & PlanFindings)
  /** Claimed: the link carries the intent. `again`: plan once more when it is recorded. */
  | ({ kind: 'write'; link: Link; again: boolean } & PlanFindings);

interface PlanFindings {
  conflicts: ConflictDraft[];
  /** What a person or time has to clear; the parked change is saved with the link. */
  wait: Wait | null;
  /** Sides whose last write was found done, though it had never been recorded. */
  healed: readonly Side[];
  /** A write had an unknown outcome, or was only inferred: a conflict found now may be with ourselves. */
  afterUnknown: boolean;
}

/** Clocks of two hosts may differ by this much: an expired claim is taken over only after it. */
export const CLOCK_DIFFERENCE_MS = 30_000;

/**
 * Decides what a record needs now. Pure: the same input gives the same plan. A claim of another owner is respected; an
 * intent that was never recorded is settled first; then rows, filters and deletions are judged and fields are merged.
 */
export function planRecord(input: PlanInput): RecordPlan {
  const loaded = input.link ?? newLink(input.map.id, input.key);
  const claim = loaded.claim;
  if (claim !== null && claim.owner !== input.owner && input.nowMs < claim.untilMs + CLOCK_DIFFERENCE_MS) {
    return { kind: 'busy', untilMs: claim.untilMs + CLOCK_DIFFERENCE_MS };
  }
  const settlement = settleIntent(input.map, loaded, input.rows);
  if (Object.keys(settlement.repeat).length > 0) {
    const link = claimed(settlement.link, input);
    return { kind: 'write', link, conflicts: [], again: true, wait: null, ...foundOf(settlement) };
  }
  const decisions = input.decisions.filter((each) => !loaded.decided.includes(decisionName(each)));
  const decision = decideRecord({ ...input, decisions, link: settlement.link });
  const conflicts = decision.conflicts.filter((conflict) => !isKnownOpenConflict(settlement.link, conflict));
  const settledLink: Link = {
    ...decision.link,
    claim: null,
    parked: decision.wait === null ? null : input.ids.parked,
    plannedBy: input.map.version,
  };
  const writes = intendedWrites(input.map, settledLink, decision, input);
  if (SIDES.every((side) => writes[side] === undefined)) {
    // A deletion moves the etag in any case: who read the row before it must lose the claim.
    const unchanged = input.link !== null && !tellsDeletion(input, decision) && sameLink(settledLink, input.link);
    return {
      kind: 'settled',
      link: unchanged || decision.forget ? null : settledLink,
      outcome: decision.wait === null ? decision.outcome : 'waiting',
      rekey: decision.rekey,
      conflicts,
      wait: decision.wait,
      ...foundOf(settlement),
    };
  }
  // What is parked stays so until the write is recorded.
  const next: Link = { ...settledLink, parked: settledLink.parked ?? loaded.parked };
  if (isAlternating(next.recentWrites, writes, input.nowMs, input.breaker ?? BREAKER)) {
    return waitForPerson(settlement, input);
  }
  const intent: Intent = {
    id: input.ids.intent,
    writes,
    mapVersion: input.map.version,
    besideUnknown: settlement.givenUp,
    seen: seenVersions(input.rows, settlement.link),
    backflow: decision.backflow,
  };
  const link = claimed({ ...next, intent }, input);
  const again = isRenamed(input);
  return { kind: 'write', link, conflicts, again, wait: decision.wait, ...foundOf(settlement) };
}

/** Also of a record that is a tombstone already: whoever read a new row of it before must lose the claim. */
function tellsDeletion({ rows }: PlanInput, { outcome }: Decision): boolean {
  return outcome === 'gone' || (outcome === 'deleted' && SIDES.some((side) => isToldDeleted(rows[side])));
}

/** The link moves to the new key once both rows bear it. */
function isRenamed({ map, key, rows }: PlanInput): boolean {
  return SIDES.some((side) => {
    const state = rows[side];
    return state.state === 'in' && map.keyOf(side, state.row) !== key;
  });
}

/** A write that was only inferred had no answer either: whoever was to keep it died. */
function foundOf({ done, afterUnknown }: Settlement): Pick<PlanFindings, 'healed' | 'afterUnknown'> {
  return { healed: done, afterUnknown: afterUnknown || done.length > 0 };
}

function claimed(link: Link, input: PlanInput): Link {
  return { ...link, claim: { owner: input.owner, untilMs: input.claimUntilMs } };
}

function waitForPerson(settlement: Settlement, input: PlanInput): RecordPlan {
  const fault: Fault = {
    code: 'TW209',
    class: 'business',
    message: `Record ${input.key} of ${input.map.title} goes back and forth between the same values. It was stopped.`,
  };
  const link: Link = { ...settlement.link, claim: null, parked: input.ids.parked };
  const wait: Wait = { reason: 'alternating', fault };
  return { kind: 'settled', link, outcome: 'waiting', rekey: null, conflicts: [], wait, ...foundOf(settlement) };
}

function isKnownOpenConflict(link: Link, conflict: ConflictDraft): boolean {
  if (conflict.rule !== 'manual' || conflict.field === null) return false;
  const known = link.open[conflict.field];
  return known !== undefined && known[0] === conflict.values[0] && known[1] === conflict.values[1];
}

function seenVersions(rows: PerSide<RowState>, link: Link): PerSide<string | null> {
  const seen = (side: Side): string | null => {
    const state = rows[side];
    return state.state === 'in' || state.state === 'outside' ? state.row.version : link.sides[side].version;
  };
  return { finops: seen('finops'), dataverse: seen('dataverse') };
}

/** Equal in everything that is stored: then a no-op need not be saved. */
function sameLink(left: Link, right: Link): boolean {
  return isSame(left, right);
}

/** Of plain data; most parts of a link that came to nothing are the very ones that were loaded. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => isSame(left[name as keyof typeof left], right[name as keyof typeof right]));
}
