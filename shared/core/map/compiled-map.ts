import type { CanonicalValue, Values } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { Row } from '../record/row.ts';
import type { PerSide, Side } from '../record/side.ts';
import type { ConflictPolicy, DeleteGuard, DeletePolicy, EventBinding, MergePolicy } from './table-map.ts';
import type { Conversion } from './value-transform.ts';

/** What the core must know of a side's table or entity to run a map on it. */
export interface TableShape {
  /** Type of a column, or of the last column of a lookup path; null where the side has no such column. */
  typeOf(column: string): ColumnType | null;
  /** Column or path that holds the company code; null for a table that belongs to no company. */
  companyColumn: string | null;
  /** Columns that a user of the side cannot change after creation; they are never part of an update. */
  createOnly(column: string): boolean;
  /** Columns that follow from others and that nobody writes: an event that tells what was written does not tell them. */
  computed(column: string): boolean;
  /** Logical names of the tables that the last lookup of a path points to; empty for a plain column. */
  lookupTables(path: string): readonly string[];
  /** Whether the side itself refuses a second row with the map's integration key. */
  uniqueBy(columns: readonly string[]): boolean;
  /** Whether rows tell when they were last changed; `newest-wins` needs it. */
  tellsModifiedAt: boolean;
  /** Keys by which the last lookup of a path finds its row, the company left out; absent where nobody tells. */
  lookupKeys?: (path: string) => readonly (readonly string[])[];
  /** Columns without which the side takes no new row and that it does not fill itself; absent where nobody tells. */
  mandatory?: readonly string[];
}

/** The tables that a lookup field may point to, and the column there that the field's values are of. */
export interface LookupField {
  tables: readonly string[];
  column: string;
}

/** One field that exists on both sides. `id` names it in the link's base; it is stable under reordering. */
export interface CompiledField {
  id: string;
  finops: string;
  dataverse: string;
  /** Whether values may flow from this side to the other. */
  flowsFrom: PerSide<boolean>;
  policy: ConflictPolicy;
  /** Lookup fields name another record; a missing one parks the change under it. Null for plain columns. */
  lookup: LookupField | null;
  convert: Conversion;
}

/** How F&O numbers the records that come from Dataverse without a key. */
interface Numbering {
  /** F&O key column that the number sequence fills where it is left out. */
  column: string;
  /** F&O column that bears the id of the Dataverse row; unique, so that a create that timed out is found, not repeated. */
  matchColumn: string;
}

export interface CompiledSide {
  /** Entity set (F&O) or logical name (Dataverse). */
  table: string;
  /** Every column to read: mapped, key and filter columns. */
  columns: readonly string[];
  /** The same as events name them: of a lookup path the table's own column. */
  readColumns: ReadonlySet<string>;
  keyColumns: readonly string[];
  filterColumns: readonly string[];
  companyColumn: string | null;
  /** Values written when a row is created here, besides the mapped ones. */
  constants: Values;
  /** What makes a row here inactive, and active again; empty where the map does not deactivate. */
  deactivation: { inactive: Values; active: Values };
  /** State and status reason of an active row, where inactive ones have to be made active to be edited; else null. */
  reopening: Values | null;
  /** What becomes of a record whose row here was merged into another; null where rows cannot be merged. */
  merges: MergePolicy | null;
  createOnly: ReadonlySet<string>;
  /** Rows may be created and deleted here, because the key flows to this side. */
  writable: boolean;
  /** The side refuses a second row with the same key, so an insert needs no look before. */
  uniqueKey: boolean;
  /** An event that names the columns that were written tells all that can have changed of what is read. */
  toldByEvents: boolean;
  inFilter(values: Values): boolean;
  typeOf(column: string): ColumnType;
}

/** A table map made ready to run: nothing of it is interpreted per row. */
export interface CompiledMap {
  id: string;
  version: string;
  title: string;
  sides: PerSide<CompiledSide>;
  fields: readonly CompiledField[];
  /** Who wins where a row exists on both sides at first contact. */
  master: Side;
  /** What a deletion on this side does to the other. */
  deletes: PerSide<DeletePolicy>;
  deleteGuard: DeleteGuard;
  events: readonly EventBinding[];
  numbering: Numbering | null;
  /**
   * The map with the columns of its match rule for a key: reads a row that is the record's own under another key. Null
   * without a rule.
   */
  twins: CompiledMap | null;
  /**
   * The record's key from a row of that side; null while a part of it is empty. A Dataverse row that F&O is still to
   * number has a provisional key.
   */
  keyOf(side: Side, row: Pick<Row, 'id' | 'values'>): RecordKey | null;
}

/** The value of a field on a side. */
export function fieldValue(field: CompiledField, side: Side, values: Values): CanonicalValue {
  return values[field[side]] ?? null;
}
