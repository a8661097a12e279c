import { mergeChanges } from '../../core/change/merge-changes.ts';
import type { ParkedChange, StoredParkedChange } from '../../ports/state-store.ts';
import { packText, unpackValue } from './row-json.ts';
import { indexRow, parkedRow } from './state-keys.ts';
import type { RowName, TableRow } from './table.ts';

/** A change to park, with the index row that was written for it. */
export interface Parking {
  parked: ParkedChange;
  stamp: string;
}

/** What the parked row holds once the change is parked over what waits there already. */
export function parkedProperties(parking: Parking, existing: TableRow | undefined): Record<string, unknown> {
  const { parked, stamp } = parking;
  const earlier = existing === undefined ? undefined : unpackValue<ParkedChange>(existing);
  return { ...parkedRow(parked), stamp, ...packText(JSON.stringify(coalesced(earlier, parked))) };
}

/** One parked change per record: it waits since the earlier parking, for the reason of the later one. */
function coalesced(earlier: ParkedChange | undefined, later: ParkedChange): ParkedChange {
  if (earlier === undefined) return later;
  const [change] = mergeChanges([earlier.change, later.change]);
  return { ...later, change: change ?? later.change, parkedAtMs: Math.min(earlier.parkedAtMs, later.parkedAtMs) };
}

/** The etag that is handed out names the index row, too, so that taking the change out needs no read. */
export function storedParked(row: TableRow): StoredParkedChange {
  return { parked: unpackValue<ParkedChange>(row), etag: `${stampOf(row)} ${row.etag}` };
}

export function stampOf(row: TableRow): string {
  return String(row['stamp']);
}

/** The index row that belongs to this version of the parked row. */
export function indexRowOf(row: TableRow): RowName {
  return indexRow(unpackValue<ParkedChange>(row), stampOf(row));
}

/** The two halves of an etag made by `storedParked`. */
export function splitEtag(etag: string): { stamp: string; rowEtag: string } {
  const space = etag.indexOf(' ');
  return { stamp: etag.slice(0, space), rowEtag: etag.slice(space + 1) };
}
