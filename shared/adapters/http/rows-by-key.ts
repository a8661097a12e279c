import type { CompiledMap } from '../../core/map/compiled-map.ts';
import { keysOf } from '../../core/map/numbering.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { Row } from '../../core/record/row.ts';
import type { Side } from '../../core/record/side.ts';

/**
 * Rows by the wanted keys they have. Several rows may have one key where the side does not forbid it: one in the
 * map's filter goes before the others, then the lowest id, so that every read names the same row; it says so.
 */
export function rowsByKey(
  map: CompiledMap,
  side: Side,
  rows: readonly Row[],
  wanted: ReadonlySet<RecordKey>,
): Map<RecordKey, Row> {
  const { inFilter } = map.sides[side];
  const found = new Map<RecordKey, Row>();
  const ordered = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const inside = ordered.filter(({ values }) => inFilter(values));
  for (const row of [...inside, ...ordered]) {
    for (const key of keysOf(map, side, row)) {
      if (!wanted.has(key)) continue;
      const first = found.get(key);
      if (first === undefined) found.set(key, row);
      else if (first.id !== row.id && inFilter(row.values)) found.set(key, { ...first, isOneOfSeveral: true });
    }
  }
  return found;
}
