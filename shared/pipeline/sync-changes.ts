import type { Change, SyncBatch } from '../core/change/change.ts';
import { ATTEMPTS_MAX, WAITED_MAX_MS } from '../core/fault/retry-policy.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { PerSide } from '../core/record/side.ts';
import type { WriteResult } from '../core/write/write-result.ts';

/** A record that was claimed: the etag of its link is the claim. */
export interface ClaimedRecord {
  key: RecordKey;
  etag: string;
  change: Change;
  /** Plan once more after recording: an unsettled write was repeated first. */
  again: boolean;
}

/** The etags under which records were claimed, for loading exactly those links. */
export function claimEtags(records: readonly ClaimedRecord[]): ReadonlyMap<RecordKey, string> {
  return new Map(records.map(({ key, etag }) => [key, etag]));
}

export interface WrittenRecord extends ClaimedRecord {
  results: Partial<PerSide<WriteResult>>;
}

/** What the generator asks for. Commands and answers are plain data: they pass through the durable history. */
export type SyncCommand =
  | { kind: 'plan'; mapId: string; owner: string; changes: readonly Change[] }
  | { kind: 'write'; mapId: string; owner: string; records: readonly ClaimedRecord[] }
  | { kind: 'record'; mapId: string; owner: string; records: readonly WrittenRecord[] }
  | { kind: 'park'; mapId: string; changes: readonly Change[]; restMs?: number }
  | { kind: 'wait'; delayMs: number };

export type PlanCommand = Extract<SyncCommand, { kind: 'plan' }>;

export interface PlanAnswer {
  kind: 'planned';
  claimed: readonly ClaimedRecord[];
  /** Changes that met another batch, lost a claim or could not be read: plan them again. */
  again: readonly Change[];
  /** How long to rest before that, at least. */
  waitMs: number;
  settled: number;
}

export interface WriteAnswer {
  kind: 'written';
  records: readonly WrittenRecord[];
}

export interface RecordAnswer {
  kind: 'recorded';
  again: readonly Change[];
  waitMs: number;
  recorded: number;
}

export type SyncAnswer = PlanAnswer | WriteAnswer | RecordAnswer | { kind: 'parked' } | { kind: 'waited' };

/** What an orchestration has to say at its end. */
export interface SyncReport {
  settled: number;
  recorded: number;
  parked: number;
}

/** Rounds of plan, write and record before what is left is parked; every round needs a reason of its own. */
export const ROUNDS_MAX = 24;

/**
 * Synchronises one batch: plan, write, record; and again for what met somebody else's edit, a pause or a passing
 * fault. Pure: it holds no clock and no promise, so that every replay yields the same commands.
 */
export function* syncChanges(batch: SyncBatch, owner: string): Generator<SyncCommand, SyncReport, SyncAnswer> {
  const { mapId } = batch;
  const report: SyncReport = { settled: 0, recorded: 0, parked: 0 };
  let pending: readonly Change[] = batch.changes;
  let waitedMs = 0;
  for (let round = 1; pending.length > 0; round += 1) {
    const exhausted = round > ROUNDS_MAX ? pending : pending.filter((change) => change.attempts >= ATTEMPTS_MAX);
    if (exhausted.length > 0) {
      expect(yield { kind: 'park', mapId, changes: exhausted }, 'parked');
      report.parked += exhausted.length;
      pending = pending.filter((change) => !exhausted.includes(change));
      if (pending.length === 0) break;
    }
    const { again, waitMs } = yield* goOnce(mapId, owner, pending, report);
    pending = again;
    if (again.length === 0 || waitMs === 0) continue;
    if (waitedMs + waitMs > WAITED_MAX_MS) {
      expect(yield { kind: 'park', mapId, changes: again, restMs: waitMs }, 'parked');
      report.parked += again.length;
      break;
    }
    expect(yield { kind: 'wait', delayMs: waitMs }, 'waited');
    waitedMs += waitMs;
  }
  return report;
}

/** What is left of one round, and how long to rest before the next. */
interface Left {
  again: readonly Change[];
  waitMs: number;
}

function* goOnce(
  mapId: string,
  owner: string,
  changes: readonly Change[],
  report: SyncReport,
): Generator<SyncCommand, Left, SyncAnswer> {
  const planned = expect(yield { kind: 'plan', mapId, owner, changes }, 'planned');
  report.settled += planned.settled;
  if (planned.claimed.length === 0) return planned;
  const written = expect(yield { kind: 'write', mapId, owner, records: planned.claimed }, 'written');
  const recorded = expect(yield { kind: 'record', mapId, owner, records: written.records }, 'recorded');
  report.recorded += recorded.recorded;
  return { again: [...planned.again, ...recorded.again], waitMs: Math.max(planned.waitMs, recorded.waitMs) };
}

function expect<Kind extends SyncAnswer['kind']>(answer: SyncAnswer, kind: Kind): Extract<SyncAnswer, { kind: Kind }> {
  if (answer.kind !== kind) throw new TypeError(`the driver answered "${answer.kind}" where "${kind}" was due`);
  return answer as Extract<SyncAnswer, { kind: Kind }>;
}
