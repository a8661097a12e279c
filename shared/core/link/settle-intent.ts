import type { CompiledField, CompiledMap } from '../map/compiled-map.ts';
import { matchedId } from '../map/numbering.ts';
import type { Row, RowState } from '../record/row.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import {
  type Base,
  detachedLink,
  half,
  type IntendedWrite,
  type Intent,
  type Link,
  type LinkSide,
  withoutOwed,
} from './link.ts';

/** What an open intent turned out to be, once the rows that it was to change have been read. */
export interface Settlement {
  /** The link with every write that was found done, or impossible, taken out of the intent. */
  link: Link;
  /** Writes that may still land: they are repeated unchanged before anything new goes to their row. */
  repeat: Partial<PerSide<IntendedWrite>>;
  /** Sides whose write had happened without being recorded. */
  done: readonly Side[];
  /** A write had an unknown outcome: conflicts found now may be with ourselves. */
  afterUnknown: boolean;
  /** It may still land, and is not repeated, because it was refused. */
  givenUp: boolean;
}

/** `doubtful`: can happen no more, and nothing tells whether it happened. */
type Finding = 'done' | 'pending' | 'impossible' | 'doubtful';

/**
 * Examines an intent that was saved and never recorded. A write is atomic, so one field that bears the intended value,
 * or our chosen GUID, proves the whole of it; a version that moved past the write's condition without bearing it
 * proves that it can no longer happen; an unmoved version means that it may still happen and is repeated.
 */
export function settleIntent(map: CompiledMap, link: Link, rows: PerSide<RowState>): Settlement {
  const intent = link.intent;
  if (intent === null) return { link, repeat: {}, done: [], afterUnknown: false, givenUp: false };
  const examined = SIDES.flatMap((side): Examined[] => {
    const intended = intent.writes[side];
    if (intended === undefined) return [];
    return [{ side, write: ofMap(map, intent, intended), finding: examine(map, side, intended, link, rows[side]) }];
  });
  const isPending = ({ finding }: Examined): boolean => finding === 'pending';
  const repeat = writesOf(examined.filter((each) => isPending(each) && !each.write.refused));
  const found = writesOf(examined.filter(({ finding }) => finding === 'done'));
  const owed = writesOf(examined.filter(({ finding }) => finding !== 'done'));
  const unsure = examined.some(({ finding, write }) => write.unknown || finding === 'doubtful');
  const afterUnknown = unsure || intent.besideUnknown === true;
  const givenUp = examined.some((each) => isPending(each) && each.write.unknown && each.write.refused);
  const done = SIDES.filter((side) => found[side] !== undefined);
  let settled: Link = { ...link, base: baseOf(map, link, done), backflow: backflowOf(link, done), intent: null };
  for (const side of done) settled = withDoneWrite(settled, side, found[side], rows[side], owed[otherSide(side)]);
  const inferred = done.flatMap((side) => Object.keys(found[side]?.pairs ?? {}));
  settled = { ...settled, assumed: [...new Set([...link.assumed, ...inferred])] };
  const seen = { ...intent.seen };
  // What was found done moved its row on: the version that the plan had seen says nothing any more.
  for (const side of done) seen[side] = null;
  const left: Intent = { ...intent, mapVersion: map.version, seen, writes: repeat };
  const unsettled = Object.keys(repeat).length === 0 ? settled : { ...settled, intent: left };
  return { link: unsettled, repeat, done, afterUnknown, givenUp };
}

/** A write of the intent, and what the rows tell of it. */
interface Examined {
  side: Side;
  write: IntendedWrite;
  finding: Finding;
}

function writesOf(examined: readonly Examined[]): Partial<PerSide<IntendedWrite>> {
  return Object.fromEntries(examined.map(({ side, write }) => [side, write]));
}

/** Another version of the map may lack fields: what it neither reads nor writes cannot count as written. */
function ofMap(map: CompiledMap, intent: Intent, write: IntendedWrite): IntendedWrite {
  if (intent.mapVersion === map.version) return write;
  const pairs = map.fields.flatMap(({ id }) => (write.pairs[id] === undefined ? [] : [[id, write.pairs[id]] as const]));
  return { ...write, pairs: Object.fromEntries(pairs) };
}

/** The writes of an answer that goes back are done with it; others leave it as it is. */
function backflowOf({ intent, backflow }: Link, done: readonly Side[]): Link['backflow'] {
  return intent?.backflow === true && done.length > 0 ? null : backflow;
}

/** Of what another version wrote, and this one does not read, nobody knows what both sides agree on. */
function baseOf(map: CompiledMap, { intent, base }: Link, done: readonly Side[]): Base | null {
  if (intent === null || base === null || intent.mapVersion === map.version) return base;
  const known = new Set(map.fields.map(({ id }) => id));
  const lost = new Set(
    done.flatMap((side) => Object.keys(intent.writes[side]?.pairs ?? {})).filter((id) => !known.has(id)),
  );
  return Object.fromEntries(Object.entries(base).filter(([id]) => !lost.has(id)));
}

function examine(map: CompiledMap, side: Side, write: IntendedWrite, link: Link, state: RowState): Finding {
  if (state.state === 'assumed') return 'pending';
  if (write.operation === 'delete') return examineDelete(write, state);
  if (state.state === 'absent') return write.operation === 'insert' ? examineLostInsert(write, state) : 'impossible';
  return examineRow(map, side, write, link, state);
}

function examineRow(
  map: CompiledMap,
  side: Side,
  write: IntendedWrite,
  link: Link,
  state: Extract<RowState, { row: Row }>,
): Finding {
  const { row } = state;
  if (write.operation === 'deactivate') return examineDeactivation(write, row);
  if (write.operation === 'insert' && write.rowId !== null) return row.id === write.rowId ? 'done' : 'impossible';
  if (write.operation === 'update' && row.version === write.ifMatch) return 'pending';
  if (bearsOurId(map, side, write, row) || bearsIntendedValue(map, side, write, link, state)) return 'done';
  return write.refused && bearsIntendedValue(map, side, { ...write, refused: false }, link, state)
    ? 'doubtful'
    : 'impossible';
}

/** The id of the Dataverse row that a new F&O row was created for, in the column that nobody else fills. */
function bearsOurId(map: CompiledMap, side: Side, write: IntendedWrite, row: Row): boolean {
  const id = write.operation === 'insert' ? matchedId(map, side, row) : null;
  return id !== null && id === write.extra[map.numbering?.matchColumn ?? '']?.toLowerCase();
}

/** A row with our chosen id that a delete event names was created and deleted: it is not created again. */
function examineLostInsert(write: IntendedWrite, state: { deletedIds: readonly string[] }): Finding {
  return write.rowId !== null && state.deletedIds.includes(write.rowId) ? 'done' : 'pending';
}

function examineDelete(write: IntendedWrite, state: RowState): Finding {
  if (state.state === 'absent') return 'done';
  if (state.state === 'assumed') return 'pending';
  if (state.row.id !== write.rowId) return 'done';
  return state.row.version === write.ifMatch ? 'pending' : 'impossible';
}

function examineDeactivation(write: IntendedWrite, row: Row): Finding {
  if (row.version === write.ifMatch) return 'pending';
  return Object.entries(write.extra).every(([column, value]) => row.values[column] === value) ? 'done' : 'impossible';
}

/**
 * One field that bears its intended value, and did not before, proves the write (an update writes nothing that its row
 * held already); so does a new row under our key where nothing else was intended. Should a person have typed the very
 * same, what is overwritten because of it is recorded. A row outside the filter under the key of a new one is most often
 * another map's, which may bear one of the values by chance: it must bear all but those that the filter asks for. A
 * refusal is told of the last attempt only; one before it, whose host died, may have been carried out, but where the row
 * bears only some of it, a person may as well have typed that.
 */
function bearsIntendedValue(
  map: CompiledMap,
  side: Side,
  write: IntendedWrite,
  link: Link,
  { state, row: { values } }: Extract<RowState, { row: Row }>,
): boolean {
  const strange = write.operation === 'insert' && state === 'outside';
  const telling = map.fields.filter((field) => {
    const pair = write.pairs[field.id];
    if (pair === undefined || map.sides[side].keyColumns.includes(field[side])) return false;
    if (strange && map.sides[side].filterColumns.includes(field[side])) return false;
    return write.operation === 'update' || half(pair, side) !== half(link.base?.[field.id], side);
  });
  const extra = write.operation === 'update' ? Object.entries(write.extra) : [];
  if (extra.some(([column, value]) => values[column] === value)) return true;
  if (telling.length === 0) return write.operation === 'insert';
  const bears = (field: CompiledField) => (values[field[side]] ?? null) === half(write.pairs[field.id], side);
  return strange || write.refused ? telling.every(bears) : telling.some(bears);
}

/** The base as it stands once the write has happened; versions stay unknown, so that rows are read before use. */
function withDoneWrite(
  link: Link,
  side: Side,
  write: IntendedWrite | undefined,
  state: RowState,
  owed: IntendedWrite | undefined,
): Link {
  if (write === undefined) return link;
  const absent = state.state === 'absent' || state.state === 'assumed';
  // A deletion is only ever intended where the other row is proven to be gone.
  if (write.operation === 'delete') {
    const gone: LinkSide = { rowId: null, address: null, version: null, presence: 'absent', confirmed: true };
    return {
      ...link,
      sides: { finops: gone, dataverse: gone },
      state: 'tombstone',
      base: null,
      open: {},
      backflow: null,
    };
  }
  if (write.operation === 'deactivate') return detachedLink(link, otherSide(side));
  const own: LinkSide = absent
    ? { rowId: write.rowId, address: null, version: null, presence: 'absent', confirmed: true }
    : { rowId: state.row.id, address: state.row.address, version: null, presence: 'present', confirmed: true };
  const other = link.sides[otherSide(side)];
  const sides = { ...link.sides, [side]: own, [otherSide(side)]: { ...other, version: null } };
  const lostInsert = write.operation === 'insert' && absent;
  const before = write.operation === 'insert' ? {} : link.base;
  if (lostInsert) sides[side] = { ...own, presence: 'present' };
  return {
    ...link,
    sides,
    state: 'linked',
    base: { ...before, ...withoutOwed(write.pairs, owed) },
    // What a server answered to an earlier write still has to go back.
    backflow: write.operation === 'insert' ? null : link.backflow,
    detached: null,
  };
}
