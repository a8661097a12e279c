import { type Caller, canSee } from './access.ts';
import type { CollectionQuery } from './collection-query.ts';
import { compareStored } from './filter-comparison.ts';
import type { Entity } from './metadata.ts';
import type { RowStore, StoredRow } from './row-store.ts';

/** The first rows of a result in its order, and how many rows there are in all. */
export interface Selection {
  rows: StoredRow[];
  total: number;
}

type Order = (left: StoredRow, right: StoredRow) => number;

function rootRecId(row: StoredRow): number {
  return row.stamps[0]?.recId ?? 0;
}

function orderOf(query: CollectionQuery): Order {
  return (left, right) => {
    for (const { field, descending } of query.orderBy) {
      const order = compareStored(field, left.values[field.name] ?? '', right.values[field.name] ?? '');
      if (order !== 0) {
        return descending ? -order : order;
      }
    }
    return rootRecId(left) - rootRecId(right);
  };
}

/** Rows the condition can hold for: found by key when it names whole keys, else all of them. */
function candidates(store: RowStore, entity: Entity, query: CollectionQuery): Iterable<StoredRow> {
  const { pins } = query.condition;
  const keyed = pins?.every((pin) => entity.keys.every((key) => key.name in pin)) === true;
  if (pins === null || !keyed) {
    return store.all(entity);
  }
  const found = new Set<StoredRow>();
  for (const pin of pins) {
    const row = store.find(
      entity,
      entity.keys.map((key) => pin[key.name] ?? ''),
    );
    if (row !== undefined) {
      found.add(row);
    }
  }
  return found;
}

/** Keeps the first rows of an order without sorting all of them: sorts and cuts when twice too many have come in. */
function collector(order: Order, limit: number): { add(row: StoredRow): void; rows(): StoredRow[] } {
  let kept: StoredRow[] = [];
  let last: StoredRow | undefined;
  const cut = (): void => {
    kept = kept.sort(order).slice(0, limit);
    last = kept.length === limit ? kept.at(-1) : undefined;
  };
  return {
    add: (row) => {
      if (last !== undefined && order(row, last) > 0) {
        return;
      }
      kept.push(row);
      if (kept.length >= 2 * limit + 64) {
        cut();
      }
    },
    rows: () => {
      cut();
      return kept;
    },
  };
}

/** The rows the caller sees and the filter keeps, up to a limit; ties and no order fall back to RecId. */
export function selectRows(
  store: RowStore,
  entity: Entity,
  query: CollectionQuery,
  caller: Caller,
  limit: number,
): Selection {
  const first = collector(orderOf(query), limit);
  let total = 0;
  for (const row of candidates(store, entity, query)) {
    if (canSee(caller, entity, row) && query.condition.test(row.values)) {
      first.add(row);
      total += 1;
    }
  }
  return { rows: first.rows(), total };
}
