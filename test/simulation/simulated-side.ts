import type { Fault } from '../../shared/core/fault/fault.ts';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import { keysOf } from '../../shared/core/map/numbering.ts';
import { type CanonicalValue, canonicalValue } from '../../shared/core/record/canonical-value.ts';
import type { Row } from '../../shared/core/record/row.ts';
import type { PerSide, Side } from '../../shared/core/record/side.ts';
import type { RecordStore, RowWrite, RowWriteResult, Wanted } from '../../shared/ports/record-store.ts';
import type { FaultRates } from './fault-rates.ts';
import type { Outage } from './outages.ts';
import type { Random } from './random.ts';
import type { RowListener } from './row-listener.ts';
import type { Scheduler } from './scheduler.ts';
import { REFERENCES, type Reference } from './simulated-maps.ts';

export interface SimulatedRow {
  id: string;
  table: string;
  version: string;
  modifiedAtMs: number;
  values: Record<string, CanonicalValue>;
}

export type SimulatedSides = PerSide<SimulatedSide>;

/** Who calls; it must not call again before the pause is over that it was asked for. */
export interface Caller {
  blockedUntilMs: PerSide<number>;
}

/** A system as an orchestration calls it. */
export interface CalledSide extends RecordStore {
  calledBy(caller: Caller): RecordStore;
}

export interface SideOptions {
  side: Side;
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  listener: RowListener;
  outage: Outage;
}

const fault = (kind: Fault['class'], code: Fault['code'], more: Partial<Fault> = {}): Fault => ({
  code,
  class: kind,
  message: kind,
  ...more,
});

/** Columns that a side fills by a number sequence where they are left out. */
const NUMBERED: Partial<PerSide<Record<string, string>>> = { finops: { Customers: 'Account' } };

const NOBODY: Caller = { blockedUntilMs: { finops: 0, dataverse: 0 } };
const PAUSE_MAX_MS = 300_000;

/** One of the two systems: rows with versions, conditional writes, references, and failures by chance. */
export class SimulatedSide implements CalledSide {
  readonly rows = new Map<string, SimulatedRow>();
  readonly deletedRows: SimulatedRow[] = [];
  calls = 0;
  private counter = 0;
  /** Refusals in a row for too many calls: each asks for a longer pause. */
  private throttled = 0;
  private readonly options: SideOptions;
  private readonly references: readonly Reference[];

  constructor(options: SideOptions) {
    this.options = options;
    this.references = REFERENCES[options.side];
  }

  /** The same system, called by one orchestration. */
  calledBy(caller: Caller): RecordStore {
    return {
      read: (map, wanted) => this.read(map, wanted, caller),
      readByIds: (map, ids) => this.readByIds(map, ids, caller),
      write: (map, writes) => this.write(map, writes, caller),
    };
  }

  async read(map: CompiledMap, wanted: readonly Wanted[], caller = NOBODY) {
    const blocked = await this.gate('read', caller);
    if (blocked !== null) return { ok: false as const, fault: blocked };
    const found = new Map<string, Row>();
    for (const { key, rowId } of wanted) {
      const row = this.rowOf(map, rowId) ?? this.findByKey(map, key);
      if (row !== undefined) found.set(key, this.view(map, row));
    }
    return { ok: true as const, value: found };
  }

  async readByIds(map: CompiledMap, ids: readonly string[], caller = NOBODY) {
    const blocked = await this.gate('read ids', caller);
    if (blocked !== null) return { ok: false as const, fault: blocked };
    const found = new Map<string, Row>();
    for (const id of ids) {
      const row = this.rowOf(map, id);
      if (row !== undefined) found.set(id, this.view(map, row));
    }
    return { ok: true as const, value: found };
  }

  async write(map: CompiledMap, writes: readonly RowWrite[], caller = NOBODY): Promise<RowWriteResult[]> {
    const { scheduler, random, rates, listener } = this.options;
    const blocked = await this.gate('write', caller);
    if (blocked !== null) return writes.map(() => ({ kind: 'failed', fault: blocked }));
    const unknown = writes.map((): RowWriteResult => ({ kind: 'failed', fault: fault('unknown', 'TW103') }));
    if (random.chance(rates.timeoutBefore)) {
      listener.unanswered += writes.length;
      return unknown;
    }
    if (random.chance(rates.lateCommit)) {
      // The client gives up while the server is still at it: the writes happen later, or never.
      listener.unanswered += writes.length;
      for (const write of writes) {
        scheduler.at(scheduler.nowMs + 1 + random.below(40_000), () => this.apply(map, write, true));
      }
      return unknown;
    }
    const results = writes.map((write) => this.applyAlone(map, write));
    if (!random.chance(rates.unknownAfter)) return results;
    listener.unanswered += writes.length;
    return unknown;
  }

  findByKey(map: CompiledMap, key: string): SimulatedRow | undefined {
    const { side } = this.options;
    for (const row of this.rows.values()) {
      if (row.table === map.sides[side].table && keysOf(map, side, row).includes(key)) return row;
    }
    return undefined;
  }

  isReferenced(row: SimulatedRow): boolean {
    return this.references.some((reference) => {
      if (reference.toTable !== row.table) return false;
      for (const other of this.rows.values()) {
        const refers = other.values[reference.column] === row.values[reference.toColumn];
        if (other.table === reference.table && refers) return true;
      }
      return false;
    });
  }

  insert(table: string, id: string | null, values: Record<string, CanonicalValue>, by: CompiledMap | null) {
    const numbered = NUMBERED[this.options.side]?.[table];
    const row: SimulatedRow = {
      id: id ?? `${this.options.side}-${this.counter + 1}`,
      table,
      version: '',
      modifiedAtMs: 0,
      values: { ...values },
    };
    if (numbered !== undefined) row.values[numbered] ??= `n${this.counter + 1}`;
    this.touch(row);
    this.rows.set(row.id, row);
    this.options.listener.inserted(this.options.side, row, by);
    return row;
  }

  update(row: SimulatedRow, values: Record<string, CanonicalValue>, by: CompiledMap | null): void {
    const before = { ...row.values };
    for (const reference of this.references) this.follow(reference, row, values);
    Object.assign(row.values, values);
    this.touch(row);
    this.options.listener.updated(this.options.side, row, before, Object.keys(values), by);
  }

  remove(row: SimulatedRow, by: CompiledMap | null): void {
    this.rows.delete(row.id);
    this.deletedRows.push(row);
    this.counter += 1;
    this.options.listener.removed(this.options.side, row, by);
  }

  /** Who refers to a row that is given another key refers to the row: no row of theirs changes, and nothing is told. */
  private follow(reference: Reference, row: SimulatedRow, values: Record<string, CanonicalValue>): void {
    const key = values[reference.toColumn];
    const former = row.values[reference.toColumn];
    if (reference.toTable !== row.table || key === undefined || key === former) return;
    for (const other of this.rows.values()) {
      const refers = other.table === reference.table && other.values[reference.column] === former;
      if (refers) other.values[reference.column] = key;
    }
  }

  private rowOf(map: CompiledMap, id: string | null): SimulatedRow | undefined {
    const row = id === null ? undefined : this.rows.get(id);
    return row?.table === map.sides[this.options.side].table ? row : undefined;
  }

  private touch(row: SimulatedRow): void {
    this.counter += 1;
    row.version = `W/"${this.counter}"`;
    row.modifiedAtMs = this.options.scheduler.nowMs;
  }

  private async gate(label: string, caller: Caller): Promise<Fault | null> {
    const { scheduler, random, rates, side, listener, outage } = this.options;
    if (await outage.isDeclared()) return fault('offline', 'TW108');
    this.calls += 1;
    await scheduler.step(`${label} ${side}`);
    if (scheduler.nowMs < caller.blockedUntilMs[side]) listener.violation(`I6: ${label} ${side} during a Retry-After`);
    if (!(await outage.answers())) return fault('transient', 'TW102');
    if (random.chance(rates.throttle)) {
      this.throttled += 1;
      const retryAfterMs = Math.min(PAUSE_MAX_MS, 250 * 2 ** this.throttled + random.below(5_000));
      caller.blockedUntilMs[side] = scheduler.nowMs + retryAfterMs;
      return fault('throttled', 'TW101', { retryAfterMs });
    }
    this.throttled = 0;
    if (random.chance(rates.expired)) return fault('unauthorised', 'TW104');
    return random.chance(rates.failBefore) ? fault('transient', 'TW102') : null;
  }

  /** Of many rows in one call, some fail for themselves. */
  private applyAlone(map: CompiledMap, write: RowWrite): RowWriteResult {
    const { random, rates } = this.options;
    if (random.chance(rates.partial)) return { kind: 'failed', fault: fault('transient', 'TW102') };
    if (random.chance(rates.refuse)) return { kind: 'failed', fault: fault('business', 'TW205') };
    return this.apply(map, write, false);
  }

  private apply(map: CompiledMap, write: RowWrite, late: boolean): RowWriteResult {
    const { side, listener } = this.options;
    const refused = this.refuse(map, write);
    listener.attempted(side, map, write, refused, late);
    if (refused !== null) return { kind: 'failed', fault: refused };
    if (write.operation === 'delete') {
      const row = this.rowOf(map, write.rowId);
      if (row !== undefined) this.remove(row, map);
      return { kind: 'done', rowId: null, address: null, version: null, values: null };
    }
    const values = this.alter(map, write);
    const existing = write.operation === 'insert' ? undefined : this.rowOf(map, write.rowId);
    const row = existing ?? this.insert(map.sides[side].table, write.rowId, values, map);
    if (existing !== undefined) this.update(existing, values, map);
    const answers = side === 'dataverse' || this.options.random.chance(0.5);
    const { version } = row;
    return answers
      ? { kind: 'done', rowId: row.id, address: row.id, version, values: this.view(map, row).values }
      : { kind: 'done', rowId: row.id, address: row.id, version: null, values: null };
  }

  private refuse(map: CompiledMap, write: RowWrite): Fault | null {
    const { side } = this.options;
    const row = this.rowOf(map, write.rowId);
    if (write.operation === 'insert') {
      const taken = this.findByKey(map, write.key) !== undefined || this.takesKey(map, null, write);
      if (row !== undefined || taken) return fault('exists', 'TW202');
    } else if (row === undefined) return write.operation === 'delete' ? null : fault('gone', 'TW203');
    else if (row.version !== write.ifMatch) return fault('stale', 'TW201');
    if (row !== undefined && write.operation === 'update' && this.takesKey(map, row, write))
      return fault('exists', 'TW202');
    if (write.operation === 'delete')
      return row !== undefined && this.isReferenced(row) ? fault('business', 'TW205') : null;
    for (const reference of this.references) {
      const value = write.values[reference.column];
      if (reference.table !== map.sides[side].table || value == null || this.hasValue(reference, value)) continue;
      return side === 'dataverse'
        ? fault('missing-reference', 'TW204', { field: reference.column })
        : fault('business', 'TW205');
    }
    return null;
  }

  /** The row would bear the key of another one. */
  private takesKey(map: CompiledMap, row: SimulatedRow | null, { values }: RowWrite): boolean {
    const key = map.keyOf(this.options.side, { id: row?.id ?? '', values: { ...row?.values, ...values } });
    const holder = key === null ? undefined : this.findByKey(map, key);
    return holder !== undefined && holder !== row;
  }

  private hasValue({ toTable, toColumn }: Reference, value: string): boolean {
    for (const row of this.rows.values()) if (row.table === toTable && row.values[toColumn] === value) return true;
    return false;
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
    const modifiedAt = new Date(row.modifiedAtMs).toISOString();
    return { id: row.id, address: row.id, version: row.version, values, modifiedAt };
  }
}
