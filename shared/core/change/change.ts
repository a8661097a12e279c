import type { Fault } from '../fault/fault.ts';
import type { FaultCode } from '../fault/fault-codes.ts';
import type { BasePair } from '../link/link.ts';
import type { CanonicalValue } from '../record/canonical-value.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { Side } from '../record/side.ts';

/**
 * An event of either system, normalised: row X of table T changed. A hint only: the row is read before anything is
 * decided, and the kind is not believed.
 */
export interface RowEvent {
  type: 'row';
  /** Names one delivery of one event; the queue drops a second message with it. */
  id: string;
  side: Side;
  /** Dataverse logical name; F&O physical entity name or entity set. Compared without case. */
  table: string;
  kind: 'create' | 'update' | 'delete';
  /** Dataverse GUID or F&O RecId, where the event tells it. */
  rowId: string | null;
  /** Columns that the event tells, by F&O property in lower case; empty for Dataverse events. */
  columns: Readonly<Record<string, string>>;
  /** Columns that the event says were written, in lower case; the values of some are among `columns`. */
  changed?: readonly string[];
  occurredAt: string | null;
}

/** An F&O business event: which records it concerns is said by the maps' event bindings. */
export interface BusinessEvent {
  type: 'business';
  id: string;
  businessEventId: string;
  company: string | null;
  /** Members of the contract as text, by name. */
  members: Readonly<Record<string, string>>;
  occurredAt: string | null;
}

export type ChangeEvent = RowEvent | BusinessEvent;

/**
 * A person's choice of a field's value, for a conflict that waits or to undo one that was decided. It holds only while
 * both sides show what the person saw, or what was decided.
 */
export interface FieldDecision {
  conflictId: string;
  field: string;
  /** The canonical values that both sides showed. */
  seen: BasePair;
  /** The side in whose terms the value is told; the other side gets what the map makes of it. */
  side: Side;
  value: CanonicalValue;
  actor: string;
  atMs: number;
}

/** Names one decision of one person. */
export function decisionName({ conflictId, atMs }: FieldDecision): string {
  return `${conflictId} ${atMs}`;
}

const KEPT_MESSAGE_LENGTH = 240;

/** A change after a failed attempt; a pause that was asked for is none. Little of the fault, for the history keeps it. */
export function afterFault(change: Change, fault: Fault): Change {
  const message = fault.message.slice(0, KEPT_MESSAGE_LENGTH);
  const attempts = change.attempts + (fault.class === 'throttled' ? 0 : 1);
  const apart: Pick<Change, 'apart'> = fault.class === 'unknown' ? { apart: true } : {};
  return { ...change, full: true, attempts, ...apart, lastFault: { code: fault.code, message } };
}

/** What has been heard of one record of one map and is still to be planned. */
export interface Change {
  mapId: string;
  /** Null while only a row id is known. */
  key: RecordKey | null;
  /** Sides that said something, the latest last. */
  hinted: readonly Side[];
  /** Row ids without a key, by side. */
  rowIds: Partial<Record<Side, readonly string[]>>;
  /** Ids (or `DELETED_BY_KEY`) that delete events named, by side; kept through every merge. */
  deletedIds: Partial<Record<Side, readonly string[]>>;
  /**
   * All that this one event says was written, by column in lower case; null where it does not tell the value. Where it
   * is what both sides agreed on, the event is the echo of our own write or changes nothing, and no row needs to be read.
   */
  news?: Readonly<Record<string, string | null>>;
  /**
   * The one event says that the row was created. Not believed, but where it is so no link exists, so none is looked for
   * before the first plan: its claim is an insert, which fails should there be one.
   */
  created?: true;
  /** A person has agreed to the deletion that waited. */
  approved?: true;
  /** What people decided about fields of the record. */
  decisions?: readonly FieldDecision[];
  /** Read both rows: an assumption about the other side proved wrong. */
  full: boolean;
  /** The outcome of its last write is unknown, as it may be for the sake of another of that call: fewer go with it. */
  apart?: true;
  /** Attempts that were made and failed; waiting for a pause that the other system asked for is none. */
  attempts: number;
  /** Why the last attempt failed, for whoever is told that attempts are used up. */
  lastFault?: { code: FaultCode; message: string };
  /** How often it was parked and released again. */
  releases: number;
  /** When it was first heard of. */
  sinceMs: number;
}

/** Changes of one map that are synchronised by one orchestration; at most `BATCH_CHANGES_MAX`. */
export interface SyncBatch {
  mapId: string;
  changes: readonly Change[];
}

/** A batch's size: one transaction of Table Storage holds a hundred rows, and so does a good `$batch`. */
export const BATCH_CHANGES_MAX = 100;
