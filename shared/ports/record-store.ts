import type { Fault, Result } from '../core/fault/fault.ts';
import type { Reopening } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { Values } from '../core/record/canonical-value.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row } from '../core/record/row.ts';

/** A record to read: by its row's id where that is known, and by its key where the id leads nowhere. */
export interface Wanted {
  key: RecordKey;
  rowId: string | null;
}

/** One row to write, addressed and conditional as the intent says. */
export interface RowWrite {
  key: RecordKey;
  operation: 'insert' | 'update' | 'delete';
  rowId: string | null;
  address: string | null;
  ifMatch: string | null;
  /** Column or lookup path to canonical value. */
  values: Values;
  /** State to be written before and after the other values, in one transaction with them; `ifMatch` holds for all. */
  reopen?: Reopening;
  /** Milliseconds since 1970 after which it is not to be sent any more: its record's claim ends. */
  notAfterMs?: number;
}

export type RowWriteResult =
  | {
      kind: 'done';
      rowId: string | null;
      address: string | null;
      version: string | null;
      /** What the row holds now in the map's columns; null where the server does not say. */
      values: Values | null;
    }
  | { kind: 'failed'; fault: Fault };

/** The rows of one side. Faults are values; nothing here throws for what a server can answer. */
export interface RecordStore {
  /**
   * Current rows of many records in few calls; records without a row are missing from the answer. A row found by its
   * id may meanwhile have another key: the caller compares. Faults: throttled, transient, unauthorised, configuration.
   */
  read(map: CompiledMap, wanted: readonly Wanted[]): Promise<Result<ReadonlyMap<RecordKey, Row>>>;
  /** Current rows by id, for events that tell nothing else; absent rows are missing. Faults as for `read`. */
  readByIds(map: CompiledMap, ids: readonly string[]): Promise<Result<ReadonlyMap<string, Row>>>;
  /**
   * Writes many rows in few calls, each under its own condition, one result each in the same order. A failing row
   * never keeps another from being written. No call is begun after the earliest `notAfterMs`: what is not sent then is
   * `transient`. Faults: all classes of `Fault`; `unknown` after a time-out.
   */
  write(map: CompiledMap, writes: readonly RowWrite[]): Promise<RowWriteResult[]>;
}
