import { odata } from '@azure/data-tables';
import type { Conflict } from '../../core/conflict/conflict.ts';
import type { Link } from '../../core/link/link.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  AuditEntry,
  CommitOutcome,
  ParkedAct,
  ParkedChange,
  RecordCommit,
  StateStore,
  StoredLink,
} from '../../ports/state-store.ts';
import { commitPartition } from './commit-partition.ts';
import { createConflictPages } from './conflict-pages.ts';
import { takeDeletions } from './deletion-budget.ts';
import { createIdsIndex } from './ids-index.ts';
import { inParallel } from './in-parallel.ts';
import { sortableMs } from './key-text.ts';
import { createLinkCache, type LinkCache } from './link-cache.ts';
import { dropIndexRows, indexParkings, listIndexed } from './parked-index.ts';
import { type Parking, splitEtag } from './parked-row.ts';
import { readRows } from './read-rows.ts';
import { type RecordRows, rowsOfCommit } from './record-rows.ts';
import { packText, unpackText, unpackValue } from './row-json.ts';
import * as keys from './state-keys.ts';
import { type OperationCounts, openTable, type Table, type TableConnection } from './table.ts';
import { createWaiters } from './waiters.ts';

export interface TableStateStore extends StateStore {
  /** Creates the tables that do not exist yet. */
  ensureTables(): Promise<void>;
  /** Requests to the service so far, by table and kind. */
  operations(): OperationCounts;
}

export interface TableStateOptions {
  connection: TableConnection;
  clock: Clock;
  /** Characters of links kept in memory; 0 keeps none. */
  cacheCharsMax?: number;
}

const CACHE_CHARS_MAX = 32 * 1024 * 1024;
/** Partitions that are read or saved at once. */
const WIDTH = 8;

/** Links, claims, records, parked changes and ids in the tables `state` and `ids`. */
export function createTableStateStore(options: TableStateOptions): TableStateStore {
  const { connection, clock, cacheCharsMax = CACHE_CHARS_MAX } = options;
  const counts: OperationCounts = {};
  const state = openTable(connection, 'state', counts);
  const ids = openTable(connection, 'ids', counts);
  const cache = createLinkCache(cacheCharsMax);
  return {
    ensureTables: async () => void (await Promise.all([state.ensure(), ids.ensure()])),
    operations: () => ({ ...counts }),
    loadLinks: (mapId, recordKeys, expected) => loadLinks(state, cache, mapId, recordKeys, expected),
    cachedLinks: (mapId, recordKeys) =>
      new Map(recordKeys.flatMap((key) => cachedEntry(key, cache.load({ mapId, key })))),
    commit: (commits) => commitAll(state, cache, commits),
    ...createIdsIndex(ids),
    async park(changes) {
      await commitAll(state, cache, changes.map(asCommit));
    },
    listParked: (filter) => listIndexed(state, clock, filter),
    async removeParked({ parked, etag }) {
      const { stamp, rowEtag } = splitEtag(etag);
      if (!(await state.remove(keys.parkedRow(parked), rowEtag))) return false;
      await state.remove(keys.indexRow(parked, stamp), '*');
      return true;
    },
    ...createWaiters(state, clock),
    ...createConflictPages(state),
    async countLiveClaims(mapId, nowMs) {
      const live = odata` and until gt ${sortableMs(nowMs)}`;
      const found = await inParallel(keys.mapPartitions(mapId), WIDTH, (partition) =>
        readRange(state, partition, keys.CLAIM_RANGE, live),
      );
      return found.flat().length;
    },
    takeDeletions: (mapId, wanted, limit) => takeDeletions(state, mapId, wanted, limit),
    async countLinks(mapId, max) {
      let count = 0;
      for (const partition of keys.mapPartitions(mapId)) {
        const [from, to] = keys.LINK_RANGE;
        const filter = odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`;
        for await (const page of state.pages(filter)) {
          count += page.length;
          if (count >= max) return max;
        }
      }
      return count;
    },
    async listAudit(ref) {
      const rows = await readRange(state, keys.recordPartition(ref), keys.auditRange(ref.key));
      return rows.map((row) => unpackValue<AuditEntry>(row));
    },
    async noteAct(ref, act) {
      const name = { partitionKey: keys.recordPartition(ref), rowKey: keys.actRowKey(ref.key, act) };
      await state.save({ ...name, ...packText(JSON.stringify(act)) }, 'Replace');
    },
    async listActs(ref) {
      const rows = await readRange(state, keys.recordPartition(ref), keys.actRange(ref.key));
      return rows.map((row) => unpackValue<ParkedAct>(row));
    },
    async listConflicts(ref) {
      const rows = await readRange(state, keys.recordPartition(ref), keys.conflictRange(ref.key));
      const conflicts = rows.flatMap((row) => unpackValue<Conflict[]>(row));
      return [...new Map(conflicts.map((conflict) => [conflict.id, conflict])).values()];
    },
  };
}

/** A parked change is saved like a record that asks nothing of its link. */
function asCommit(park: ParkedChange): RecordCommit {
  const { mapId, identity } = park;
  const key = identity.startsWith('k|') ? identity.slice(2) : identity;
  return { mapId, key, link: null, etag: null, audit: [], conflicts: [], park, unpark: null };
}

async function commitAll(state: Table, cache: LinkCache, commits: readonly RecordCommit[]): Promise<CommitOutcome[]> {
  const parkings = await indexParkings(
    state,
    commits.flatMap(({ park }) => park ?? []),
  );
  const parkingOf = new Map<ParkedChange, Parking>(parkings.map((parking) => [parking.parked, parking]));
  const records = commits.map((commit, position): RecordRows => {
    const parking = commit.park === null ? null : (parkingOf.get(commit.park) ?? null);
    return rowsOfCommit(commit, position, parking);
  });
  const partitions = [...Map.groupBy(records, ({ partitionKey }) => partitionKey).values()];
  const saved = await inParallel(partitions, WIDTH, (members) => commitPartition(state, cache, members));
  await dropIndexRows(
    state,
    saved.flatMap(({ staleIndex }) => staleIndex),
  );
  const outcomes = new Map(saved.flatMap((partition) => [...partition.outcomes]));
  return commits.map((_, position) => outcomes.get(position) ?? { kind: 'lost' });
}

function cachedEntry(key: RecordKey, stored: StoredLink | null): [RecordKey, StoredLink][] {
  return stored === null ? [] : [[key, stored]];
}

/** With `expected`, a cached link counts only with the etag named there: an empty map reads all anew. */
async function loadLinks(
  state: Table,
  cache: LinkCache,
  mapId: string,
  recordKeys: readonly RecordKey[],
  expected: ReadonlyMap<RecordKey, string> | undefined,
): Promise<Map<RecordKey, StoredLink>> {
  const links = new Map<RecordKey, StoredLink>();
  const missing: RecordKey[] = [];
  for (const key of new Set(recordKeys)) {
    const cached = cache.load({ mapId, key });
    if (cached !== null && (expected === undefined || expected.get(key) === cached.etag)) links.set(key, cached);
    else missing.push(key);
  }
  const partitions = [...Map.groupBy(missing, (key) => keys.recordPartition({ mapId, key }))];
  await inParallel(partitions, WIDTH, async ([partition, members]) => {
    const rows = await readRows(state, partition, members.map(keys.linkRowKey));
    for (const key of members) {
      const row = rows.get(keys.linkRowKey(key));
      if (row === undefined) continue;
      const text = unpackText(row);
      const link = JSON.parse(text) as Link;
      cache.keep({ mapId, key }, { text, etag: row.etag, claimed: link.claim !== null });
      links.set(key, { link, etag: row.etag });
    }
  });
  return links;
}

function readRange(state: Table, partition: string, range: keys.RowRange, more = '') {
  const [from, to] = range;
  return state.all(odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}` + more);
}
