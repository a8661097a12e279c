import { half, type Link } from '../link/link.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import { canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import type { Side } from '../record/side.ts';
import type { Change } from './change.ts';

/**
 * Whether all that an event says has changed is what both sides agreed on already: the echo of our own write, or an
 * edit that comes to nothing. Only where the link is settled and confirmed; the caller saves the link all the same, so
 * that a plan under way with an older row loses its claim.
 */
export function isOldNews(map: CompiledMap, link: Link | null, change: Change): boolean {
  const [side] = change.hinted;
  if (change.news === undefined || change.full || change.hinted.length !== 1 || side === undefined) return false;
  if (link === null || !isAtRest(link, side)) return false;
  const fields = new Map(map.fields.map((field) => [field[side].toLowerCase(), field]));
  const read = new Set(map.sides[side].columns.map((column) => column.toLowerCase()));
  return Object.entries(change.news).every(([column, text]) => {
    if (!read.has(column)) return true;
    const field = fields.get(column);
    if (field === undefined) return false;
    try {
      return canonicalValue(text, map.sides[side].typeOf(field[side])) === half(link.base?.[field.id], side);
    } catch (error) {
      if (error instanceof NotCanonicalError) return false;
      throw error;
    }
  });
}

function isAtRest(link: Link, side: Side): boolean {
  const settled = link.intent === null && link.backflow === null && link.assumed.length === 0 && link.claim === null;
  const { presence, confirmed } = link.sides[side];
  const whole = link.state === 'linked' && link.parked === null && Object.keys(link.open).length === 0;
  return settled && whole && confirmed && presence === 'present';
}
