import type { TransactionAction } from '@azure/data-tables';
import type { CommitOutcome } from '../../ports/state-store.ts';
import type { LinkCache } from './link-cache.ts';
import { isClosed, parkedId, staleIndexRow } from './parked-row.ts';
import { readRows } from './read-rows.ts';
import { type Companions, parkedKey, type RecordRows, recordActions, unclaimedKey } from './record-rows.ts';
import { kindOf, linkRowKey } from './state-keys.ts';
import type { RowName, Table } from './table.ts';

/** "Performing entity group transactions": 100 rows, each once, 4 MiB in all, of which a quarter is left for framing. */
const ACTIONS_MAX = 100;
const PAYLOAD_BYTES_MAX = 3 * 1024 * 1024;
/** Address and headers of one action. */
const FRAMING_BYTES = 700;
/** How often one record's parked change may move under a commit before something must be wrong. */
const REFRESHES_MAX = 50;

export interface PartitionCommit {
  /** By the records' positions. */
  outcomes: Map<number, CommitOutcome>;
  /** Index rows of parked changes that are no more. */
  staleIndex: RowName[];
}

interface Work {
  table: Table;
  cache: LinkCache;
  companions: Companions;
  pending: RecordRows[];
  done: PartitionCommit;
  refreshes: number;
}

/** Saves records of one partition: as many as fit in each transaction; whose etag has moved leaves, the rest goes again. */
export async function commitPartition(table: Table, cache: LinkCache, records: RecordRows[]): Promise<PartitionCommit> {
  const done: PartitionCommit = { outcomes: new Map(), staleIndex: [] };
  const companions: Companions = { parked: new Map(), claims: new Set() };
  const work: Work = { table, cache, companions, pending: [...records], done, refreshes: 0 };
  const unknown = records.filter((record) => !assumeClaim(work, record));
  await readParked(work, records);
  await readClaims(work, unknown);
  while (work.pending.length > 0) {
    const chunk = nextChunk(work);
    const actions = chunk.flatMap(({ rows }) => rows);
    if (actions.length === 0) {
      settle(work, chunk, []);
      continue;
    }
    const result = await table.transact(actions);
    if (result.kind === 'done') settle(work, chunk, result.etags);
    else await leave(work, chunk, result.index);
  }
  return done;
}

interface ChunkPart {
  record: RecordRows;
  rows: TransactionAction[];
}

/** False when nothing here tells whether the link that is saved over has a claim. */
function assumeClaim({ cache, companions }: Work, record: RecordRows): boolean {
  const claimed = cache.claimed(record.commit, record.commit.etag);
  const rowKey = unclaimedKey(record);
  if (claimed === true && rowKey !== null) companions.claims.add(rowKey);
  return claimed !== undefined;
}

async function readParked({ table, companions }: Work, records: readonly RecordRows[]): Promise<void> {
  const wanted = records.flatMap((record) => parkedKey(record) ?? []);
  for (const rowKey of wanted) companions.parked.delete(rowKey);
  const found = await readRows(table, records[0]?.partitionKey ?? '', wanted);
  for (const [rowKey, row] of found) companions.parked.set(rowKey, row);
}

async function readClaims({ table, companions }: Work, records: readonly RecordRows[]): Promise<void> {
  const wanted = records.flatMap((record) => unclaimedKey(record) ?? []);
  for (const rowKey of wanted) companions.claims.delete(rowKey);
  const found = await readRows(table, records[0]?.partitionKey ?? '', wanted);
  for (const rowKey of found.keys()) companions.claims.add(rowKey);
}

function nextChunk({ pending, companions }: Work): ChunkPart[] {
  const chunk: ChunkPart[] = [];
  const named = new Set<string>();
  let actionCount = 0;
  let payloadBytes = 0;
  for (const record of pending) {
    const rows = recordActions(record, companions);
    const bytes = payloadOf(rows);
    const fits = actionCount + rows.length <= ACTIONS_MAX && payloadBytes + bytes <= PAYLOAD_BYTES_MAX;
    const repeated = rows.some(([, row]) => named.has(row.rowKey));
    if (chunk.length > 0 && (!fits || repeated)) break;
    chunk.push({ record, rows });
    for (const [, row] of rows) named.add(row.rowKey);
    actionCount += rows.length;
    payloadBytes += bytes;
  }
  return chunk;
}

function payloadOf(actions: readonly TransactionAction[]): number {
  let bytes = 0;
  for (const [, row] of actions) {
    bytes += FRAMING_BYTES;
    for (const value of Object.values(row)) {
      // Binary travels as base64, text as JSON, whose quotes are escaped.
      if (typeof value === 'string') bytes += Buffer.byteLength(JSON.stringify(value));
      else if (value instanceof Uint8Array) bytes += Math.ceil(value.length / 3) * 4;
    }
  }
  return bytes;
}

function settle(work: Work, chunk: readonly ChunkPart[], etags: readonly (string | undefined)[]): void {
  let at = 0;
  for (const { record, rows } of chunk) {
    const ownEtag = rows[0]?.[1].rowKey === linkRowKey(record.commit.key) ? (etags[at] ?? null) : null;
    at += rows.length;
    keepLink(work.cache, record, ownEtag);
    work.done.outcomes.set(record.position, { kind: 'saved', etag: ownEtag });
    noteStaleIndex(work, record);
  }
  work.pending.splice(0, chunk.length);
}

function keepLink(cache: LinkCache, { commit, linkText }: RecordRows, etag: string | null): void {
  if (commit.link === null || linkText === null || etag === null) cache.forget(commit);
  else cache.keep(commit, { text: linkText, etag, claimed: commit.link.claim !== null });
}

/** The parked row that was replaced or taken out leaves its index row behind; what it was is not so any more. */
function noteStaleIndex(work: Work, record: RecordRows): void {
  const rowKey = parkedKey(record);
  const former = rowKey === null ? undefined : work.companions.parked.get(rowKey);
  if (rowKey === null || former === undefined || isClosed(former)) return;
  if (record.parking === null && parkedId(former) !== record.commit.unpark) return;
  work.companions.parked.delete(rowKey);
  work.done.staleIndex.push(staleIndexRow(record.parking, former));
}

/** A link that moved loses its record; a parked change or claim row that came or went is read again. */
async function leave(work: Work, chunk: readonly ChunkPart[], index: number): Promise<void> {
  let first = 0;
  for (const { record, rows } of chunk) {
    const failed = rows[index - first];
    first += rows.length;
    if (index >= first || failed === undefined) continue;
    if (kindOf(failed[1].rowKey) === 'link') {
      work.cache.forget(record.commit);
      work.done.outcomes.set(record.position, { kind: 'lost' });
      work.pending.splice(work.pending.indexOf(record), 1);
      return;
    }
    work.refreshes += 1;
    if (work.refreshes > REFRESHES_MAX) throw new Error(`The row ${failed[1].rowKey} keeps moving; try again.`);
    await readParked(work, [record]);
    await readClaims(work, [record]);
    return;
  }
  throw new Error(`The transaction failed at action ${index}, which it does not have.`);
}
