import { fold, isReference, type StoredValue, type Values } from './stored-value.ts';
import type { KeyMetadata, Table } from './table-metadata.ts';

/** One row; never changed in place, so that an image of it can be kept for free. */
export interface Row {
  id: string;
  /** The database-wide row version that the etag shows. */
  version: number;
  /** Order of insertion, the order in which pages are read. */
  ordinal: number;
  values: Values;
}

/** A row that is gone, for the delta links. */
export interface Tombstone {
  id: string;
  version: number;
}

/** The rows of one table with their indexes. */
export interface TableRows {
  /** By id, in order of insertion. */
  rows: Map<string, Row>;
  tombstones: Tombstone[];
  /** By key name: folded key text to row id. */
  keyIndexes: Map<string, Map<string, string>>;
  /** By column name: folded text to row ids; only columns that were asked for. */
  columnIndexes: Map<string, Map<string, Set<string>>>;
}

/** A table without rows. */
export function emptyTableRows(): TableRows {
  return { rows: new Map(), tombstones: [], keyIndexes: new Map(), columnIndexes: new Map() };
}

/** Puts a row in place, or takes it away when `row` is undefined; gives the row that was there. */
export function setRow(table: Table, target: TableRows, id: string, row: Row | undefined): Row | undefined {
  const before = target.rows.get(id);
  if (before !== undefined) unindex(table, target, before);
  if (row === undefined) target.rows.delete(id);
  else {
    target.rows.set(id, row);
    index(table, target, row);
  }
  return before;
}

/** Restores the order of insertion after a deleted row was put back. */
export function sortByOrdinal(target: TableRows): void {
  const sorted = [...target.rows.values()].sort((a, b) => a.ordinal - b.ordinal);
  target.rows.clear();
  for (const row of sorted) target.rows.set(row.id, row);
}

/** The id of the row that holds these key values; a key with an empty part finds nothing. */
export function idByKey(target: TableRows, key: KeyMetadata, values: Values): string | undefined {
  const text = keyText(key, values);
  return text === undefined ? undefined : target.keyIndexes.get(key.name)?.get(text);
}

/** Ids of the rows whose column equals one of the folded texts; the index is built at the first question. */
export function idsByColumn(target: TableRows, column: string, texts: Iterable<string>): Set<string> {
  let entries = target.columnIndexes.get(column);
  if (entries === undefined) {
    entries = new Map();
    target.columnIndexes.set(column, entries);
    for (const row of target.rows.values()) addToColumnIndex(entries, column, row);
  }
  const ids = new Set<string>();
  for (const text of texts) for (const id of entries.get(text) ?? []) ids.add(id);
  return ids;
}

function index(table: Table, target: TableRows, row: Row): void {
  for (const key of table.keys) {
    const text = keyText(key, row.values);
    if (text === undefined) continue;
    let entries = target.keyIndexes.get(key.name);
    if (entries === undefined) {
      entries = new Map();
      target.keyIndexes.set(key.name, entries);
    }
    entries.set(text, row.id);
  }
  for (const [column, entries] of target.columnIndexes) addToColumnIndex(entries, column, row);
}

function unindex(table: Table, target: TableRows, row: Row): void {
  for (const key of table.keys) {
    const text = keyText(key, row.values);
    const entries = target.keyIndexes.get(key.name);
    if (text !== undefined && entries?.get(text) === row.id) entries.delete(text);
  }
  for (const [column, entries] of target.columnIndexes) {
    const text = foldedValue(row.values[column]);
    if (text === undefined) continue;
    const ids = entries.get(text);
    ids?.delete(row.id);
    if (ids?.size === 0) entries.delete(text);
  }
}

function addToColumnIndex(entries: Map<string, Set<string>>, column: string, row: Row): void {
  const text = foldedValue(row.values[column]);
  if (text === undefined) return;
  const ids = entries.get(text);
  if (ids === undefined) entries.set(text, new Set([row.id]));
  else ids.add(row.id);
}

/** The folded text of a key, or undefined when a part is empty: such a row is outside the unique index. */
function keyText(key: KeyMetadata, values: Values): string | undefined {
  const parts: string[] = [];
  for (const column of key.columns) {
    const text = foldedValue(values[column]);
    if (text === undefined) return undefined;
    parts.push(text);
  }
  return JSON.stringify(parts);
}

function foldedValue(value: StoredValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return isReference(value) ? value.id : fold(String(value));
}
