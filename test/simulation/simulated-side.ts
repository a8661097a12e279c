import type { ChangeEvent } from '../../shared/core/change/change.ts';
import type { Fault } from '../../shared/core/fault/fault.ts';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import { type CanonicalValue, canonicalValue } from '../../shared/core/record/canonical-value.ts';
import type { Row } from '../../shared/core/record/row.ts';
import type { Side } from '../../shared/core/record/side.ts';
import type { RecordStore, RowWrite, RowWriteResult } from '../../shared/ports/record-store.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What can go wrong in one history; drawn anew for each seed, often zero. */
export interface FaultRates {
  dropEvent: number;
  duplicateEvent: number;
  failBefore: number;
  throttle: number;
  unknownAfter: number;
  lateCommit: number;
  plugin: number;
  kill: number;
}

export interface SimulatedRow {
  id: string;
  table: string;
  version: string;
  values: Record<string, CanonicalValue>;
}

export interface SideOptions {
  side: Side;
  maps: readonly CompiledMap[];
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  /** Lookup column of a table to the table and column that it must find. */
  references: readonly { table: string; column: string; toTable: string; toColumn: string }[];
  log(line: string): void;
  onEvent(event: ChangeEvent, own: boolean): void;
  /** `withRow`: the whole row went, with columns that exist on one side only. */
  onValueGone(value: CanonicalValue, byUser: boolean, withRow: boolean, column: string): void;
}

const fault = (kind: Fault['class'], code: Fault['code'], more: Partial<Fault> = {}): Fault => ({
  code,
  class: kind,
  message: kind,
  ...more,
});

/** One of the two systems: rows with versions, conditional writes, references, events, and failures by chance. */
export class SimulatedSide implements RecordStore {
  readonly rows = new Map<string, SimulatedRow>();
  readonly deletedRows: SimulatedRow[] = [];
  /** Writes of the engine that were carried out, by table and key. */
  readonly ownWrites: { record: string; content: string }[] = [];
  calls = 0;
  private counter = 0;
  readonly options: SideOptions;

  constructor(options: SideOptions) {
    this.options = options;
  }

  async read(map: CompiledMap, wanted: readonly { key: string; rowId: string | null }[]) {
    const blocked = await this.gate(`read ${this.options.side}`);
    if (blocked !== null) return { ok: false as const, fault: blocked };
    const found = new Map<string, Row>();
    for (const { key, rowId } of wanted) {
      const row = (rowId === null ? undefined : this.rows.get(rowId)) ?? this.findByKey(map, key);
      if (row !== undefined) found.set(key, this.view(map, row));
    }
    await this.options.scheduler.step(`answer ${this.options.side}`);
    return { ok: true as const, value: found };
  }

  async readByIds(map: CompiledMap, ids: readonly string[]) {
    const blocked = await this.gate(`readIds ${this.options.side}`);
    if (blocked !== null) return { ok: false as const, fault: blocked };
    const found = new Map<string, Row>();
    for (const id of ids) {
      const row = this.rows.get(id);
      if (row !== undefined) found.set(id, this.view(map, row));
    }
    await this.options.scheduler.step(`answer ${this.options.side}`);
    return { ok: true as const, value: found };
  }

  async write(map: CompiledMap, writes: readonly RowWrite[]): Promise<RowWriteResult[]> {
    const { scheduler, random, rates, side } = this.options;
    const blocked = await this.gate(`write ${side}`);
    if (blocked !== null) return writes.map(() => ({ kind: 'failed', fault: blocked }));
    if (random.chance(rates.lateCommit)) {
      // The client gives up while the server is still at it: the writes happen later, or never.
      for (const write of writes) {
        scheduler.at(scheduler.nowMs + 1 + random.below(40_000), () => this.apply(map, write));
      }
      return writes.map(() => ({ kind: 'failed', fault: fault('unknown', 'TW103') }));
    }
    const results = writes.map((write) => this.apply(map, write));
    await scheduler.step(`written ${side}`);
    if (random.chance(rates.unknownAfter)) {
      return writes.map(() => ({ kind: 'failed', fault: fault('unknown', 'TW103') }));
    }
    return results;
  }

  findByKey(map: CompiledMap, key: string): SimulatedRow | undefined {
    const { side } = this.options;
    for (const row of this.rows.values()) {
      if (row.table === map.sides[side].table && map.keyOf(side, row.values) === key) return row;
    }
    return undefined;
  }

  isReferenced(row: SimulatedRow): boolean {
    return this.options.references.some(
      (reference) =>
        reference.toTable === row.table &&
        [...this.rows.values()].some(
          (other) =>
            other.table === reference.table && other.values[reference.column] === row.values[reference.toColumn],
        ),
    );
  }

  insert(table: string, id: string | null, values: Record<string, CanonicalValue>, own: boolean): SimulatedRow {
    this.counter += 1;
    const row = {
      id: id ?? `${this.options.side}-${this.counter}`,
      table,
      version: this.nextVersion(),
      values: { ...values },
    };
    this.rows.set(row.id, row);
    this.raise(row, 'create', own);
    return row;
  }

  update(row: SimulatedRow, values: Record<string, CanonicalValue>, own: boolean): void {
    for (const [column, value] of Object.entries(values)) {
      if (row.values[column] !== value) this.options.onValueGone(row.values[column] ?? null, !own, false, column);
      row.values[column] = value;
    }
    row.version = this.nextVersion();
    this.raise(row, 'update', own, Object.keys(values));
  }

  remove(row: SimulatedRow, own: boolean): void {
    for (const [column, value] of Object.entries(row.values)) this.options.onValueGone(value, !own, true, column);
    this.rows.delete(row.id);
    this.deletedRows.push(row);
    this.raise(row, 'delete', own);
  }

  private async gate(label: string): Promise<Fault | null> {
    const { scheduler, random, rates } = this.options;
    this.calls += 1;
    await scheduler.step(label);
    if (random.chance(rates.throttle)) {
      return fault('throttled', 'TW101', { retryAfterMs: 500 + random.below(random.chance(0.1) ? 300_000 : 5_000) });
    }
    return random.chance(rates.failBefore) ? fault('transient', 'TW102') : null;
  }

  private apply(map: CompiledMap, write: RowWrite): RowWriteResult {
    const refused = this.refuse(map, write);
    this.options.log(
      `write ${write.operation} ${write.key} ${write.rowId} if ${write.ifMatch} ${JSON.stringify(write.values)} -> ${refused?.class ?? 'ok'}`,
    );
    if (refused !== null) return { kind: 'failed', fault: refused };
    const { side } = this.options;
    const table = map.sides[side].table;
    this.ownWrites.push({ record: `${map.id}|${write.key}`, content: JSON.stringify(write) });
    if (write.operation === 'delete') {
      const row = this.rows.get(write.rowId ?? '');
      if (row !== undefined) this.remove(row, true);
      return { kind: 'done', rowId: null, address: null, version: null, values: null };
    }
    const values = this.alter(map, write);
    const existing = write.operation === 'insert' ? undefined : this.rows.get(write.rowId ?? '');
    const row = existing ?? this.insert(table, write.rowId, values, true);
    if (existing !== undefined) this.update(existing, values, true);
    const answers = side === 'dataverse' || this.options.random.chance(0.5);
    const view = this.view(map, row);
    return answers
      ? { kind: 'done', rowId: row.id, address: row.id, version: row.version, values: view.values }
      : { kind: 'done', rowId: row.id, address: row.id, version: null, values: null };
  }

  private refuse(map: CompiledMap, write: RowWrite): Fault | null {
    const { side, references } = this.options;
    const row = this.rows.get(write.rowId ?? '');
    if (write.operation === 'insert') {
      if (row !== undefined || this.findByKey(map, write.key) !== undefined) return fault('exists', 'TW202');
    } else if (row === undefined) return write.operation === 'delete' ? null : fault('gone', 'TW203');
    else if (row.version !== write.ifMatch) return fault('stale', 'TW201');
    if (write.operation === 'delete')
      return row !== undefined && this.isReferenced(row) ? fault('business', 'TW205') : null;
    for (const reference of references) {
      const value = write.values[reference.column];
      if (reference.table !== map.sides[side].table || value == null || this.hasValue(reference, value)) continue;
      return side === 'dataverse'
        ? fault('missing-reference', 'TW204', { field: reference.column })
        : fault('business', 'TW205');
    }
    return null;
  }

  private hasValue(reference: { toTable: string; toColumn: string }, value: string): boolean {
    return [...this.rows.values()].some(
      (row) => row.table === reference.toTable && row.values[reference.toColumn] === value,
    );
  }

  /** A plug-in of the customer's that changes what is written: upper case, on both sides of this history. */
  private alter(map: CompiledMap, write: RowWrite): Record<string, CanonicalValue> {
    const { side, random, rates } = this.options;
    const values: Record<string, CanonicalValue> = {};
    for (const [column, value] of Object.entries(write.values)) {
      values[column] = canonicalValue(value, map.sides[side].typeOf(column));
    }
    const plugged = side === 'finops' ? 'Memo' : 'memo';
    const memo = values[plugged];
    if (memo != null && random.chance(rates.plugin)) values[plugged] = memo.toUpperCase();
    return values;
  }

  private view(map: CompiledMap, row: SimulatedRow): Row {
    const values: Record<string, CanonicalValue> = {};
    for (const column of map.sides[this.options.side].columns) values[column] = row.values[column] ?? null;
    return { id: row.id, address: row.id, version: row.version, values };
  }

  private nextVersion(): string {
    this.counter += 1;
    return `W/"${this.counter}"`;
  }

  private raise(row: SimulatedRow, kind: 'create' | 'update' | 'delete', own: boolean, changed?: string[]): void {
    const { side, maps, random } = this.options;
    this.options.log(`${own ? 'engine' : 'USER'} ${kind} ${row.id} ${row.version} ${JSON.stringify(row.values)}`);
    const columns: Record<string, string> = {};
    const map = maps.find((candidate) => candidate.sides[side].table === row.table);
    if (side === 'finops') {
      for (const column of map?.sides.finops.keyColumns ?? []) columns[column.toLowerCase()] = row.values[column] ?? '';
    }
    const told = side === 'finops' && changed !== undefined && random.chance(0.6);
    for (const column of told ? changed : []) {
      const value = row.values[column];
      if (value != null) columns[column.toLowerCase()] = value;
    }
    const rowId = side === 'dataverse' || random.chance(0.7) ? row.id : null;
    const id = `${side}-event-${this.counter}-${row.id}-${kind}-${row.version}`;
    this.options.onEvent(
      {
        type: 'row',
        id,
        side,
        table: row.table,
        kind,
        rowId,
        columns,
        ...(told ? { changed: changed.map((column) => column.toLowerCase()) } : {}),
        occurredAt: null,
      },
      own,
    );
  }
}
