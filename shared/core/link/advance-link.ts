import type { Fault } from '../fault/fault.ts';
import { isRefusal } from '../fault/retry-policy.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { Values } from '../record/canonical-value.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import { RECENT_WRITES_MAX, writesDigest } from '../write/breaker.ts';
import type { WriteResult } from '../write/write-result.ts';
import {
  type Base,
  detachedLink,
  half,
  type IntendedWrite,
  type Intent,
  type Link,
  type LinkSide,
  pairOf,
  withoutOwed,
} from './link.ts';

/** The link after its writes ended, and whether the record must be planned once more right away. */
export interface Advance {
  link: Link;
  /** Sides whose write was carried out. */
  done: readonly Side[];
  /** Writes remain, a server's answer has to go back, or the row holds more than was known. */
  again: boolean;
}

/**
 * Carries the results of a claimed link's writes into it: base and versions of what was done, the intent reduced to
 * what was not. A version is kept only where the base holds all that the row holds.
 */
export function advanceLink(
  map: CompiledMap,
  link: Link,
  results: Partial<PerSide<WriteResult>>,
  nowMs: number,
): Advance {
  const intent = link.intent;
  if (intent === null) return { link: { ...link, claim: null }, done: [], again: false };
  const done = SIDES.filter((side) => intent.writes[side] !== undefined && results[side]?.kind === 'done');
  const left = remainingWrites(intent, results);
  const complete = SIDES.every((side) => left[side] === undefined);
  // An inference is spent once what was made of it is written; a write that is only repeated made nothing of it.
  const written = new Set(SIDES.flatMap((side) => Object.keys(intent.writes[side]?.pairs ?? {})));
  const assumed = complete ? link.assumed.filter((field) => !written.has(field)) : link.assumed;
  let next: Link = { ...link, claim: null, assumed, intent: complete ? null : { ...intent, writes: left } };
  let again = false;
  for (const side of done) {
    const applied = applyWrite(map, next, side, intent, results[side], complete);
    next = applied.link;
    again ||= applied.surprised;
  }
  if (done.length > 0) next = { ...next, recentWrites: remember(link, pick(intent.writes, done), nowMs) };
  if (complete && done.length > 0) next = withSeenVersions(next, intent, done);
  if (intent.backflow && complete) next = { ...next, backflow: null };
  return { link: next, done, again: again || next.backflow !== null };
}

function remainingWrites(intent: Intent, results: Partial<PerSide<WriteResult>>): Partial<PerSide<IntendedWrite>> {
  const left: Partial<PerSide<IntendedWrite>> = {};
  for (const side of SIDES) {
    const write = intent.writes[side];
    const result = results[side];
    if (write === undefined || result?.kind === 'done') continue;
    left[side] = result?.kind === 'failed' ? afterFault(write, result.fault) : write;
  }
  return left;
}

/** A definite refusal need not be repeated; of an attempt before it, whose host died, the row itself will tell. */
function afterFault(write: IntendedWrite, fault: Fault): IntendedWrite {
  if (fault.class === 'unknown' || fault.class === 'transient') return { ...write, unknown: true };
  return isRefusal(fault) ? { ...write, refused: true } : write;
}

function pick(writes: Partial<PerSide<IntendedWrite>>, sides: readonly Side[]): Partial<PerSide<IntendedWrite>> {
  return Object.fromEntries(sides.map((side) => [side, writes[side]])) as Partial<PerSide<IntendedWrite>>;
}

function remember(link: Link, writes: Partial<PerSide<IntendedWrite>>, nowMs: number): Link['recentWrites'] {
  return [...link.recentWrites, { atMs: nowMs, digest: writesDigest(writes) }].slice(-RECENT_WRITES_MAX);
}

interface Applied {
  link: Link;
  surprised: boolean;
}

function applyWrite(
  map: CompiledMap,
  link: Link,
  side: Side,
  intent: Intent,
  result: WriteResult | undefined,
  complete: boolean,
): Applied {
  const write = intent.writes[side];
  if (write === undefined || result?.kind !== 'done') return { link, surprised: false };
  if (write.operation === 'delete') return { link: tombstone(link), surprised: false };
  if (write.operation === 'deactivate') return { link: detachedLink(link, otherSide(side)), surprised: false };
  const answer = compareAnswer(map, link, side, write, result.differing);
  const knowsAll = complete && !answer.surprised && Object.keys(link.open).length === 0;
  const own: LinkSide = {
    rowId: result.rowId ?? write.rowId,
    address: result.address ?? write.address,
    version: knowsAll ? result.version : null,
    presence: 'present',
    confirmed: result.differing !== null,
  };
  const backflow =
    answer.differing.length > 0 && !intent.backflow ? { from: side, fields: answer.differing } : link.backflow;
  // A new row starts with what it was given: fields that the map does not have now were agreed of another row.
  const before = write.operation === 'insert' ? {} : link.base;
  const base: Base = { ...before, ...withoutOwed(answer.pairs, link.intent?.writes[otherSide(side)]) };
  const next: Link = { ...link, state: 'linked', base, backflow, deleteRefusals: 0, detached: null };
  return { link: { ...next, sides: { ...next.sides, [side]: own } }, surprised: answer.surprised };
}

function tombstone(link: Link): Link {
  const gone: LinkSide = { rowId: null, address: null, version: null, presence: 'absent', confirmed: true };
  return {
    ...link,
    state: 'tombstone',
    sides: { finops: gone, dataverse: gone },
    base: null,
    open: {},
    backflow: null,
    deleteRefusals: 0,
  };
}

/** The mapped columns of an answered row that are not as the link and the write lead to expect. */
export function differingValues(
  map: CompiledMap,
  link: Link,
  side: Side,
  write: IntendedWrite,
  values: Values,
): Values {
  const differing: Record<string, string | null> = {};
  // What goes the other way at the same time is this row's own value.
  const carriedOn = link.intent?.writes[otherSide(side)]?.pairs;
  for (const field of map.fields) {
    const held = values[field[side]] ?? null;
    const expected = half(write.pairs[field.id] ?? carriedOn?.[field.id] ?? link.base?.[field.id], side);
    if (held !== expected) differing[field[side]] = held;
  }
  return differing;
}

interface Answer {
  pairs: Base;
  /** Two-way fields where the server holds another value than it was sent. */
  differing: string[];
  /** A field that was not written is not as the base says: somebody or something else wrote, too. */
  surprised: boolean;
}

/** The server's answer is what counts: the pair is what we sent from, and what it made of it. */
function compareAnswer(
  map: CompiledMap,
  link: Link,
  side: Side,
  write: IntendedWrite,
  differing: Values | null,
): Answer {
  const pairs: Record<string, readonly [string | null, string | null]> = { ...write.pairs };
  const answer: Answer = { pairs, differing: [], surprised: false };
  if (differing === null) return answer;
  const source = otherSide(side);
  for (const field of map.fields) {
    const held = differing[field[side]];
    if (held === undefined) continue;
    const pair = write.pairs[field.id];
    if (pair !== undefined) {
      // A new row's own default in a field that flows the other way only is agreed as it is: it is nobody's edit.
      pairs[field.id] = pairOf(side, held, half(pair, source));
      if (field.flowsFrom.finops && field.flowsFrom.dataverse) answer.differing.push(field.id);
    } else if (field.flowsFrom[side] && link.open[field.id] === undefined) {
      answer.surprised = true;
    }
  }
  return answer;
}

/** The side that was only read stands at the version that was read, now that the base holds all of it. */
function withSeenVersions(link: Link, intent: Intent, done: readonly Side[]): Link {
  if (link.state === 'tombstone') return link;
  const sides = { ...link.sides };
  for (const side of SIDES) {
    if (done.includes(side)) continue;
    const open = Object.keys(link.open).length > 0;
    sides[side] = { ...sides[side], version: open ? null : intent.seen[side] };
  }
  return { ...link, sides };
}
