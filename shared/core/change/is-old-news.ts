import { half, type Link, type LinkSide } from '../link/link.ts';
import type { CompiledField, CompiledMap } from '../map/compiled-map.ts';
import { ownColumn } from '../map/lookup-path.ts';
import { canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import type { Side } from '../record/side.ts';
import type { Change } from './change.ts';

/**
 * Whether all that an event says was written is known or of no concern: the echo of our own write, an edit that comes
 * to nothing, or an edit of a row outside the filter that leaves it there. Only where the link is settled; the caller
 * saves the link all the same, so that a plan under way with an older row loses its claim.
 */
export function isOldNews(map: CompiledMap, link: Link | null, change: Change): boolean {
  const [side] = change.hinted;
  const { news } = change;
  if (news === undefined || change.full || change.hinted.length !== 1 || side === undefined) return false;
  if (link === null || link.plannedBy !== map.version || !isAtRest(link)) return false;
  if (isAnotherRow(link.sides[side], change.rowIds[side])) return false;
  const { presence, confirmed } = link.sides[side];
  if (presence === 'outside') return !decidesFilter(map, side, Object.keys(news));
  return link.state === 'linked' && confirmed && presence === 'present' && isAgreed(map, link, side, news);
}

function isAtRest(link: Link): boolean {
  const settled = link.intent === null && link.backflow === null && link.assumed.length === 0 && link.claim === null;
  return settled && link.parked === null && Object.keys(link.open).length === 0;
}

/** The key was given away and taken again, unheard of. */
function isAnotherRow({ rowId }: LinkSide, named: readonly string[] | undefined): boolean {
  return rowId !== null && named !== undefined && !named.includes(rowId);
}

function decidesFilter(map: CompiledMap, side: Side, written: readonly string[]): boolean {
  const { keyColumns, filterColumns } = map.sides[side];
  const decisive = new Set([...keyColumns, ...filterColumns].map(ownColumn));
  return written.some((column) => decisive.has(column));
}

function isAgreed(map: CompiledMap, link: Link, side: Side, news: NonNullable<Change['news']>): boolean {
  const fields = Map.groupBy(map.fields, (field) => ownColumn(field[side]));
  return Object.entries(news).every(([column, text]) => {
    if (!map.sides[side].readColumns.has(column)) return true;
    const own = fields.get(column);
    return own?.every((field) => isAgreedValue(map, link, side, field, text)) ?? false;
  });
}

function isAgreedValue(map: CompiledMap, link: Link, side: Side, field: CompiledField, text: string | null): boolean {
  if (text === null) return false;
  try {
    return canonicalValue(text, map.sides[side].typeOf(field[side])) === half(link.base?.[field.id], side);
  } catch (error) {
    if (error instanceof NotCanonicalError) return false;
    throw error;
  }
}
