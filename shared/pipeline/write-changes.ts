import type { Fault } from '../core/fault/fault.ts';
import { differingValues } from '../core/link/advance-link.ts';
import type { Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import { isProvisional } from '../core/map/numbering.ts';
import type { PerSide, Side } from '../core/record/side.ts';
import { SIDES } from '../core/record/side.ts';
import { writtenValues } from '../core/write/intended-writes.ts';
import type { NotSentReason, WriteResult } from '../core/write/write-result.ts';
import type { RowWrite, RowWriteResult } from '../ports/record-store.ts';
import type { Dependencies } from './dependencies.ts';
import { missingNumber } from './missing-parent.ts';
import {
  type ClaimedRecord,
  claimEtags,
  type SyncCommand,
  type WriteAnswer,
  type WrittenRecord,
} from './sync-changes.ts';

type WriteCommand = Extract<SyncCommand, { kind: 'write' }>;

interface Sendable {
  index: number;
  link: Link;
  write: RowWrite;
}

/**
 * Sends the writes of claimed records, one call per side where nothing failed before. A record is written only while its claim is ours and has
 * time left for the whole call, also when the activity runs again; and the map's status and active version are read
 * after the claim, so that a pausing map writes nothing more, and a replaced version neither.
 */
export async function writeChanges(deps: Dependencies, command: WriteCommand): Promise<WriteAnswer> {
  const route = await deps.maps.find(command.mapId);
  const { status, version } = await deps.mapStore.standing(command.mapId);
  if (route === null || status !== 'running') {
    return { kind: 'written', records: command.records.map((record) => notSent(record, 'paused')) };
  }
  const keys = command.records.map((record) => record.key);
  const links = await deps.state.loadLinks(command.mapId, keys, claimEtags(command.records));
  const results: Partial<PerSide<WriteResult>>[] = command.records.map(() => ({}));
  const deadlineMs = deps.clock.nowMs() + deps.settings.writeCallMs;
  const sendable = (record: ClaimedRecord): Link | null => {
    const stored = links.get(record.key);
    if (stored === undefined || stored.etag !== record.etag) return null;
    const claim = stored.link.claim;
    if (isOfOtherVersion(stored.link, version)) return null;
    return claim?.owner === command.owner && claim.untilMs >= deadlineMs ? stored.link : null;
  };
  const ready = command.records.map(sendable);
  await Promise.all(SIDES.map((side) => writeSide(deps, route.map, side, command.records, ready, results)));
  const records = command.records.map((record, index): WrittenRecord => {
    if (ready[index] !== null) return { ...record, results: results[index] ?? {} };
    return notSent(record, isOfOtherVersion(links.get(record.key)?.link, version) ? 'map-version' : 'claim-expiring');
  });
  return { kind: 'written', records };
}

async function writeSide(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  records: readonly ClaimedRecord[],
  links: readonly (Link | null)[],
  results: Partial<PerSide<WriteResult>>[],
): Promise<void> {
  const sending: Sendable[] = records.flatMap((record, index) => {
    const link = links[index];
    const intended = link?.intent?.writes[side];
    if (link == null || intended === undefined) return [];
    const { operation, rowId, address, ifMatch, reopen } = intended;
    const values = writtenValues(map, side, intended);
    const sent = operation === 'deactivate' ? 'update' : operation;
    const notAfterMs = (link.claim?.untilMs ?? 0) - deps.settings.writeCallMs;
    const write: RowWrite = { key: record.key, operation: sent, rowId, address, ifMatch, values, notAfterMs };
    return [{ index, link, write: reopen === undefined ? write : { ...write, reopen } }];
  });
  const ready = sending.filter((each) => {
    const fault = side === 'finops' ? refersToUnnumbered(map, each) : null;
    if (fault !== null) keep(results, each.index, side, { kind: 'failed', fault });
    return fault === null;
  });
  if (ready.length === 0) return;
  const isApart = ({ index }: Sendable): boolean => records[index]?.change.apart === true;
  const groups = [ready.filter((each) => !isApart(each)), ...inShares(ready.filter(isApart))];
  let pause: WriteResult | null = null;
  for (const group of groups) {
    if (group.length === 0) continue;
    const unsent: WriteResult | null = pause ?? (isLate(deps, group) ? CLAIM_EXPIRING : null);
    const answers: WriteResult[] = unsent === null ? await sendGroup(deps, map, side, group) : group.map(() => unsent);
    group.forEach(({ index }, position) => {
      keep(results, index, side, answers[position]);
    });
    pause = answers.find((answer) => answer.kind === 'failed' && answer.fault.class === 'throttled') ?? null;
  }
}

function keep(
  results: Partial<PerSide<WriteResult>>[],
  index: number,
  side: Side,
  result: WriteResult | undefined,
): void {
  const slot = results[index];
  if (slot !== undefined && result !== undefined) slot[side] = result;
}

function refersToUnnumbered(map: CompiledMap, { write }: Sendable): Fault | null {
  const field = map.fields.find(({ lookup, finops }) => lookup !== null && isProvisional(write.values[finops] ?? null));
  return field === undefined ? null : missingNumber(map, write.key, field);
}

const CLAIM_EXPIRING: WriteResult = { kind: 'not-sent', reason: 'claim-expiring' };

/** The groups before took so long that a claim of this one may end in the middle of its call. */
function isLate({ clock }: Dependencies, group: readonly Sendable[]): boolean {
  return group.some(({ write }) => clock.nowMs() > (write.notAfterMs ?? 0));
}

async function sendGroup(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  sending: readonly Sendable[],
): Promise<WriteResult[]> {
  const answers = await deps.sides[side].write(
    map,
    sending.map(({ write }) => write),
  );
  return sending.flatMap(({ link }, position) => {
    const answer = answers[position];
    return answer === undefined ? [] : [resultOf(map, link, side, answer)];
  });
}

/** With these, what spoils a call of a hundred writes stands alone at the third attempt after it. */
const SHARES = 8;

/**
 * A write that spoils its whole call, so that nobody knows what became of the others, is found by sending them in
 * shares: those of its share are the fewer the next time.
 */
function inShares(suspects: readonly Sendable[]): Sendable[][] {
  const size = Math.ceil(suspects.length / SHARES);
  return Array.from({ length: SHARES }, (_, share) => suspects.slice(share * size, (share + 1) * size));
}

/** Only what differs from the expectation travels on: answers of a hundred rows would burst the history. */
function resultOf(map: CompiledMap, link: Link, side: Side, answer: RowWriteResult): WriteResult {
  if (answer.kind === 'failed') return answer;
  const { rowId, address, version, values } = answer;
  const write = link.intent?.writes[side];
  const differing =
    values === null || write === undefined || write.operation === 'delete' || write.operation === 'deactivate'
      ? null
      : differingValues(map, link, side, write, values);
  return { kind: 'done', rowId, address, version, differing };
}

/** Planned by a version of the map that was replaced since: what it maps to now is for a new plan to say. */
function isOfOtherVersion(link: Link | undefined, version: string | null): boolean {
  return link?.intent != null && link.intent.mapVersion !== version;
}

function notSent(record: ClaimedRecord, reason: NotSentReason): WrittenRecord {
  const result: WriteResult = { kind: 'not-sent', reason };
  return { ...record, results: { finops: result, dataverse: result } };
}
