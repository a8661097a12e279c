/** Edits closer together than this may be carried by one write of Twinwrite, so they are looked at together. */
const burstMs = 3000;
/** A second write that comes later than this belongs to something else than the edit before it. */
const echoMs = 60_000;
const keptEntries = 300;

/**
 * Follows changes from a person's edit on one side to Twinwrite's write of the same record on the other. Pure: times
 * come with the changes. An edit is
 * - `waiting` until the other side follows,
 * - `crossed`, with the time it took,
 * - `overruled` when Twinwrite wrote on the edit's own side instead (the other side won a conflict),
 * - `settled` when both sides turned out to be equal without a write,
 * - `stays` when it is not carried by the map at all.
 */
export function createCrossings() {
  /** Newest first. */
  const entries = [];
  let unprompted = 0;

  const editsOf = (recordId) => entries.filter((entry) => entry.kind === 'edit' && entry.recordId === recordId);
  const push = (entry) => {
    entries.unshift(entry);
    entries.length = Math.min(entries.length, keptEntries);
    return entry;
  };
  const addEdit = (change) => {
    const before = editsOf(change.recordId).find(({ side }) => side === change.side);
    const near = before !== undefined && (before.state === 'waiting' || change.atMs - lastMs(before.burst) < burstMs);
    const burst = near && !change.stays ? before.burst : { edits: [], writes: [] };
    const state = change.stays ? 'stays' : 'waiting';
    const entry = push({ kind: 'edit', ...change, state, burst, writesBack: 0, crossedMs: null, together: false });
    burst.edits.push(entry);
  };
  const addWrite = (change) => {
    const edits = editsOf(change.recordId).filter(({ state }) => state !== 'stays');
    const across = edits.find(({ side }) => side !== change.side);
    const own = edits.find(({ side }) => side === change.side);
    const waitsHere = own?.state === 'waiting' ? own.burst.edits.filter(({ state }) => state === 'waiting') : [];
    for (const edit of waitsHere) edit.overwritten = true;
    if (across?.state === 'waiting') attribute(across.burst, change.atMs);
    else if (waitsHere.length > 0) {
      own.writesBack += 1;
      for (const edit of waitsHere) edit.state = 'overruled';
    } else addFurther(change, across, own);
  };
  /** A write that no edit waits for: an echo of the latest edit, or nothing to do with edits at all. */
  const addFurther = (change, across, own) => {
    const latest = (across?.atMs ?? -1) > (own?.atMs ?? -1) ? across : own;
    if (latest === undefined || change.atMs - lastMs(latest.burst) > echoMs) {
      unprompted += 1;
      addUnprompted(change);
    } else if (latest === across) attribute(across.burst, change.atMs);
    else own.writesBack += 1;
  };
  const addUnprompted = (change) => {
    const newest = entries[0];
    if (newest?.kind === 'unprompted' && newest.side === change.side && change.atMs - newest.atMs < burstMs) {
      newest.atMs = change.atMs;
      newest.count += 1;
    } else push({ kind: 'unprompted', count: 1, ...change });
  };

  return {
    /** `change`: id, side, recordId, what (words for the reader), operation, atMs, byApp, stays. */
    add: (change) => (change.byApp ? addWrite(change) : addEdit(change)),
    /** To be told when both sides of a record are seen equal, after Twinwrite has had the time to write. */
    settle: (recordId) => {
      for (const edit of editsOf(recordId)) {
        if (edit.state === 'waiting') edit.state = edit.overwritten ? 'overruled' : 'settled';
      }
    },
    entries,
    waiting: () => entries.filter(({ state }) => state === 'waiting'),
    totals: () => totalsOf(entries, unprompted),
  };
}

/** The first write carries the first edit, and so on; the last carries all edits that came before it. */
function attribute(burst, atMs) {
  burst.writes.push(atMs);
  const { edits, writes } = burst;
  edits.forEach((edit, index) => {
    const own = writes[Math.min(index, writes.length - 1)];
    const write = own > edit.atMs ? own : writes.find((at) => at >= edit.atMs);
    if (write === undefined) return;
    edit.state = 'crossed';
    edit.crossedMs = write - edit.atMs;
    edit.together = writes.length < edits.length && index < edits.length - 1 && index >= writes.length - 1;
  });
}

/** Writes on the other side that an edit gave rise to; those of a burst beyond one each count for its last edit. */
export function writesAcross(edit) {
  const { edits, writes } = edit.burst;
  if (edit.state !== 'crossed' || edit.together) return 0;
  const more = writes.length - edits.length;
  return edit === edits.at(-1) && more > 0 ? 1 + more : 1;
}

function lastMs({ edits, writes }) {
  return Math.max(edits.at(-1)?.atMs ?? 0, writes.at(-1) ?? 0);
}

function totalsOf(entries, unprompted) {
  const edits = entries.filter(({ kind }) => kind === 'edit');
  const times = edits
    .filter(({ state }) => state === 'crossed')
    .map(({ crossedMs }) => crossedMs)
    .sort((one, other) => one - other);
  const quantile = (share) => (times.length === 0 ? null : times[Math.ceil(share * times.length) - 1]);
  const writes = edits.reduce((sum, edit) => sum + writesAcross(edit) + edit.writesBack, 0);
  return {
    edits: edits.length,
    waiting: edits.filter(({ state }) => state === 'waiting').length,
    writes: writes + unprompted,
    medianMs: quantile(0.5),
    p95Ms: quantile(0.95),
  };
}
