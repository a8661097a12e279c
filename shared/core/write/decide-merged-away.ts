import { detachedLink } from '../link/link.ts';
import { otherSide, SIDES, type Side } from '../record/side.ts';
import type { Decision } from './decision.ts';
import { type DecideInput, isIn, isProvenGone, settled } from './record-facts.ts';
import { mergedWait } from './waits.ts';

/** Columns by which Dataverse tells that a row was merged into another ("Merge table rows"), and into which one. */
const MERGED = 'merged';
const SURVIVOR = 'masterid';

/**
 * A row that was merged into another is closed for good: it is no record any more, and nothing is carried to or from
 * it. Its partner is neither deactivated nor deleted: the record waits for a person, or lets the partner go, as the map
 * says. Null where no row was merged.
 */
export function decideMergedAway(input: DecideInput): Decision | null {
  const side = SIDES.find((each) => survivorOf(input, each) !== null);
  if (side === undefined) return null;
  const { map, link } = input;
  const other = otherSide(side);
  if (link.state === 'linked' && isProvenGone(input, other)) return settled(detachedLink(link, other), 'filtered');
  const isAlone = link.state !== 'linked' && !isIn(input.rows[other]);
  if (isAlone || (link.state === 'tombstone' && link.detached === side)) {
    return settled(link, 'filtered', { forget: link.state === 'new' });
  }
  if (map.sides[side].merges === 'relink') return settled(detachedLink(link, side), 'filtered');
  return settled(unvouched(input), 'waiting', { wait: mergedWait(input, side, survivorOf(input, side) ?? '') });
}

/** The id of the row that this one was merged into; null where it was not. */
function survivorOf({ map, rows }: DecideInput, side: Side): string | null {
  const state = rows[side];
  if (map.sides[side].merges === null || (state.state !== 'in' && state.state !== 'outside')) return null;
  const { values } = state.row;
  return values[MERGED] === 'true' ? (values[SURVIVOR] ?? '') : null;
}

/** The link vouches for neither row: both are read whenever the record is looked at. */
function unvouched({ link }: DecideInput): DecideInput['link'] {
  const { finops, dataverse } = link.sides;
  return { ...link, sides: { finops: { ...finops, version: null }, dataverse: { ...dataverse, version: null } } };
}
