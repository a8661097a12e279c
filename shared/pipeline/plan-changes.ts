import { afterFault, type Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { isPassing, retryDelayMs, spreadMs } from '../core/fault/retry-policy.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row, RowState } from '../core/record/row.ts';
import type { PerSide } from '../core/record/side.ts';
import { planRecord, type RecordPlan } from '../core/write/plan-record.ts';
import type { DeletionConsent } from '../core/write/record-facts.ts';
import type { StoredLink } from '../ports/state-store.ts';
import { commitPlans } from './commit-plans.ts';
import { stopForDrift } from './control-map.ts';
import type { Dependencies } from './dependencies.ts';
import { withTwins } from './find-twins.ts';
import { heldDeletions } from './guard-deletions.ts';
import { parkedChange, parkedFor } from './park.ts';
import { parkPaused, releaseIfRunning } from './park-paused.ts';
import { isTakenForNew, type Planned, type Planning } from './planning.ts';
import { readRows } from './read-rows.ts';
import { withoutMoving, withoutRenamed } from './renamed-records.ts';
import { resolveKeys, unknownRow } from './resolve-keys.ts';
import { settleOldNews } from './settle-old-news.ts';
import type { PlanAnswer, PlanCommand } from './sync-changes.ts';

/** How long to rest before a record is looked at again that another batch is writing. */
const BUSY_REST_MS = 400;

/**
 * Plans and claims a batch. Order matters: links first, rows second, then the claim under the etag that was loaded
 * before the rows; so a row that is older than the link can never be taken for news. Whether the map runs is asked
 * after the claim, by the write: what is planned of a map that was paused meanwhile waits with its intent.
 */
export async function planChanges(deps: Dependencies, command: PlanCommand): Promise<PlanAnswer> {
  const route = await deps.maps.find(command.mapId);
  const nowMs = deps.clock.nowMs();
  if (route === null) return parkAll(deps, command);
  const { map } = route;
  const resolved = await resolveKeys(deps, map, command.changes);
  const planning: Planning = {
    deps,
    map,
    command,
    nowMs,
    claimUntilMs: nowMs + deps.settings.claimMs,
    links: await loadLinks(deps, map, resolved.changes),
    again: [],
    parked: resolved.parked,
    waitMs: 0,
    settled: resolved.settled,
  };
  if (resolved.failed !== null) retryLater(planning, resolved.failed.changes, resolved.failed.fault);
  const pause = pauseIn(resolved.failed);
  const planned =
    pause === null
      ? await planResolved(planning, resolved.changes, resolved.rows)
      : holdBack(planning, resolved.changes, pause);
  const claimed = await commitPlans(planning, await withGuard(planning, planned));
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

/** Where a row was just created there is hardly a link, so none is asked for beyond those at hand. */
async function loadLinks(
  deps: Dependencies,
  map: CompiledMap,
  changes: readonly Change[],
): Promise<Map<RecordKey, StoredLink>> {
  const keyOf = (change: Change): RecordKey => change.key ?? '';
  const loaded = await deps.state.loadLinks(map.id, changes.filter((change) => !isTakenForNew(change)).map(keyOf));
  const atHand = deps.state.cachedLinks(map.id, changes.filter(isTakenForNew).map(keyOf));
  return new Map([...loaded, ...atHand]);
}

/** A map that is not there, or not valid any more, writes nothing: its changes wait until it is. */
async function parkAll(deps: Dependencies, command: PlanCommand): Promise<PlanAnswer> {
  await parkPaused(deps, command.mapId, command.changes);
  return { kind: 'planned', claimed: [], again: [], waitMs: 0, settled: 0 };
}

async function planResolved(
  planning: Planning,
  changes: readonly Change[],
  fresh: ReadonlyMap<string, Row>,
): Promise<Planned[]> {
  const idle = changes.filter((change) => !isBusy(planning, change));
  const free = await withoutOldNews(planning, await withoutMoving(planning, idle));
  const read = await readRows(planning.deps, planning.map, free, planning.links, fresh);
  const pause = pauseIn(read.failed);
  if (pause !== null) return holdBack(planning, free, pause);
  const planned: Planned[] = [];
  const placed = await withTwins(planning, await withoutRenamed(planning, free, read), read);
  if (placed.fault !== null) return holdBack(planning, placed.changes, placed.fault);
  for (const change of placed.changes) {
    const states = read.states.get(change.key ?? '');
    if (states !== undefined) planAlone(planning, change, states, planned);
    else if (read.failed !== null) retryLater(planning, [change], read.failed.fault);
  }
  return planned;
}

/** A side asked for a pause, or is gone: nothing of this batch may call it before that is over. */
function pauseIn(failed: { fault: Fault } | null): Fault | null {
  return failed?.fault.class === 'throttled' || failed?.fault.class === 'offline' ? failed.fault : null;
}

function holdBack(planning: Planning, changes: readonly Change[], fault: Fault): Planned[] {
  retryLater(planning, changes, fault);
  return [];
}

async function withoutOldNews(planning: Planning, changes: readonly Change[]): Promise<readonly Change[]> {
  const { deps, map, links } = planning;
  const { settled, left, lost } = await settleOldNews(deps, map, changes, links);
  planning.settled += settled;
  planning.again.push(...lost);
  return left;
}

/** The claim of another batch is waited for without reading any row. */
function isBusy(planning: Planning, change: Change): boolean {
  const claim = planning.links.get(change.key ?? '')?.link.claim ?? null;
  if (claim === null || claim.owner === planning.command.owner || planning.nowMs >= claim.untilMs) return false;
  planning.again.push(change);
  planning.waitMs = Math.max(planning.waitMs, spreadMs(BUSY_REST_MS, `${planning.command.owner}|${claim.untilMs}`));
  return true;
}

/** A record that our own code stumbles over is parked alone; the others of the batch go on. */
function planAlone(planning: Planning, change: Change, states: PerSide<RowState>, planned: Planned[]): void {
  try {
    planOne(planning, change, states, planned);
  } catch (error) {
    const message = `Record ${change.key} of ${planning.map.title} could not be planned: ${String(error)}`;
    const fault: Fault = { code: 'TW501', class: 'business', message };
    planning.parked.push(parkedChange(planning.deps, change, 'failed', fault));
  }
}

function planOne(planning: Planning, change: Change, states: PerSide<RowState>, planned: Planned[]): void {
  const plan = planWith(planning, change, states, change.approved === true ? 'approved' : 'free');
  // Only one side may have been looked at; a row of the other that was in nobody's way before is now to be carried over.
  if (plan.kind === 'settled' && plan.outcome === 'gone' && !change.full) {
    planning.again.push({ ...change, full: true });
    return;
  }
  if (plan.kind === 'settled' && plan.wait === null && isPerhapsNumbered(planning, change)) {
    planning.parked.push(unknownRow(planning.deps, planning.map, change, 'finops'));
    return;
  }
  if (plan.kind !== 'busy') {
    planned.push({ change, plan, states });
    return;
  }
  // An expired claim whose owner may live on another clock: look again when that is out of the question. The change
  // stays with this batch: were it parked, the other batch's success could take it out unplanned.
  planning.again.push(change);
  planning.waitMs = Math.max(planning.waitMs, plan.untilMs - planning.nowMs);
}

/**
 * A deleted row of a key that is no record's may have been numbered for one that has no answer to its insert yet: its id
 * will tell, once that is recorded.
 */
function isPerhapsNumbered({ deps, map, links }: Planning, change: Change): boolean {
  const isDeleted = change.deletedIds.finops !== undefined && links.get(change.key ?? '')?.link.state !== 'linked';
  return map.numbering !== null && isDeleted && change.releases < deps.settings.unknownRowReleasesMax;
}

function planWith(
  { deps, map, command, nowMs, claimUntilMs, links }: Planning,
  change: Change,
  rows: PerSide<RowState>,
  deletion: DeletionConsent,
): RecordPlan {
  const key = change.key ?? '';
  return planRecord({
    map,
    key,
    link: links.get(key)?.link ?? null,
    rows,
    source: change.hinted.at(-1) ?? map.master,
    nowMs,
    owner: command.owner,
    claimUntilMs,
    ids: { intent: deps.identifiers.guid(), parked: deps.identifiers.guid(), row: deps.identifiers.guid() },
    deletion,
    decisions: change.decisions ?? [],
  });
}

async function withGuard(planning: Planning, planned: readonly Planned[]): Promise<Planned[]> {
  const held = await heldDeletions(planning, planned);
  if (held.size === 0) return [...planned];
  return planned.map((item) => {
    const plan = held.has(item) ? planWith(planning, item.change, item.states, 'held') : item.plan;
    return plan.kind === 'busy' ? item : { ...item, plan };
  });
}

function retryLater(planning: Planning, changes: readonly Change[], fault: Fault): void {
  if (!isPassing(fault)) {
    for (const change of changes) planning.parked.push(parkedFor(planning.deps, change, fault));
    return;
  }
  for (const change of changes) planning.again.push({ ...afterFault(change, fault), full: change.full });
  const attempt = Math.max(...changes.map(({ attempts }) => attempts)) + 1;
  planning.waitMs = Math.max(planning.waitMs, retryDelayMs(attempt, fault, planning.command.owner));
}

async function parkChanges(planning: Planning): Promise<void> {
  const { deps, map } = planning;
  const stopped = await stopForDrift(deps, map.id, planning.parked);
  await planning.deps.state.park(planning.parked);
  if (stopped) await releaseIfRunning(deps, map.id);
  for (const { mapId, identity, reason, fault } of planning.parked) {
    const event = { event: 'change.parked' as const, mapId, key: identity, reason, code: fault?.code ?? null };
    planning.deps.telemetry.emit(event);
  }
}
