import type { Result } from '../core/fault/fault.ts';
import type { TableShape } from '../core/map/compiled-map.ts';

/** The metadata of one side, as far as maps need them. */
export interface TableShapes {
  /** Faults: `configuration` for an unknown table, and as for reads. `columns` are those whose lookups must be known. */
  shape(table: string, columns: readonly string[]): Promise<Result<TableShape>>;
  /** The name that the side's events have for the table, lower case. Faults as for `shape`. */
  eventName(table: string): Promise<Result<string>>;
}
