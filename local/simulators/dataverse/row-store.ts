import type { Values } from './stored-value.ts';
import type { KeyMetadata, Schema, Table } from './table-metadata.ts';
import {
  emptyTableRows,
  idByKey,
  idsByColumn,
  type Row,
  setRow,
  sortByOrdinal,
  type TableRows,
  type Tombstone,
} from './table-rows.ts';

/** The rows of all tables, with unique keys and a journal for transactions. */
export interface RowStore {
  rows(table: string): Map<string, Row>;
  get(table: string, id: string): Row | undefined;
  /** Puts a row in place of the one with its id. */
  put(table: Table, row: Row): void;
  remove(table: Table, id: string): void;
  /** The row that holds these key values, other than `exceptId`. */
  findByKey(table: Table, key: KeyMetadata, values: Values, exceptId?: string): Row | undefined;
  /** Ids of the rows whose column equals one of the folded texts. */
  idsByColumn(table: Table, column: string, texts: Iterable<string>): Set<string>;
  tombstones(table: string): Tombstone[];
  nextVersion(): number;
  currentVersion(): number;
  nextOrdinal(): number;
  /** Runs the work as one transaction: when it throws, every row is as before. */
  transaction<T>(work: () => T): T;
  snapshot(): StoreState;
  restore(state: StoreState): void;
}

/** The JSON form of a store. */
export interface StoreState {
  version: number;
  ordinal: number;
  tables: Record<string, { rows: Row[]; tombstones: Tombstone[] }>;
}

interface StoreParts {
  schema: Schema;
  tables: Map<string, TableRows>;
  version: number;
  ordinal: number;
  /** Undo steps of the open transaction. */
  journal: (() => void)[] | undefined;
}

/** An empty store for the tables of a schema. */
export function createRowStore(schema: Schema): RowStore {
  const parts: StoreParts = { schema, tables: new Map(), version: 1_000_000, ordinal: 0, journal: undefined };
  const of = (name: string): TableRows => rowsOf(parts, name);
  return {
    rows: (table) => of(table).rows,
    get: (table, id) => of(table).rows.get(id),
    put: (table, row) => applyRow(parts, table, row.id, row),
    remove: (table, id) => removeRow(parts, table, id),
    findByKey: (table, key, values, exceptId) => {
      const target = of(table.metadata.logicalName);
      const id = idByKey(target, key, values);
      return id === undefined || id === exceptId ? undefined : target.rows.get(id);
    },
    idsByColumn: (table, column, texts) => idsByColumn(of(table.metadata.logicalName), column, texts),
    tombstones: (table) => of(table).tombstones,
    nextVersion: () => {
      parts.version += 1;
      return parts.version;
    },
    currentVersion: () => parts.version,
    nextOrdinal: () => {
      parts.ordinal += 1;
      return parts.ordinal;
    },
    transaction: (work) => runTransaction(parts, work),
    snapshot: () => ({
      version: parts.version,
      ordinal: parts.ordinal,
      tables: Object.fromEntries(
        [...parts.tables].map(([name, held]) => [
          name,
          { rows: [...held.rows.values()], tombstones: [...held.tombstones] },
        ]),
      ),
    }),
    restore: (state) => restoreState(parts, state),
  };
}

function rowsOf(parts: StoreParts, name: string): TableRows {
  let found = parts.tables.get(name);
  if (found === undefined) {
    found = emptyTableRows();
    parts.tables.set(name, found);
  }
  return found;
}

function applyRow(parts: StoreParts, table: Table, id: string, row: Row | undefined): void {
  const target = rowsOf(parts, table.metadata.logicalName);
  const before = setRow(table, target, id, row);
  parts.journal?.push(() => {
    setRow(table, target, id, before);
    if (row === undefined) sortByOrdinal(target);
  });
}

function removeRow(parts: StoreParts, table: Table, id: string): void {
  applyRow(parts, table, id, undefined);
  const { tombstones } = rowsOf(parts, table.metadata.logicalName);
  parts.version += 1;
  tombstones.push({ id, version: parts.version });
  parts.journal?.push(() => {
    tombstones.pop();
  });
}

function runTransaction<T>(parts: StoreParts, work: () => T): T {
  if (parts.journal !== undefined) return work();
  const journal: (() => void)[] = [];
  parts.journal = journal;
  try {
    return work();
  } catch (error) {
    for (const undo of journal.toReversed()) undo();
    throw error;
  } finally {
    parts.journal = undefined;
  }
}

function restoreState(parts: StoreParts, state: StoreState): void {
  parts.tables.clear();
  parts.version = state.version;
  parts.ordinal = state.ordinal;
  for (const [name, held] of Object.entries(state.tables)) {
    const table = parts.schema.byName.get(name);
    // Rows of a table that the metadata no longer know stay out rather than stopping the start.
    if (table === undefined) continue;
    const target = rowsOf(parts, name);
    target.tombstones.push(...held.tombstones);
    for (const row of held.rows) setRow(table, target, row.id, row);
  }
}
