import { type LinkSide, newLink } from '../link/link.ts';
import { otherSide, SIDES, type Side } from '../record/side.ts';
import { decideDeleted } from './decide-deletion.ts';
import { decideInsert } from './decide-insert.ts';
import { decideMerge } from './decide-merge.ts';
import { decideMergedAway } from './decide-merged-away.ts';
import type { Decision } from './decision.ts';
import {
  type DecideInput,
  isIn,
  isProvenGone,
  isToldDeleted,
  settled,
  sideAfterRead,
  wasThere,
} from './record-facts.ts';
import { absenceWait } from './waits.ts';

/** Judges the presence of both rows, then merges their fields; a row that was merged into another is no row any more. */
export function decideRecord(input: DecideInput): Decision {
  const mergedAway = decideMergedAway(input);
  if (mergedAway !== null) return mergedAway;
  const present = SIDES.filter((side) => isIn(input.rows[side]));
  if (present.length === 2) return decideMerge(input);
  const [only] = present;
  if (only !== undefined) return decideOneSided(input, only);
  return decideNeither(input);
}

function decideOneSided(input: DecideInput, present: Side): Decision {
  const { map, link, rows } = input;
  const missing = otherSide(present);
  if (rows[missing].state === 'outside') return decideOutside(input);
  // A row that was seen but never linked needs no proof: it may have gone before the first write.
  if (link.state !== 'linked' || !wasThere(link, missing)) {
    if (link.detached === missing) return settled(link, 'filtered');
    if (!map.sides[missing].writable) return settled(link, 'one-way', { forget: link.state === 'new' });
    return decideInsert(input, present, []);
  }
  if (!isProvenGone(input, missing)) return waitForProof(input, missing);
  const gone: LinkSide = { ...link.sides[missing], presence: 'deleted' };
  return decideDeleted({ ...input, link: { ...link, sides: { ...link.sides, [missing]: gone } } }, present);
}

/** The link vouches for a missing row no more: else the next hint of the other side would take it for there. */
function waitForProof(input: DecideInput, missing: Side): Decision {
  const unseen = (side: Side): LinkSide => {
    const known = input.link.sides[side];
    return input.rows[side].state === 'absent' ? { ...known, version: null } : known;
  };
  const sides = { finops: unseen('finops'), dataverse: unseen('dataverse') };
  return settled({ ...input.link, sides }, 'waiting', { wait: absenceWait(input, missing) });
}

/** A row that leaves the filter keeps its partner as it is; the base waits for its return. */
function decideOutside(input: DecideInput): Decision {
  const { link } = input;
  const sides = { finops: sideBesideOutside(input, 'finops'), dataverse: sideBesideOutside(input, 'dataverse') };
  return settled({ ...link, sides }, 'filtered');
}

function sideBesideOutside({ link, rows }: DecideInput, side: Side): LinkSide {
  const read = sideAfterRead(link.sides[side], rows[side], false);
  return read.presence === 'outside' ? read : { ...read, version: null };
}

function decideNeither(input: DecideInput): Decision {
  const { link, rows } = input;
  const outside = SIDES.some((side) => rows[side].state === 'outside');
  if (link.state === 'new') return outside ? decideOutside(input) : decideGone(input);
  const unproven = SIDES.find((side) => {
    return wasThere(link, side) && rows[side].state === 'absent' && !isProvenGone(input, side);
  });
  const oneProven = SIDES.some((side) => isProvenGone(input, side));
  if (unproven !== undefined && !oneProven) return waitForProof(input, unproven);
  if (outside && unproven === undefined && !oneProven) return decideOutside(input);
  const sides = { finops: sideOfTombstone(input, 'finops'), dataverse: sideOfTombstone(input, 'dataverse') };
  return settled(
    { ...link, sides, state: 'tombstone', base: null, open: {}, assumed: [], backflow: null, intent: null },
    'deleted',
  );
}

/**
 * Never one record: only that a row of it had been outside is worth forgetting. A deletion is saved although nothing
 * follows from it: who claims the record for a row that was read before it must lose that claim.
 */
function decideGone({ link, rows }: DecideInput): Decision {
  const { sides } = newLink(link.mapId, link.key);
  const known = SIDES.some((side) => link.sides[side].presence === 'outside' || isToldDeleted(rows[side]));
  return settled({ ...link, sides }, 'gone', { forget: !known });
}

/** A row outside the filter may come back into it, so it stays known. */
function sideOfTombstone(input: DecideInput, side: Side): LinkSide {
  const gone: LinkSide = { rowId: null, address: null, version: null, presence: 'absent', confirmed: true };
  const read = sideAfterRead(gone, input.rows[side], false);
  return read.presence === 'outside' ? read : { ...read, version: null };
}
