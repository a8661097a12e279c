import { coalesceParked, keepsWaiting } from '../../core/change/merge-changes.ts';
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
  const { parked } = parking;
  const earlier = existing === undefined || isClosed(existing) ? undefined : unpackValue<ParkedChange>(existing);
  const stamp = existing !== undefined && keepsIndex(parking, existing) ? stampOf(existing) : parking.stamp;
  return { ...parkedRow(parked), stamp, ...packText(JSON.stringify(coalesceParked(earlier, parked))) };
}

/** The index row that nothing leads to once the change is parked over what waits there. */
export function staleIndexRow(parking: Parking | null, existing: TableRow): RowName {
  return parking !== null && keepsIndex(parking, existing)
    ? indexRow(parking.parked, parking.stamp)
    : indexRowOf(existing);
}

function keepsIndex({ parked }: Parking, existing: TableRow): boolean {
  return !isClosed(existing) && keepsWaiting(unpackValue<ParkedChange>(existing), parked);
}

/**
 * What is left of a parked change that was taken out with its record: a transaction knows no conditional deletion, so
 * the row is emptied. The next parking takes its place.
 */
export function closedRow(name: RowName): RowName & Record<string, unknown> {
  return { ...name, stamp: '' };
}

export function isClosed(row: TableRow): boolean {
  return stampOf(row) === '';
}

/** The id of the parked change; null where it was taken out. */
export function parkedId(row: TableRow): string | null {
  return isClosed(row) ? null : unpackValue<ParkedChange>(row).id;
}

/** The etag that is handed out names the index row, too, so that taking the change out needs no read. */
export function storedParked(row: TableRow): StoredParkedChange {
  return { parked: unpackValue<ParkedChange>(row), etag: `${stampOf(row)} ${row.etag}` };
}

export function stampOf(row: TableRow): string {
  return String(row['stamp']);
}

/** The index row that belongs to this version of the parked row. */
function indexRowOf(row: TableRow): RowName {
  return indexRow(unpackValue<ParkedChange>(row), stampOf(row));
}

/** The two halves of an etag made by `storedParked`. */
export function splitEtag(etag: string): { stamp: string; rowEtag: string } {
  const space = etag.indexOf(' ');
  return { stamp: etag.slice(0, space), rowEtag: etag.slice(space + 1) };
}
