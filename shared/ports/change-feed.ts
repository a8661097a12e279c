import type { Result } from '../core/fault/fault.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';

/** What a side tells to have changed, in one answer. Hints only: nothing but ids and versions is taken from it. */
export interface FeedPage {
  /** Changed rows with the etags that they have now. */
  rows: readonly { rowId: string; version: string }[];
  /** Rows that the side says were deleted. */
  deletedIds: readonly string[];
  /** Where the next page begins, or the next run if there is none. */
  cursor: string;
  /** Further pages are ready. */
  more: boolean;
  /** The place to go on from was no longer known, so this begins with all rows; deletions since are not told. */
  restarted: boolean;
}

/** The changes of a table, told by its side beside all events. */
export interface ChangeFeed {
  /** The page at a cursor; null begins with all rows. Faults: as for reads of `RecordStore`. */
  next(map: CompiledMap, cursor: string | null): Promise<Result<FeedPage>>;
}
