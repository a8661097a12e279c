import { LANES, laneOf } from '../../core/record/fingerprint.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { ParkedAct, ParkedChange, RecordRef } from '../../ports/state-store.ts';
import { keyPart, sortableMs } from './key-text.ts';
import type { RowName } from './table.ts';

/** Prefixes of the rows that share a record's partition. */
const LINK = 'l!';
const AUDIT = 'a!';
const CONFLICT = 'c!';
const PARKED = 'p!';
const CLAIM = 'k!';
const ACT = 'o!';

export type RowKind = 'link' | 'audit' | 'conflict' | 'parked' | 'claim' | 'act';

const KINDS: Record<string, RowKind> = {
  [LINK]: 'link',
  [AUDIT]: 'audit',
  [CONFLICT]: 'conflict',
  [PARKED]: 'parked',
  [CLAIM]: 'claim',
  [ACT]: 'act',
};

export function kindOf(rowKey: string): RowKind | undefined {
  return KINDS[rowKey.slice(0, 2)];
}

export function recordPartition({ mapId, key }: RecordRef): string {
  return `${keyPart(mapId)}|${laneOf(key)}`;
}

/** All partitions of a map's records. */
export function mapPartitions(mapId: string): string[] {
  return Array.from({ length: LANES }, (_, lane) => `${keyPart(mapId)}|${lane}`);
}

export function linkRowKey(key: RecordKey): string {
  return LINK + keyPart(key);
}

/** Says that the record's link has a claim; saved and removed together with it. */
export function claimRowKey(key: RecordKey): string {
  return CLAIM + keyPart(key);
}

/** Row keys from the first, up to but without the second. */
export type RowRange = readonly [from: string, to: string];

/** `"` is what follows `!`. */
export const CLAIM_RANGE: RowRange = [CLAIM, 'k"'];
export const LINK_RANGE: RowRange = [LINK, 'l"'];
export const CONFLICT_RANGE: RowRange = [CONFLICT, 'c"'];

export function auditRange(key: RecordKey): RowRange {
  return [`${AUDIT}${keyPart(key)}!`, `${AUDIT}${keyPart(key)}"`];
}

export function auditRowKey(key: RecordKey, id: string): string {
  return `${AUDIT}${keyPart(key)}!${keyPart(id)}`;
}

export function actRange(key: RecordKey): RowRange {
  return [`${ACT}${keyPart(key)}!`, `${ACT}${keyPart(key)}"`];
}

export function actRowKey(key: RecordKey, { atMs, verb }: Pick<ParkedAct, 'atMs' | 'verb'>): string {
  return `${ACT}${keyPart(key)}!${sortableMs(atMs)}!${verb}`;
}

export function conflictRange(key: RecordKey): RowRange {
  return [`${CONFLICT}${keyPart(key)}!`, `${CONFLICT}${keyPart(key)}"`];
}

export function conflictRowKey(key: RecordKey, id: string): string {
  return `${CONFLICT}${keyPart(key)}!${keyPart(id)}`;
}

/** A parked change lives with its record; one that knows no record yet has a lane of its own identity. */
export function parkedRow({ mapId, identity }: Pick<ParkedChange, 'mapId' | 'identity'>): RowName {
  const key = identity.startsWith('k|') ? identity.slice(2) : identity;
  return { partitionKey: recordPartition({ mapId, key }), rowKey: PARKED + keyPart(identity) };
}

/** Index of what is released by time, in that order. Map ids never begin with `!`, so no lane is named like this. */
export const DUE_PARTITION = '!due';

/** Index of what only a person or an event releases, in order of age, by map. */
export function unduePartition(mapId: string): string {
  return `!undue|${keyPart(mapId)}`;
}

/** Every `undue partition`: `}` is what follows `|`. */
export const UNDUE_PARTITIONS: RowRange = ['!undue|', '!undue}'];

/** The time by which the index sorts, and what makes the index row the parked row's own. */
export function indexStamp(parked: ParkedChange, nonce: string): string {
  return `${sortableMs(parked.dueAtMs ?? parked.parkedAtMs)}!${nonce}`;
}

export function indexRow(parked: ParkedChange, stamp: string): RowName {
  const [time, nonce] = stamp.split('!');
  return {
    partitionKey: parked.dueAtMs === null ? unduePartition(parked.mapId) : DUE_PARTITION,
    rowKey: `${time}!${keyPart(parked.mapId)}!${keyPart(parked.identity)}!${nonce}`,
  };
}

/** How many deletions of a map were carried over lately. */
export function deletionsRow(mapId: string): RowName {
  return { partitionKey: '!deletions', rowKey: keyPart(mapId) };
}

/** Pointers from awaited records to parked changes, by the awaited record's map. */
export function waiterPartition(mapId: string): string {
  return `!wait|${keyPart(mapId)}`;
}

export function waiterRow(awaited: RecordRef, identity: string, mapId: string): RowName {
  return {
    partitionKey: waiterPartition(awaited.mapId),
    rowKey: `${keyPart(awaited.key)}!${keyPart(mapId)}!${keyPart(identity)}`,
  };
}

/** The waiters of one record. */
export function waiterRange(key: RecordKey): RowRange {
  return [`${keyPart(key)}!`, `${keyPart(key)}"`];
}
