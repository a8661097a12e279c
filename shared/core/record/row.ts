import type { Values } from './canonical-value.ts';

/** A row of one side as it was read, reduced to the columns a map knows. */
export interface Row {
  /** The Dataverse GUID, or the F&O RecId where the system shows it, else the F&O key; never reused by the system. */
  id: string;
  /** How the side's own interface addresses the row (F&O: the OData key); equal to `id` in Dataverse. */
  address: string;
  /** The etag. Only ever compared for equality. */
  version: string;
  values: Values;
  /** ISO-8601 instant of the last change, where the side tells it. */
  modifiedAt?: string;
  /** Who made the last change, where the side tells it. */
  modifiedBy?: string;
  /** Another row in the map's filter has the key, too, that this one was found by. */
  isOneOfSeveral?: true;
}

/** Stands among deleted ids for a delete event that names the record's key, not a row. */
export const DELETED_BY_KEY = '*';

/**
 * What is known of a row at planning. `outside` rows exist but fail the map's filter: they are never created over.
 * `absent` is a deletion only where it is proven: by a delete event that names the row, or a full scan.
 * `assumed` rows were not read: they are what the link says, and the write that rests on it is conditional.
 */
export type RowState =
  | { state: 'in'; row: Row }
  | { state: 'outside'; row: Row }
  | { state: 'absent'; deletedIds: readonly string[]; scanned: boolean }
  | { state: 'assumed' };

/** Whether the absence of the row with this id is a deletion. */
export function isProvenAbsent(state: RowState, rowId: string | null): boolean {
  if (state.state !== 'absent') return false;
  if (state.scanned || state.deletedIds.includes(DELETED_BY_KEY)) return true;
  return rowId !== null && state.deletedIds.includes(rowId);
}
