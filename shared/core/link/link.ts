import type { CanonicalValue, Values } from '../record/canonical-value.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { PerSide, Side } from '../record/side.ts';

/** What both sides held, F&O first, when they last agreed: each side is compared with its own half. */
export type BasePair = readonly [finops: CanonicalValue, dataverse: CanonicalValue];

/** Field id to base pair. */
export type Base = Readonly<Record<string, BasePair>>;

export interface LinkSide {
  rowId: string | null;
  address: string | null;
  /** The etag that the base stands for; null when it must be read before anything rests on it. */
  version: string | null;
  /**
   * `outside`: the row exists and fails the map's filter. `deleted`: proven to be gone, what follows from it is still
   * to be done; the proof is not asked for again.
   */
  presence: 'unknown' | 'present' | 'outside' | 'absent' | 'deleted';
  /** False after a write that answered no values, until the row is next read. */
  confirmed: boolean;
}

/** State and status reason to be written before and after an update; null where that step is not needed. */
export interface Reopening {
  before: Values | null;
  after: Values | null;
}

export interface IntendedWrite {
  operation: 'insert' | 'update' | 'delete' | 'deactivate';
  /** The row to change; for an insert into Dataverse the GUID that was chosen for it. */
  rowId: string | null;
  address: string | null;
  /** The etag that the row must still have; null for inserts. */
  ifMatch: string | null;
  /** Base pairs that hold once the write has happened: the mapped values to write are this side's halves. */
  pairs: Base;
  /** Values besides the mapped ones: constants and the company, at creation. */
  extra: Values;
  /** An update of an inactive row whose table refuses that: what goes before and after, in one transaction with it. */
  reopen?: Reopening;
  /** The write was sent, and nobody knows whether it was carried out. */
  unknown: boolean;
  /** The target answered that it will not carry it out, so it need not be repeated. */
  refused: boolean;
}

/** What is about to be written, saved before it is written, so that a crash leaves evidence. */
export interface Intent {
  /** Names the audit rows of the writes, so that a healed write has one row, too. */
  id: string;
  writes: Partial<PerSide<IntendedWrite>>;
  /** The version of the map that the plan was made by; only it may write this. */
  mapVersion: string;
  /** Versions of the rows that the plan rests on. */
  seen: PerSide<string | null>;
  /** An earlier write, of unknown outcome and refused when it was repeated, was given up for this: it may still land. */
  besideUnknown?: boolean;
  /** The writes carry a server's own answer back to the source; an answer to that is not carried on. */
  backflow: boolean;
}

interface Claim {
  /** Orchestration instance that alone may write this record now. */
  owner: string;
  untilMs: number;
}

export interface RecentWrite {
  atMs: number;
  digest: string;
}

/**
 * The pair of rows that are one record. Saved under its etag, it is the mutual exclusion of the record; a record never
 * seen before is claimed by inserting its link.
 */
export interface Link {
  mapId: string;
  key: RecordKey;
  state: 'new' | 'linked' | 'tombstone';
  sides: PerSide<LinkSide>;
  base: Base | null;
  /** Fields that wait for a person: the values on both sides that were seen in conflict. */
  open: Base;
  /** Fields in which `from` answered another value than was sent; they are carried to the other side once. */
  backflow: { from: Side; fields: readonly string[] } | null;
  intent: Intent | null;
  /**
   * Fields whose base was corrected by inference, until both rows bear what was made of it: what is overwritten because
   * of it is recorded, and a conflict over one of them may be with ourselves.
   */
  assumed: readonly string[];
  claim: Claim | null;
  recentWrites: readonly RecentWrite[];
  /** The latest decisions that were carried out, each by its conflict and instant: delivered again, they are passed over. */
  decided: readonly string[];
  /** Deletions that the target refused since the last success. */
  deleteRefusals: number;
  /** Id of the parked change that was stored beside the link; another one may have taken its place since. */
  parked: string | null;
  /** The key that the record bears now: a move there has begun, or, in a tombstone, is done. */
  movedTo: RecordKey | null;
  /** The key that the record bore before, until the move from there is known to be done. */
  movedFrom: RecordKey | null;
  /** Version of the map that the rows were last judged by: another may read other columns, and by another filter. */
  plannedBy: string | null;
  /** A deletion on this side was not carried over, on purpose: the other side's row stays as it is, unlinked. */
  detached: Side | null;
}

const UNKNOWN_SIDE: LinkSide = { rowId: null, address: null, version: null, presence: 'unknown', confirmed: true };

/** A link that says nothing yet. */
export function newLink(mapId: string, key: RecordKey): Link {
  return {
    mapId,
    key,
    state: 'new',
    sides: { finops: UNKNOWN_SIDE, dataverse: UNKNOWN_SIDE },
    base: null,
    open: {},
    backflow: null,
    intent: null,
    assumed: [],
    claim: null,
    recentWrites: [],
    decided: [],
    deleteRefusals: 0,
    parked: null,
    movedTo: null,
    movedFrom: null,
    plannedBy: null,
    detached: null,
  };
}

/** A deletion that was not carried over, or only by deactivating: the other side's row stays, unlinked. */
export function detachedLink(link: Link, missing: Side): Link {
  const gone: LinkSide = { ...link.sides[missing], version: null, presence: 'absent' };
  const sides = { ...link.sides, [missing]: gone };
  return { ...link, sides, detached: missing, state: 'tombstone', base: null, open: {}, backflow: null };
}

/** The link's row on a side, or the id that was chosen for one that may have been created by now; null where neither is known. */
export function ownRowId({ sides, intent }: Link, side: Side): string | null {
  const write = intent?.writes[side];
  return sides[side].rowId ?? (write?.operation === 'insert' ? write.rowId : null);
}

/** The half of a pair that belongs to a side. */
export function half(pair: BasePair | undefined, side: Side): CanonicalValue {
  return pair === undefined ? null : side === 'finops' ? pair[0] : pair[1];
}

/** A pair from one side's value and the other's. */
export function pairOf(side: Side, own: CanonicalValue, other: CanonicalValue): BasePair {
  return side === 'finops' ? [own, other] : [other, own];
}

/**
 * A field that a person's decision sets on both sides is agreed once both bear it: until then the side that bears it is
 * the one that changed, or the other's old value would pass for an edit.
 */
export function withoutOwed(pairs: Base, owed: IntendedWrite | undefined): Base {
  if (owed === undefined) return pairs;
  return Object.fromEntries(Object.entries(pairs).filter(([field]) => owed.pairs[field] === undefined));
}
