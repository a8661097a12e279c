import { afterFault, type Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { isDrift, isPassing, isRefusal, retryDelayMs } from '../core/fault/retry-policy.ts';
import { type Advance, advanceLink } from '../core/link/advance-link.ts';
import type { Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import { unnumberedRowId } from '../core/map/numbering.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import { type PerSide, SIDES, type Side } from '../core/record/side.ts';
import type { WriteResult } from '../core/write/write-result.ts';
import type { ParkedChange, RecordCommit, RecordRef } from '../ports/state-store.ts';
import { auditOf } from './audit-entries.ts';
import { afterDecisions, withDecided } from './carried-decisions.ts';
import { stopForDrift } from './control-map.ts';
import type { Dependencies } from './dependencies.ts';
import { findParents, lookAtParent, type ParentsOfWrite } from './missing-parent.ts';
import { parkedChange, parkedFor, pausedChange } from './park.ts';
import { releaseIfRunning } from './park-paused.ts';
import { releaseAwaited, releaseWaiters } from './release-parked.ts';
import { type Numbered, rememberInserted } from './remember-ids.ts';
import { claimEtags, type RecordAnswer, type SyncCommand, type WrittenRecord } from './sync-changes.ts';

type RecordCommand = Extract<SyncCommand, { kind: 'record' }>;

/** What becomes of one record: what is saved, and whether and when it is planned again. */
interface Recording {
  record: WrittenRecord;
  commit: RecordCommit | null;
  again: Change | null;
  waitMs: number;
  /** It was parked under records one of which may have come meanwhile. */
  lookAgain?: readonly RecordRef[];
  /** Records that the target lacks, to be looked at once this one is parked: their success is to find it waiting. */
  lookAt?: readonly RecordRef[];
}

/**
 * Records the results of a batch: base, versions and audit of what was done in one transaction per record; what failed
 * is planned again, waits for a passing fault, or is parked with its fault. Runs again without harm.
 */
export async function recordChanges(deps: Dependencies, command: RecordCommand): Promise<RecordAnswer> {
  const route = await deps.maps.find(command.mapId);
  const keys = command.records.map((record) => record.key);
  const links = await deps.state.loadLinks(command.mapId, keys, claimEtags(command.records));
  if (route === null) throw new Error(`map ${command.mapId} is gone while its records are written`);
  const recordings: Recording[] = [];
  const written: Numbered[] = [];
  for (const record of command.records) {
    const stored = links.get(record.key);
    const ours = stored !== undefined && stored.etag === record.etag;
    recordings.push(ours ? await settle(deps, route.map, record, stored.link) : planAgain(record));
    if (ours) written.push({ key: record.key, link: stored.link, results: record.results });
  }
  await rememberInserted(deps, route.map, written);
  const parking = recordings.flatMap(({ commit }) => commit?.park ?? []);
  await stopForDrift(deps, command.mapId, parking);
  await commitRecordings(deps, recordings);
  await wakeUp(deps, command, recordings);
  const again = recordings.flatMap(({ again: change }) => change ?? []);
  const waitMs = Math.max(...command.records.map(askedPauseMs), ...recordings.map((recording) => recording.waitMs));
  return { kind: 'recorded', again, waitMs, recorded: recordings.length - again.length };
}

/** What a side asked for holds for the whole batch, whatever becomes of the record that met it. */
function askedPauseMs({ results }: WrittenRecord): number {
  const faults = Object.values(results).flatMap((result) => (result.kind === 'failed' ? result.fault : []));
  return Math.max(0, ...faults.map(({ retryAfterMs }) => retryAfterMs ?? 0));
}

/** The link moved: another batch, or an earlier run of this activity, recorded it. The next plan finds out. */
function planAgain(record: WrittenRecord): Recording {
  return { record, commit: null, again: { ...record.change, full: true }, waitMs: 0 };
}

async function settle(deps: Dependencies, map: CompiledMap, record: WrittenRecord, link: Link): Promise<Recording> {
  const nowMs = deps.clock.nowMs();
  const advance = advanceLink(map, link, record.results, nowMs);
  const failed = firstFault(link, record.results);
  const notSent = Object.values(record.results).find((result) => result.kind === 'not-sent');
  const commit = withDecided(commitFor(map, record, link, advance, nowMs), record.change);
  if (failed !== null) return settleFault(deps, map, record, link, commit, failed);
  if (notSent?.reason === 'paused') {
    return parked(record, commit, pausedChange(deps, record.change, null));
  }
  const again = advance.again || record.again || notSent !== undefined;
  const full = notSent !== undefined || record.again;
  const next: Change = { ...afterDecisions(record.change, advance), full, hinted: hintedAfter(record, advance) };
  // A host learns of a new version some seconds late.
  const waitMs = notSent?.reason === 'map-version' ? NEW_VERSION_REST_MS : 0;
  if (again) return { record, commit, again: next, waitMs };
  return { record, commit: withoutParked(commit, link), again: null, waitMs: 0 };
}

/** What waited is done, unless fields still wait for a person. */
function withoutParked(commit: RecordCommit, link: Link): RecordCommit {
  const unpark = Object.keys(link.open).length === 0 ? link.parked : null;
  return unpark !== null && commit.link !== null
    ? { ...commit, link: { ...commit.link, parked: null }, unpark }
    : commit;
}

/** A server's own answer is news of the side that gave it. */
function hintedAfter(record: WrittenRecord, advance: Advance): readonly Side[] {
  return advance.again
    ? [...record.change.hinted.filter((side) => !advance.done.includes(side)), ...advance.done]
    : record.change.hinted;
}

function commitFor(map: CompiledMap, record: WrittenRecord, link: Link, advance: Advance, nowMs: number): RecordCommit {
  const written = { change: record.change, claimed: link, done: advance.done, inferred: false, after: advance.link };
  return {
    mapId: map.id,
    key: record.key,
    link: advance.link,
    etag: record.etag,
    audit: auditOf(map, written, nowMs),
    conflicts: [],
    park: null,
    unpark: null,
  };
}

interface SideFault {
  side: Side;
  fault: Fault;
}

function firstFault(link: Link, results: Partial<PerSide<WriteResult>>): SideFault | null {
  for (const side of SIDES) {
    const result = results[side];
    if (result?.kind === 'failed' && link.intent?.writes[side] !== undefined) return { side, fault: result.fault };
  }
  return null;
}

/** Stale rows are planned again from fresh reads; passing faults after a rest; the others wait where they are seen. */
async function settleFault(
  deps: Dependencies,
  map: CompiledMap,
  record: WrittenRecord,
  link: Link,
  commit: RecordCommit,
  failed: SideFault,
): Promise<Recording> {
  const { fault } = failed;
  if (fault.class === 'stale' || fault.class === 'exists' || fault.class === 'gone') {
    return { record, commit, again: afterFault(record.change, fault), waitMs: 0 };
  }
  if (isPassing(fault)) return settlePassing(deps, record, link, commit, fault);
  if (fault.class === 'offline' || isDrift(fault))
    return parked(record, commit, parkedFor(deps, { ...record.change, full: true }, fault));
  const write = link.intent?.writes[failed.side];
  if (link.intent?.backflow === true && isRefusal(fault) && unnumberedRowId(map, record.key) === null) {
    // The source refuses the server's own answer: the pair stands as an agreed difference.
    const agreed = commit.link === null ? null : { ...commit.link, intent: null, backflow: null };
    return { record, commit: { ...commit, link: agreed }, again: null, waitMs: 0 };
  }
  if (write?.operation === 'delete' && isRefusal(fault)) {
    const refused = commit.link === null ? null : { ...commit.link, deleteRefusals: link.deleteRefusals + 1 };
    const change = { ...record.change, full: true };
    return parked(record, { ...commit, link: refused }, parkedChange(deps, change, 'failed', fault));
  }
  return settleRefusal(
    deps,
    map,
    record,
    commit,
    failed,
    await findParents(deps, map, record.key, failed.side, write, fault),
  );
}

/** How long to rest before a record is planned by the version that is active by now. */
const NEW_VERSION_REST_MS = 1_000;

/** How often a refused write has the records looked at that it refers to. */
const SUSPICIONS_MAX = 3;

/** Refused for good: wait for the record that is referred to, or for a person. */
async function settleRefusal(
  deps: Dependencies,
  map: CompiledMap,
  record: WrittenRecord,
  commit: RecordCommit,
  { fault }: SideFault,
  { missing, unheardOf, thoughtPresent }: ParentsOfWrite,
): Promise<Recording> {
  const { releases } = record.change;
  // A refusal that comes again may be about a record that went without our hearing of it: look, but not for ever.
  const again = releases > 0 && releases <= SUSPICIONS_MAX;
  const suspects = missing.length > 0 || again ? thoughtPresent : [];
  const [first] = missing;
  if (first === undefined) {
    const failed = parkedChange(deps, record.change, 'failed', fault);
    for (const ref of suspects) await deps.state.addWaiter(ref, failed.identity, map.id);
    return { ...parked(record, commit, failed), lookAt: suspects };
  }
  const waiting = parkedChange(deps, record.change, 'missing-reference', fault, { awaits: first });
  for (const ref of missing) await deps.state.addWaiter(ref, waiting.identity, map.id);
  const lookAt = deps.settings.syncMissingParents ? [...suspects, ...unheardOf] : suspects;
  return { ...parked(record, commit, waiting), lookAgain: suspects.length === 0 ? missing : [], lookAt };
}

/** A pause longer than the claim gives the claim back, keeps the intent, and is waited for outside. */
function settlePassing(
  deps: Dependencies,
  record: WrittenRecord,
  link: Link,
  commit: RecordCommit,
  fault: Fault,
): Recording {
  const pauseMs = fault.retryAfterMs ?? 0;
  const claimLeftMs = link.claim === null ? 0 : link.claim.untilMs - deps.clock.nowMs();
  if (pauseMs > claimLeftMs) {
    return parked(record, commit, parkedChange(deps, record.change, 'throttled', fault, { delayMs: pauseMs }));
  }
  const change = afterFault(record.change, fault);
  return { record, commit, again: change, waitMs: retryDelayMs(change.attempts, fault, record.etag) };
}

function parked(record: WrittenRecord, commit: RecordCommit, change: ParkedChange): Recording {
  const link = commit.link === null ? null : { ...commit.link, parked: change.id };
  return { record, commit: { ...commit, link, park: change }, again: null, waitMs: 0 };
}

async function commitRecordings(deps: Dependencies, recordings: Recording[]): Promise<void> {
  const saving = recordings.filter((recording) => recording.commit !== null);
  const outcomes = await deps.state.commit(saving.flatMap(({ commit }) => commit ?? []));
  saving.forEach((recording, index) => {
    const { commit, record } = recording;
    if (outcomes[index]?.kind === 'lost') {
      recording.commit = null;
      recording.again = { ...record.change, full: true };
      deps.telemetry.emit({ event: 'claim.lost', mapId: record.change.mapId, key: record.key });
      return;
    }
    for (const entry of commit?.audit ?? []) {
      const { mapId, key, side, operation } = entry;
      deps.telemetry.emit({ event: 'change.written', mapId, key, side, operation, lagMs: entry.atMs - entry.sinceMs });
    }
    if (commit?.park != null) {
      const { mapId, reason, fault } = commit.park;
      deps.telemetry.emit({ event: 'change.parked', mapId, key: record.key, reason, code: fault?.code ?? null });
    }
  });
}

/** Children of what is there now are released; and what was parked looks again whether its parent came meanwhile. */
async function wakeUp(deps: Dependencies, command: RecordCommand, recordings: readonly Recording[]): Promise<void> {
  const linked: RecordKey[] = recordings
    .filter(({ commit }) => commit === null || commit.link?.state === 'linked')
    .map(({ record }) => record.key);
  if (linked.length > 0) await releaseWaiters(deps, command.mapId, linked);
  const awaited = recordings.flatMap(({ commit, lookAgain = [] }) => (commit === null ? [] : lookAgain));
  if (awaited.length > 0) await releaseAwaited(deps, awaited);
  for (const { commit, record, lookAt = [] } of recordings) {
    if (commit !== null) for (const ref of lookAt) await lookAtParent(deps, ref, record.etag);
  }
  if (recordings.some(({ commit }) => commit?.park?.reason === 'paused')) await releaseIfRunning(deps, command.mapId);
}
