import type { Conflict } from '../../core/conflict/conflict.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type {
  AuditEntry,
  CommitOutcome,
  ParkedAct,
  RecordCommit,
  StateStore,
  StoredLink,
} from '../../ports/state-store.ts';
import { frozen } from './frozen.ts';
import { createMemoryParkedChanges, named } from './memory-parked-changes.ts';

/** State within the process: for simulations, benchmarks and tests. What it hands out is frozen. */
export function createMemoryStateStore(): StateStore {
  const linksByMap = new Map<string, Map<RecordKey, StoredLink>>();
  const audit = new Map<string, Map<string, AuditEntry>>();
  const conflicts = new Map<string, Map<string, Conflict>>();
  const ids = createIds();
  const parked = createMemoryParkedChanges();
  let counter = 0;
  const nextEtag = () => {
    counter += 1;
    return `m${counter}`;
  };

  function saveLink({ mapId, key, link, etag }: RecordCommit): CommitOutcome {
    // Nothing is saved and nothing is asked of the link.
    if (link === null && etag === null) return { kind: 'saved', etag: null };
    const links = innerMap(linksByMap, mapId);
    const current = links.get(key)?.etag ?? null;
    if (current !== etag) return { kind: 'lost' };
    if (link === null) return { kind: 'saved', etag };
    const saved = nextEtag();
    links.set(key, { link: frozen(link), etag: saved });
    return { kind: 'saved', etag: saved };
  }

  function commitOne(commit: RecordCommit): CommitOutcome {
    const outcome = saveLink(commit);
    if (outcome.kind === 'lost') return outcome;
    const name = named(commit.mapId, commit.key);
    addRows(audit, name, commit.audit);
    addRows(conflicts, name, commit.conflicts);
    if (commit.unpark !== null) parked.unpark(commit.mapId, `k|${commit.key}`, commit.unpark);
    if (commit.park !== null) parked.park(commit.park, nextEtag());
    return outcome;
  }

  return {
    loadLinks: async (mapId, keys) => pick(linksByMap.get(mapId), keys),
    cachedLinks: (mapId, keys) => pick(linksByMap.get(mapId), keys),
    commit: async (commits) => commits.map(commitOne),
    ...ids,
    ...createActs(),
    ...createDeletions(),
    park: async (changes) => {
      for (const change of changes) parked.park(change, nextEtag());
    },
    listParked: async (filter) => parked.list(filter),
    removeParked: async (stored) => parked.remove(stored),
    addWaiter: async (awaited, identity, mapId) => parked.addWaiter(awaited, identity, mapId),
    listWaiters: async (mapId, keys) => parked.listWaiters(mapId, keys),
    countLiveClaims: async (mapId, nowMs) => {
      let live = 0;
      for (const { link } of linksByMap.get(mapId)?.values() ?? []) {
        if (link.claim !== null && link.claim.untilMs > nowMs) live += 1;
      }
      return live;
    },
    countLinks: async (mapId, max) => Math.min(max, linksByMap.get(mapId)?.size ?? 0),
    listAudit: async ({ mapId, key }) => [...(audit.get(named(mapId, key))?.values() ?? [])],
    listConflicts: async ({ mapId, key }) => [...(conflicts.get(named(mapId, key))?.values() ?? [])],
    pageConflicts: async (mapId, cursor, limit) => {
      const all = [...conflicts.values()].flatMap((rows) => [...rows.values()].slice(0, 1));
      const keys = all
        .filter((row) => row.mapId === mapId && row.key > (cursor ?? ''))
        .map(({ key }) => key)
        .sort();
      return { keys: keys.slice(0, limit), cursor: keys.length > limit ? (keys[limit - 1] ?? null) : null };
    },
  };
}

/** The inner map of that name; made when it is first asked for. */
function innerMap<T>(outer: Map<string, Map<string, T>>, name: string): Map<string, T> {
  const known = outer.get(name);
  if (known !== undefined) return known;
  const added = new Map<string, T>();
  outer.set(name, added);
  return added;
}

/** Rows by id: one that is saved again takes the place of the former. */
function addRows<T extends { id: string }>(rows: Map<string, Map<string, T>>, name: string, added: readonly T[]): void {
  if (added.length === 0) return;
  const known = innerMap(rows, name);
  for (const row of added) known.set(row.id, frozen(row));
}

function createDeletions(): Pick<StateStore, 'takeDeletions'> {
  const windows = new Map<string, { fromMs: number; taken: number }>();
  return {
    takeDeletions: async (mapId, wanted, { count, windowMs, nowMs }) => {
      const known = windows.get(mapId);
      const window = known !== undefined && nowMs < known.fromMs + windowMs ? known : { fromMs: nowMs, taken: 0 };
      const granted = Math.max(0, Math.min(wanted, count - window.taken));
      windows.set(mapId, { ...window, taken: window.taken + granted });
      return granted;
    },
  };
}

function createActs(): Pick<StateStore, 'noteAct' | 'listActs'> {
  const acts = new Map<string, Map<string, ParkedAct>>();
  return {
    noteAct: async ({ mapId, key }, act) => {
      innerMap(acts, named(mapId, key)).set(`${act.atMs} ${act.verb}`, frozen(act));
    },
    listActs: async ({ mapId, key }) =>
      [...(acts.get(named(mapId, key))?.values() ?? [])].sort((left, right) => left.atMs - right.atMs),
  };
}

function createIds(): Pick<StateStore, 'findIds' | 'rememberIds'> {
  /** Map, side and table, then id, then the keys of its records. */
  const tables = new Map<string, Map<string, Set<RecordKey>>>();
  return {
    findIds: async (mapId, side, table, ids) => {
      const known = tables.get(named(mapId, named(side, table)));
      return new Map(ids.flatMap((id) => keysOf(known, id)));
    },
    rememberIds: async (mapId, side, table, entries) => {
      const name = named(mapId, named(side, table));
      const known = tables.get(name) ?? new Map<string, Set<RecordKey>>();
      tables.set(name, known);
      for (const { id, key } of entries) known.set(id, (known.get(id) ?? new Set()).add(key));
    },
  };
}

function keysOf(known: ReadonlyMap<string, ReadonlySet<RecordKey>> | undefined, id: string) {
  const keys = known?.get(id);
  return keys === undefined ? [] : [[id, [...keys]] as const];
}

function pick(links: ReadonlyMap<RecordKey, StoredLink> | undefined, keys: readonly RecordKey[]) {
  const found = new Map<RecordKey, StoredLink>();
  if (links === undefined) return found;
  for (const key of keys) {
    const stored = links.get(key);
    if (stored !== undefined) found.set(key, stored);
  }
  return found;
}
