import type { Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { isPassing } from '../core/fault/retry-policy.ts';
import type { Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row, RowState } from '../core/record/row.ts';
import type { PerSide } from '../core/record/side.ts';
import { planRecord, type RecordPlan } from '../core/write/plan-record.ts';
import type { AuditEntry, ParkedChange, RecordCommit, StoredLink } from '../ports/state-store.ts';
import { auditOf } from './audit-entries.ts';
import { conflictsOf } from './conflict-rows.ts';
import type { Dependencies } from './dependencies.ts';
import { parkedChange } from './park.ts';
import { readRows } from './read-rows.ts';
import { releaseWaiters } from './release-parked.ts';
import { rememberRows } from './remember-ids.ts';
import { resolveKeys } from './resolve-keys.ts';
import type { ClaimedRecord, PlanAnswer, SyncCommand } from './sync-changes.ts';

type PlanCommand = Extract<SyncCommand, { kind: 'plan' }>;

/** How long to rest before a record is looked at again that another batch is writing. */
const BUSY_REST_MS = 400;
const READ_RETRY_MS = 1_000;

interface Planning {
  deps: Dependencies;
  map: CompiledMap;
  command: PlanCommand;
  nowMs: number;
  claimUntilMs: number;
  links: ReadonlyMap<RecordKey, StoredLink>;
  again: Change[];
  parked: ParkedChange[];
  waitMs: number;
  settled: number;
}

interface Planned {
  change: Change;
  plan: Exclude<RecordPlan, { kind: 'busy' }>;
  states: PerSide<RowState>;
}

/**
 * Plans and claims a batch. Order matters: links first, rows second, then the claim under the etag that was loaded
 * before the rows; so a row that is older than the link can never be taken for news.
 */
export async function planChanges(deps: Dependencies, command: PlanCommand): Promise<PlanAnswer> {
  const route = await deps.maps.find(command.mapId);
  const nowMs = deps.clock.nowMs();
  const status = await deps.mapStore.status(command.mapId);
  if (route === null || status !== 'running') return parkAll(deps, command, nowMs);
  const { map } = route;
  const resolved = await resolveKeys(deps, map, command.changes);
  const keys = resolved.changes.map((change) => change.key ?? '');
  const planning: Planning = {
    deps,
    map,
    command,
    nowMs,
    claimUntilMs: nowMs + deps.settings.claimMs,
    links: await deps.state.loadLinks(map.id, keys),
    again: [],
    parked: resolved.parked,
    waitMs: 0,
    settled: resolved.settled,
  };
  if (resolved.failed !== null) retryLater(planning, resolved.failed.changes, resolved.failed.fault);
  const planned = await planResolved(planning, resolved.changes, resolved.rows);
  const claimed = await commitPlans(planning, planned);
  if (planning.parked.length > 0) await parkChanges(planning);
  deps.telemetry.emit({
    event: 'batch.planned',
    mapId: map.id,
    changes: command.changes.length,
    writes: claimed.length,
    settled: planning.settled,
    again: planning.again.length,
  });
  const { again, waitMs, settled } = planning;
  return { kind: 'planned', claimed, again, waitMs, settled };
}

/** A map that does not run writes nothing: its changes wait until it does. */
async function parkAll(deps: Dependencies, command: PlanCommand, nowMs: number): Promise<PlanAnswer> {
  const parked = command.changes.map((change) => parkedChange(change, 'paused', null, nowMs));
  await deps.state.park(parked);
  for (const { mapId, identity } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason: 'paused', code: null });
  }
  return { kind: 'planned', claimed: [], again: [], waitMs: 0, settled: 0 };
}

async function planResolved(
  planning: Planning,
  changes: readonly Change[],
  fresh: ReadonlyMap<string, Row>,
): Promise<Planned[]> {
  const free = changes.filter((change) => !isBusy(planning, change));
  const read = await readRows(planning.deps, planning.map, free, planning.links, fresh);
  const planned: Planned[] = [];
  for (const change of free) {
    const key = change.key ?? '';
    const states = read.states.get(key);
    if (read.moved.has(key)) {
      const message = `Record ${key} of ${planning.map.title} is linked to a row that bears another key now.`;
      const fault = { code: 'TW210' as const, class: 'business' as const, message };
      planning.parked.push(parkedChange(change, 'key-changed', fault, planning.nowMs));
    } else if (states === undefined) {
      if (read.failed !== null) retryLater(planning, [change], read.failed.fault);
    } else planOne(planning, change, states, planned);
  }
  return planned;
}

/** The claim of another batch is waited for without reading any row. */
function isBusy(planning: Planning, change: Change): boolean {
  const claim = planning.links.get(change.key ?? '')?.link.claim ?? null;
  if (claim === null || claim.owner === planning.command.owner || planning.nowMs >= claim.untilMs) return false;
  planning.again.push(change);
  planning.waitMs = Math.max(planning.waitMs, BUSY_REST_MS);
  return true;
}

function planOne(planning: Planning, change: Change, states: PerSide<RowState>, planned: Planned[]): void {
  const { deps, map, command, nowMs, claimUntilMs } = planning;
  const key = change.key ?? '';
  const plan = planRecord({
    map,
    key,
    link: planning.links.get(key)?.link ?? null,
    rows: states,
    source: change.hinted.at(-1) ?? map.master,
    nowMs,
    owner: command.owner,
    claimUntilMs,
    ids: { intent: deps.identifiers.guid(), row: deps.identifiers.guid() },
  });
  if (plan.kind !== 'busy') {
    planned.push({ change, plan, states });
    return;
  }
  // An expired claim whose owner may live on another clock: look again when that is out of the question.
  const wait = parkedChange(change, 'throttled', null, nowMs, { delayMs: Math.max(1_000, plan.untilMs - nowMs) });
  planning.parked.push(wait);
}

/** Ids first, then links under their etags: the index may hold too much, never too little. */
async function commitPlans(planning: Planning, planned: readonly Planned[]): Promise<ClaimedRecord[]> {
  await rememberRows(planning.deps, planning.map, planning.links, planned);
  const commits = planned.map((item) => commitOf(planning, item));
  const saving = commits.flatMap((commit, index) => (needsSaving(commit) ? [{ commit, index }] : []));
  const outcomes = await planning.deps.state.commit(saving.map(({ commit }) => commit));
  const etags = new Map(saving.map(({ index }, position) => [index, outcomes[position]]));
  const claimed: ClaimedRecord[] = [];
  const linked: RecordKey[] = [];
  planned.forEach((item, index) => {
    const outcome = etags.get(index);
    if (outcome?.kind === 'lost') {
      planning.again.push({ ...item.change, full: true });
      planning.deps.telemetry.emit({ event: 'claim.lost', mapId: planning.map.id, key: item.change.key ?? '' });
      return;
    }
    reportPlan(planning, item, commits[index]);
    if (item.plan.kind === 'write') {
      const etag = outcome?.etag ?? '';
      claimed.push({ key: item.change.key ?? '', etag, change: item.change, again: item.plan.again });
    } else {
      planning.settled += 1;
      const { link, wait } = item.plan;
      if (wait === null && (link === null || link.state === 'linked')) linked.push(item.change.key ?? '');
    }
  });
  if (linked.length > 0) await releaseWaiters(planning.deps, planning.map.id, linked);
  return claimed;
}

function needsSaving(commit: RecordCommit): boolean {
  return (
    commit.link !== null ||
    commit.park !== null ||
    commit.conflicts.length > 0 ||
    commit.audit.length > 0 ||
    commit.unpark
  );
}

function commitOf(planning: Planning, item: Planned): RecordCommit {
  const { map, nowMs } = planning;
  const key = item.change.key ?? '';
  const stored = planning.links.get(key);
  const { plan, states } = item;
  const wait = plan.wait;
  return {
    mapId: map.id,
    key,
    link: plan.link,
    etag: stored?.etag ?? null,
    audit: healedAudit(planning, item, stored?.link ?? null),
    conflicts: conflictsOf(map, key, stored?.link ?? null, states, plan.conflicts, nowMs),
    park: wait === null ? null : parkedChange(item.change, wait.reason, wait.fault, nowMs),
    unpark: wait === null && plan.kind === 'settled' && stored?.link.parked === true,
  };
}

function healedAudit(planning: Planning, item: Planned, claimed: Link | null): AuditEntry[] {
  const { healed, link } = item.plan;
  if (claimed === null || healed.length === 0) return [];
  const written = { change: item.change, claimed, done: healed, inferred: true, after: link };
  return auditOf(planning.map, written, planning.nowMs);
}

function reportPlan(planning: Planning, item: Planned, commit: RecordCommit | undefined): void {
  const { telemetry } = planning.deps;
  const mapId = planning.map.id;
  const key = item.change.key ?? '';
  if (item.plan.kind === 'settled') {
    telemetry.emit({ event: 'change.settled', mapId, key, outcome: item.plan.outcome });
  }
  for (const conflict of commit?.conflicts ?? []) {
    telemetry.emit({ event: 'conflict.recorded', mapId, key, field: conflict.field, rule: conflict.rule });
  }
  if (commit?.park != null) {
    const { reason, fault } = commit.park;
    telemetry.emit({ event: 'change.parked', mapId, key, reason, code: fault?.code ?? null });
  }
}

function retryLater(planning: Planning, changes: readonly Change[], fault: Fault): void {
  if (!isPassing(fault)) {
    for (const change of changes) planning.parked.push(parkedChange(change, 'failed', fault, planning.nowMs));
    return;
  }
  const attempt = fault.class === 'throttled' ? 0 : 1;
  for (const change of changes) planning.again.push({ ...change, attempts: change.attempts + attempt });
  planning.waitMs = Math.max(planning.waitMs, fault.retryAfterMs ?? READ_RETRY_MS);
}

async function parkChanges(planning: Planning): Promise<void> {
  await planning.deps.state.park(planning.parked);
  for (const { mapId, identity, reason, fault } of planning.parked) {
    const event = { event: 'change.parked' as const, mapId, key: identity, reason, code: fault?.code ?? null };
    planning.deps.telemetry.emit(event);
  }
}
