import type { StoredValue } from './field-input.ts';
import type { Entity, Model } from './metadata.ts';

/** One table row behind an entity row; zeros while an outer joined source has no row. */
export interface SourceStamp {
  recId: number;
  recVersion: number;
}

export interface StoredRow {
  stamps: readonly SourceStamp[];
  values: Readonly<Record<string, StoredValue>>;
}

export interface StoreState {
  rows: Record<string, StoredRow[]>;
  /** Next RecId of each table. */
  recIds: Record<string, number>;
  /** Next number of each number sequence. */
  sequences: Record<string, number>;
}

/** Rows of every entity, found by key without regard to case, as the database's collation has it. */
export interface RowStore {
  all(entity: Entity): IterableIterator<StoredRow>;
  find(entity: Entity, key: readonly StoredValue[]): StoredRow | undefined;
  put(entity: Entity, row: StoredRow): void;
  remove(entity: Entity, row: StoredRow): void;
  nextRecId(table: string): number;
  nextInSequence(name: string): number;
  state(): StoreState;
  restore(state: StoreState): void;
}

/** RecIds of cloud environments start here (0x150000000). */
const firstRecId = 5_637_144_576;

export function keyOf(entity: Entity, values: Readonly<Record<string, StoredValue>>): StoredValue[] {
  return entity.keys.map((field) => values[field.name] ?? '');
}

/** Text as the database compares it: letter case does not count. */
export function folded(value: StoredValue): string {
  return String(value).toLowerCase();
}

function indexKey(key: readonly StoredValue[]): string {
  return JSON.stringify(key.map(folded));
}

export function createRowStore(model: Model): RowStore {
  const tables = new Map<string, Map<string, StoredRow>>();
  const recIds = new Map<string, number>();
  const sequences = new Map<string, number>();

  function table(name: string): Map<string, StoredRow> {
    let rows = tables.get(name);
    if (rows === undefined) {
      rows = new Map();
      tables.set(name, rows);
    }
    return rows;
  }

  function step(counters: Map<string, number>, name: string, first: number): number {
    const value = counters.get(name) ?? first;
    counters.set(name, value + 1);
    return value;
  }

  return {
    all: (entity) => table(entity.metadata.name).values(),
    find: (entity, key) => table(entity.metadata.name).get(indexKey(key)),
    put: (entity, row) => void table(entity.metadata.name).set(indexKey(keyOf(entity, row.values)), row),
    remove: (entity, row) => void table(entity.metadata.name).delete(indexKey(keyOf(entity, row.values))),
    nextRecId: (name) => step(recIds, name, firstRecId),
    nextInSequence: (name) => step(sequences, name, 1),
    state: () => ({
      rows: Object.fromEntries([...tables].map(([name, rows]) => [name, [...rows.values()]])),
      recIds: Object.fromEntries(recIds),
      sequences: Object.fromEntries(sequences),
    }),
    restore(state) {
      tables.clear();
      recIds.clear();
      sequences.clear();
      for (const [name, value] of Object.entries(state.recIds)) {
        recIds.set(name, value);
      }
      for (const [name, value] of Object.entries(state.sequences)) {
        sequences.set(name, value);
      }
      for (const entity of model.entities) {
        const rows = table(entity.metadata.name);
        for (const row of state.rows[entity.metadata.name] ?? []) {
          rows.set(indexKey(keyOf(entity, row.values)), row);
        }
      }
    },
  };
}

/** The etag of a row: RecVersion and RecId of each data source, equality only ("@odata.etag" of captured answers). */
export function etagOf(row: StoredRow): string {
  const text = row.stamps.map(({ recVersion, recId }) => `${recVersion},${recId}`).join(';');
  return `W/"${Buffer.from(`'${text}'`).toString('base64')}"`;
}
