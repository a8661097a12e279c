import type { Fault, FaultClass } from '../../../shared/core/fault/fault.ts';
import type { FaultCode } from '../../../shared/core/fault/fault-codes.ts';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import { keysOf } from '../../../shared/core/map/numbering.ts';
import type { Values } from '../../../shared/core/record/canonical-value.ts';
import type { Row } from '../../../shared/core/record/row.ts';
import type { Side } from '../../../shared/core/record/side.ts';
import type { RecordStore, RowWrite, RowWriteResult, Wanted } from '../../../shared/ports/record-store.ts';

interface StoredRow {
  id: string;
  table: string;
  version: string;
  values: Record<string, string | null>;
}

/** One of the two systems within the test: rows under versions and keys, and failures as the test scripts them. */
export interface MemorySide extends RecordStore {
  readonly rows: Map<string, StoredRow>;
  /** Calls as they came, with how many rows they asked for. */
  readonly calls: string[];
  /** Writes that were carried out. */
  readonly written: RowWrite[];
  /** A person's own doing; gives the row's id. */
  put(table: string, values: Values, id?: string): string;
  edit(id: string, values: Values): void;
  remove(id: string): void;
  /** The row of that table whose column has the value. */
  find(table: string, column: string, value: string): StoredRow | undefined;
  script: SideScript;
}

interface SideScript {
  /** A fault for the whole call, asked before it. */
  onRead?: () => Fault | null;
  /** A fault for one row instead of the write. */
  onWrite?: (write: RowWrite) => Fault | null;
  /** A fault that is answered although the write was carried out. */
  afterWrite?: (write: RowWrite) => Fault | null;
  /** What a plug-in makes of the values that are written. */
  plugIn?: (values: Values) => Values;
  /** The identity sees no row at all. */
  blind?: boolean;
}

export function aFault(kind: FaultClass, code: FaultCode, more: Partial<Fault> = {}): Fault {
  return { code, class: kind, message: `${kind} in the test`, ...more };
}

/** Gives a fault so many times, then none. */
export function times(count: number, fault: Fault): () => Fault | null {
  let left = count;
  return () => {
    left -= 1;
    return left >= 0 ? fault : null;
  };
}

export function createMemorySide(side: Side): MemorySide {
  const rows = new Map<string, StoredRow>();
  const calls: string[] = [];
  const written: RowWrite[] = [];
  let counter = 0;
  const next = (): number => {
    counter += 1;
    return counter;
  };
  const own: MemorySide = {
    rows,
    calls,
    written,
    script: {},
    put(table, values, id = `${side}-${next()}`) {
      rows.set(id, { id, table, version: `${side}-v${next()}`, values: { ...values } });
      return id;
    },
    edit(id, values) {
      const row = rows.get(id);
      if (row === undefined) throw new Error(`${side} has no row ${id}`);
      rows.set(id, { ...row, version: `${side}-v${next()}`, values: { ...row.values, ...values } });
    },
    remove: (id) => void rows.delete(id),
    find: (table, column, value) =>
      [...rows.values()].find((row) => row.table === table && row.values[column] === value),
    async read(map, wanted) {
      calls.push(`read ${wanted.length}`);
      const fault = own.script.onRead?.() ?? null;
      if (fault !== null) return { ok: false, fault };
      return { ok: true, value: new Map(wanted.flatMap((want) => entryOf(map, want))) };
    },
    async readByIds(map, ids) {
      calls.push(`readByIds ${ids.length}`);
      const fault = own.script.onRead?.() ?? null;
      if (fault !== null) return { ok: false, fault };
      return { ok: true, value: new Map(ids.flatMap((id) => seen(map, id, rows.get(id)))) };
    },
    async write(map, writes) {
      calls.push(`write ${writes.length}`);
      return writes.map((write) => carryOut(map, write));
    },
  };

  function seen(map: CompiledMap, name: string, row: StoredRow | undefined): [string, Row][] {
    if (row === undefined || own.script.blind === true || row.table !== map.sides[side].table) return [];
    return [[name, view(map, row)]];
  }

  function entryOf(map: CompiledMap, { key, rowId }: Wanted): [string, Row][] {
    const byId = rowId === null ? undefined : rows.get(rowId);
    const [row, ...others] = byId === undefined ? findByKey(map, key) : [byId];
    return seen(map, key, row).map(([name, found]) => [
      name,
      others.length === 0 ? found : { ...found, isOneOfSeveral: true },
    ]);
  }

  function findByKey(map: CompiledMap, key: string): StoredRow[] {
    const { table } = map.sides[side];
    return [...rows.values()].filter((row) => row.table === table && keysOf(map, side, row).includes(key));
  }

  function view(map: CompiledMap, row: StoredRow): Row {
    const values = Object.fromEntries(map.sides[side].columns.map((column) => [column, row.values[column] ?? null]));
    return { id: row.id, address: row.id, version: row.version, values };
  }

  function carryOut(map: CompiledMap, write: RowWrite): RowWriteResult {
    const refused = own.script.onWrite?.(write) ?? conditionFault(map, write);
    if (refused !== null) return { kind: 'failed', fault: refused };
    written.push(write);
    const result = apply(map, write);
    const lost = own.script.afterWrite?.(write) ?? null;
    return lost === null ? result : { kind: 'failed', fault: lost };
  }

  function conditionFault(map: CompiledMap, write: RowWrite): Fault | null {
    const row = rows.get(write.rowId ?? '');
    if (write.operation === 'insert') {
      return row !== undefined || findByKey(map, write.key).length > 0 ? aFault('exists', 'TW202') : null;
    }
    if (row === undefined) return write.operation === 'delete' ? null : aFault('gone', 'TW203');
    return row.version === write.ifMatch ? null : aFault('stale', 'TW201');
  }

  function apply(map: CompiledMap, write: RowWrite): RowWriteResult {
    if (write.operation === 'delete') {
      rows.delete(write.rowId ?? '');
      return { kind: 'done', rowId: null, address: null, version: null, values: null };
    }
    const told = { ...write.reopen?.before, ...write.values, ...write.reopen?.after };
    const values = own.script.plugIn?.(told) ?? told;
    const id =
      write.operation === 'insert'
        ? own.put(map.sides[side].table, values, write.rowId ?? undefined)
        : (write.rowId ?? '');
    if (write.operation === 'update') own.edit(id, values);
    const row = rows.get(id);
    const after = row === undefined ? null : view(map, row);
    return { kind: 'done', rowId: id, address: id, version: after?.version ?? null, values: after?.values ?? null };
  }

  return own;
}
