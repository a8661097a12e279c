import type { Change } from '../core/change/change.ts';
import type { Link } from '../core/link/link.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Wait } from '../core/write/decision.ts';
import type { AuditEntry, CommitOutcome, ParkedChange, RecordCommit } from '../ports/state-store.ts';
import { auditOf } from './audit-entries.ts';
import { conflictsOf } from './conflict-rows.ts';
import type { Dependencies } from './dependencies.ts';
import { moveLink } from './move-link.ts';
import { parkedChange } from './park.ts';
import { isTakenForNew, type Planned, type Planning } from './planning.ts';
import { releaseWaiters } from './release-parked.ts';
import { rememberRows } from './remember-ids.ts';
import type { ClaimedRecord } from './sync-changes.ts';

/** Ids first, then links under their etags: the index may hold too much, never too little. */
export async function commitPlans(planning: Planning, planned: readonly Planned[]): Promise<ClaimedRecord[]> {
  await rememberRows(planning.deps, planning.map, planning.links, planned);
  const commits = planned.map((item) => commitOf(planning, item));
  const saving = commits.flatMap((commit, index) => (needsSaving(commit) ? [{ commit, index }] : []));
  const outcomes = await planning.deps.state.commit(saving.map(({ commit }) => commit));
  const etags = new Map(saving.map(({ index }, position) => [index, outcomes[position]]));
  const claimed: ClaimedRecord[] = [];
  const linked: RecordKey[] = [];
  planned.forEach((item, index) => {
    const outcome = etags.get(index);
    if (!isProven(planning, item, outcome)) {
      planning.again.push({ ...item.change, full: true });
      return;
    }
    reportPlan(planning, item, commits[index]);
    if (item.plan.kind === 'write') {
      claimed.push({ key: item.change.key ?? '', etag: etagOf(outcome), change: item.change, again: item.plan.again });
    } else {
      planning.settled += 1;
      const key = item.change.key ?? '';
      const link = item.plan.link ?? planning.links.get(key)?.link;
      if (item.plan.wait === null && link?.state === 'linked') linked.push(key);
    }
  });
  if (linked.length > 0) await releaseWaiters(planning.deps, planning.map.id, linked);
  for (const [index, item] of planned.entries()) await moveRenamed(planning, item, etags.get(index));
  return claimed;
}

/** Both rows bear another key, and nothing else is left to do. */
async function moveRenamed(planning: Planning, { change, plan }: Planned, outcome: CommitOutcome | undefined) {
  if (plan.kind !== 'settled' || plan.rekey === null || outcome?.kind === 'lost') return;
  const stored = planning.links.get(change.key ?? '');
  const link = plan.link ?? stored?.link;
  const etag = outcome?.kind === 'saved' ? outcome.etag : stored?.etag;
  if (link !== undefined && etag != null) await moveLink(planning, change, { link, etag }, plan.rekey);
}

function etagOf(outcome: CommitOutcome | undefined): string {
  return outcome?.kind === 'saved' ? (outcome.etag ?? '') : '';
}

/** False where another batch saved the link first, or where nothing was saved that proves that there is no link. */
function isProven(planning: Planning, { change }: Planned, outcome: CommitOutcome | undefined): boolean {
  const key = change.key ?? '';
  if (outcome === undefined) return !isTakenForNew(change) || planning.links.has(key);
  if (outcome.kind === 'lost') planning.deps.telemetry.emit({ event: 'claim.lost', mapId: planning.map.id, key });
  return outcome.kind === 'saved';
}

function needsSaving(commit: RecordCommit): boolean {
  return (
    commit.link !== null ||
    commit.park !== null ||
    commit.conflicts.length > 0 ||
    commit.audit.length > 0 ||
    commit.unpark !== null
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
    conflicts: conflictsOf(map, key, stored?.link ?? null, states, plan, nowMs),
    park: wait === null ? null : parkedOf(planning.deps, item.change, wait, plan.link),
    unpark: wait === null && plan.kind === 'settled' ? (stored?.link.parked ?? null) : null,
  };
}

/** The link names what is parked beside it, so that only that is taken out again. */
function parkedOf(deps: Dependencies, change: Change, wait: Wait, link: Link | null): ParkedChange {
  return parkedChange(deps, change, wait.reason, wait.fault, link?.parked == null ? {} : { id: link.parked });
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
