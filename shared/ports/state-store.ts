import type { Change, FieldDecision } from '../core/change/change.ts';
import type { Conflict } from '../core/conflict/conflict.ts';
import type { Fault } from '../core/fault/fault.ts';
import type { IntendedWrite, Link } from '../core/link/link.ts';
import type { Values } from '../core/record/canonical-value.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Side } from '../core/record/side.ts';

export interface StoredLink {
  link: Link;
  etag: string;
}

/** What a person did with a parked change. */
export interface ParkedAct {
  verb: 'retried' | 'edited' | 'approved' | 'dismissed';
  actor: string;
  /** What the person gave as the reason, where one is asked for. */
  why: string | null;
  /** Why the change waited. */
  reason: ParkReason;
  fault: Pick<Fault, 'code' | 'message'> | null;
  atMs: number;
}

/** One write to one side, explained. Keyed by the intent, so that a healed write has one row, too. */
export interface AuditEntry {
  /** Intent id and side. */
  id: string;
  mapId: string;
  mapVersion: string;
  key: RecordKey;
  side: Side;
  operation: IntendedWrite['operation'];
  rowId: string | null;
  before: Values;
  after: Values;
  /** The side whose event caused the write. */
  cause: Side;
  /** When the cause was first heard of, and when the write was recorded. */
  sinceMs: number;
  atMs: number;
  /** What people decided and this write carried out. */
  decisions?: readonly Pick<FieldDecision, 'conflictId' | 'field' | 'side' | 'value' | 'actor' | 'atMs'>[];
  /** The write was found done after a crash or a time-out, not answered. */
  inferred: boolean;
}

export type ParkReason =
  | 'paused'
  | 'missing-reference'
  | 'failed'
  | 'throttled'
  | 'offline'
  | 'absence-unproven'
  | 'mapping'
  | 'manual'
  | 'alternating'
  | 'approval'
  | 'unknown-row'
  | 'key-changed'
  | 'merged'
  | 'ambiguous'
  | 'attempts-exhausted'
  | 'dead-lettered';

/** A change that waits. One per record; releasing it enqueues the hint again. */
export interface ParkedChange {
  /** Names this parking: what is parked over it for the same record has another. */
  id: string;
  mapId: string;
  /** `changeIdentity` of the change. */
  identity: string;
  change: Change;
  reason: ParkReason;
  fault: Fault | null;
  parkedAtMs: number;
  /** When it is released by itself; null while only a person or an event can release it. */
  dueAtMs: number | null;
  /** The record that must exist first. */
  awaits: { mapId: string; key: RecordKey } | null;
}

export interface StoredParkedChange {
  parked: ParkedChange;
  etag: string;
}

/** Everything of one record that is saved in one transaction of its partition. */
export interface RecordCommit {
  mapId: string;
  key: RecordKey;
  /** Null leaves the link as it is. */
  link: Link | null;
  /** The etag the link must still have; null when it must not exist yet. */
  etag: string | null;
  audit: readonly AuditEntry[];
  conflicts: readonly Conflict[];
  park: ParkedChange | null;
  /** Take out the record's parked change if it is still the one of this id; what was heard since goes on waiting. */
  unpark: string | null;
}

/** `lost`: somebody else saved the link first; nothing of this record was saved. */
export type CommitOutcome = { kind: 'saved'; etag: string | null } | { kind: 'lost' };

export interface DeletionLimit {
  count: number;
  windowMs: number;
  nowMs: number;
}

export interface RecordRef {
  mapId: string;
  key: RecordKey;
}

export interface ParkedFilter {
  mapId?: string;
  reason?: ParkReason;
  /** The parked change of one record or row; at most one in a map. */
  identity?: string;
  /** Only what is due by itself at this time. */
  dueByMs?: number;
  limit: number;
}

/**
 * Links, claims, records, parked changes and the index of ids. The claim of a record is its link saved under its
 * etag; failing infrastructure throws, and the caller is run again.
 */
export interface StateStore {
  /**
   * Links of many records. They may come from a cache: a stale one only loses its commit. Where `expected` names
   * etags, a cached link counts only with its etag.
   */
  loadLinks(
    mapId: string,
    keys: readonly RecordKey[],
    expected?: ReadonlyMap<RecordKey, string>,
  ): Promise<ReadonlyMap<RecordKey, StoredLink>>;
  /** Those of the links that are at hand without a request. They may be stale, and there may be others. */
  cachedLinks(mapId: string, keys: readonly RecordKey[]): ReadonlyMap<RecordKey, StoredLink>;
  /** One transaction per partition; a record whose etag has moved leaves it, and the rest is saved. Same order. */
  commit(commits: readonly RecordCommit[]): Promise<CommitOutcome[]>;
  /**
   * Records of a map that row ids belong to. May name a record that the row has left, for the caller sees that by the
   * row or by the record's link; a row that any record is known for is never unknown.
   */
  findIds(
    mapId: string,
    side: Side,
    table: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, readonly RecordKey[]>>;
  rememberIds(
    mapId: string,
    side: Side,
    table: string,
    entries: readonly { id: string; key: RecordKey }[],
  ): Promise<void>;
  /** Parks changes that have no link at hand; coalesces with what waits there already. */
  park(changes: readonly ParkedChange[]): Promise<void>;
  listParked(filter: ParkedFilter): Promise<StoredParkedChange[]>;
  /** Takes out a parked change if it is still the one that was read. */
  removeParked(stored: StoredParkedChange): Promise<boolean>;
  /** Points from a record that is awaited to the parked change that awaits it. */
  addWaiter(awaited: RecordRef, identity: string, mapId: string): Promise<void>;
  /** Parked changes that await these records; pointers that lead nowhere are removed on the way. */
  listWaiters(mapId: string, keys: readonly RecordKey[]): Promise<StoredParkedChange[]>;
  /** Records of a map whose claim is still running. */
  countLiveClaims(mapId: string, nowMs: number): Promise<number>;
  /**
   * Takes some of the deletions that a map may carry over within a window, and tells how many were left of those
   * wanted. Windows follow each other: the first taking after the end of one begins the next.
   */
  takeDeletions(mapId: string, wanted: number, limit: DeletionLimit): Promise<number>;
  /** How many records of a map are known; counting ends at `max`. */
  countLinks(mapId: string, max: number): Promise<number>;
  listAudit(ref: RecordRef): Promise<AuditEntry[]>;
  /** Keeps what a person did with the record's parked change; doing it again within the millisecond is the same act. */
  noteAct(ref: RecordRef, act: ParkedAct): Promise<void>;
  listActs(ref: RecordRef): Promise<ParkedAct[]>;
  listConflicts(ref: RecordRef): Promise<Conflict[]>;
  /** Records of a map that have or had conflicts, each once, at most `limit`; null at the end of them. */
  pageConflicts(
    mapId: string,
    cursor: string | null,
    limit: number,
  ): Promise<{ keys: readonly RecordKey[]; cursor: string | null }>;
}
