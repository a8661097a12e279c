import type { TransactionAction } from '@azure/data-tables';
import type { Conflict } from '../../core/conflict/conflict.ts';
import type { RecordCommit } from '../../ports/state-store.ts';
import { sortableMs } from './key-text.ts';
import { closedRow, type Parking, parkedId, parkedProperties } from './parked-row.ts';
import { packText } from './row-json.ts';
import { auditRowKey, claimRowKey, conflictRowKey, linkRowKey, parkedRow, recordPartition } from './state-keys.ts';
import type { TableRow } from './table.ts';

/** What one record saves in one transaction, besides what stands in its partition already. */
export interface RecordRows {
  /** Its place in the caller's list. */
  position: number;
  partitionKey: string;
  commit: Pick<RecordCommit, 'mapId' | 'key' | 'link' | 'etag' | 'unpark'>;
  linkText: string | null;
  /** Identity of the parked change that is parked or taken out; null when there is neither. */
  identity: string | null;
  parking: Parking | null;
  /** Audit and conflict rows: they overwrite what has their id. */
  overwriting: readonly TransactionAction[];
}

/** A transaction holds 100 rows: a record with very many conflicts has several in one row. */
const CONFLICT_ROWS_MAX = 40;

export function rowsOfCommit(commit: RecordCommit, position: number, parking: Parking | null): RecordRows {
  const partitionKey = recordPartition(commit);
  const audit = new Map(commit.audit.map((entry) => [auditRowKey(commit.key, entry.id), JSON.stringify(entry)]));
  const conflicts = new Map(
    conflictGroups(commit.conflicts).map((group) => [
      conflictRowKey(commit.key, group[0]?.id ?? ''),
      JSON.stringify(group),
    ]),
  );
  return {
    position,
    partitionKey,
    commit,
    linkText: commit.link === null ? null : JSON.stringify(commit.link),
    identity: parking?.parked.identity ?? (commit.unpark === null ? null : `k|${commit.key}`),
    parking,
    overwriting: [...audit, ...conflicts].map(([rowKey, text]) => [
      'upsert',
      { partitionKey, rowKey, ...packText(text) },
      'Replace',
    ]),
  };
}

function conflictGroups(conflicts: readonly Conflict[]): Conflict[][] {
  const byId = [...new Map(conflicts.map((conflict) => [conflict.id, conflict])).values()];
  const size = Math.ceil(byId.length / CONFLICT_ROWS_MAX);
  return Array.from({ length: size === 0 ? 0 : Math.ceil(byId.length / size) }, (_, index) =>
    byId.slice(index * size, (index + 1) * size),
  );
}

/** What stands beside links and decides how records are saved, by row key. */
export interface Companions {
  parked: Map<string, TableRow>;
  /** A claim's row stands there exactly while its link has a claim: both are saved together. */
  claims: Set<string>;
}

/** The row of the change that is parked, replaced or taken out. */
export function parkedKey({ commit, identity }: RecordRows): string | null {
  return identity === null ? null : parkedRow({ mapId: commit.mapId, identity }).rowKey;
}

/** The row of a claim that this record may be giving back. */
export function unclaimedKey({ commit }: RecordRows): string | null {
  const unclaims = commit.link !== null && commit.link.claim === null && commit.etag !== null;
  return unclaims ? claimRowKey(commit.key) : null;
}

/** The actions of one record, given its companions as they stand. */
export function recordActions(rows: RecordRows, companions: Companions): TransactionAction[] {
  return [...linkActions(rows, companions), ...rows.overwriting, ...parkedActions(rows, companions)];
}

function linkActions(rows: RecordRows, companions: Companions): TransactionAction[] {
  const { partitionKey, linkText, commit } = rows;
  const { link, etag, key } = commit;
  const name = { partitionKey, rowKey: linkRowKey(key) };
  if (link === null || linkText === null) {
    // A transaction knows no mere comparison: merging nothing of meaning compares the etag.
    return etag === null ? [] : [['update', { ...name, touched: true }, 'Merge', { etag }]];
  }
  const row = { ...name, ...packText(linkText) };
  const saved: TransactionAction = etag === null ? ['create', row] : ['update', row, 'Replace', { etag }];
  const claim = { partitionKey, rowKey: claimRowKey(key) };
  if (link.claim !== null) return [saved, ['upsert', { ...claim, until: sortableMs(link.claim.untilMs) }, 'Replace']];
  return companions.claims.has(claim.rowKey) ? [saved, ['delete', claim]] : [saved];
}

function parkedActions(rows: RecordRows, companions: Companions): TransactionAction[] {
  const { identity, parking, commit } = rows;
  if (identity === null) return [];
  const name = { ...parkedRow({ mapId: commit.mapId, identity }) };
  const existing = companions.parked.get(name.rowKey);
  if (parking === null) {
    const isOurs = existing !== undefined && parkedId(existing) === commit.unpark;
    return isOurs ? [['update', closedRow(name), 'Replace', { etag: existing.etag }]] : [];
  }
  const row = { ...name, ...parkedProperties(parking, existing) };
  return existing === undefined ? [['create', row]] : [['update', row, 'Replace', { etag: existing.etag }]];
}
