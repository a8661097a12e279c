import type { Fault } from '../../shared/core/fault/fault.ts';
import type { CompiledField, CompiledMap } from '../../shared/core/map/compiled-map.ts';
import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import type { Side } from '../../shared/core/record/side.ts';
import type { RowWrite } from '../../shared/ports/record-store.ts';
import type { TelemetryEvent } from '../../shared/ports/telemetry.ts';
import type { EventFeed } from './event-feed.ts';
import type { RowListener } from './row-listener.ts';
import { MAPS } from './simulated-maps.ts';
import type { SimulatedRow } from './simulated-side.ts';

/** A value that a person typed: where, and whether it is still owed to that person. */
export interface TypedValue {
  side: Side;
  table: string;
  /** `seen`: overwritten or deleted by a person who saw it. */
  fate: 'shown' | 'seen';
}

export interface Deed {
  side: Side;
  mapId: string;
  key: string;
  kind: 'insert' | 'update' | 'remove';
  own: boolean;
  rowId: string;
  atMs: number;
}

/** A value that we wrote into a column that had held it before, over another one. */
export interface Flip {
  side: Side;
  mapId: string;
  key: string | null;
  column: string;
  value: string;
  over: CanonicalValue;
}

export interface OwnWrite {
  side: Side;
  record: string;
  content: string;
}

/** The course of one history, for judging it afterwards. */
export class HistoryRecord implements RowListener {
  unanswered = 0;
  kills = 0;
  conflicts = 0;
  readonly typed = new Map<string, TypedValue>();
  readonly deeds: Deed[] = [];
  readonly flips: Flip[] = [];
  readonly ownWrites: OwnWrite[] = [];
  /** Records of which a server created a row after we had given the call up: nothing tells it from a person's. */
  readonly createdLate = new Set<string>();
  readonly violations: string[] = [];
  /** Maps that were told to be paused, until they are resumed. */
  readonly paused = new Set<string>();
  /** Values that a person saw when deciding a conflict, or decided for: they may be overwritten, and come back. */
  readonly decidedValues = new Set<string>();
  /** Fields that some version of their map did not have. */
  readonly lacking: CompiledField[] = [];
  feed: EventFeed | null = null;
  private readonly held = new Map<string, Set<string>>();
  private readonly now: () => number;
  private readonly log: ((line: string) => void) | null;

  constructor(now: () => number, log: ((line: string) => void) | null) {
    this.now = now;
    this.log = log;
  }

  inserted(side: Side, row: SimulatedRow, by: CompiledMap | null): void {
    for (const [column, value] of Object.entries(row.values)) this.hold(row, column, value);
    this.note(side, row, 'insert', by);
    this.feed?.tell(side, row, 'create', null, by !== null);
  }

  updated(
    side: Side,
    row: SimulatedRow,
    before: Readonly<Record<string, CanonicalValue>>,
    columns: readonly string[],
    by: CompiledMap | null,
  ): void {
    for (const column of columns) {
      const [old, value] = [before[column] ?? null, row.values[column] ?? null];
      if (old === value) continue;
      if (by === null) this.see(old);
      else if (value !== null && this.held.get(`${row.id} ${column}`)?.has(value)) {
        this.flips.push({ side, mapId: by.id, key: by.keyOf(side, row), column, value, over: old });
      }
      this.hold(row, column, value);
    }
    this.note(side, row, 'update', by);
    this.feed?.tell(side, row, 'update', columns, by !== null);
  }

  removed(side: Side, row: SimulatedRow, by: CompiledMap | null): void {
    // With a row that we delete go columns that are none of the map's, or that are the other side's to fill.
    const owed = new Set(by?.fields.filter((field) => field.flowsFrom[side]).map((field) => field[side]));
    // A deletion may be repeated as a version had it that lacked a field.
    for (const field of this.lacking) owed.delete(field[side]);
    for (const [column, value] of Object.entries(row.values)) if (!owed.has(column)) this.see(value);
    this.note(side, row, 'remove', by);
    this.feed?.tell(side, row, 'delete', null, by !== null);
  }

  attempted(side: Side, map: CompiledMap, write: RowWrite, refused: Fault | null, late: boolean): void {
    this.log?.(`${side} write ${JSON.stringify(write)}${late ? ' late' : ''} -> ${refused?.class ?? 'ok'}`);
    if (refused !== null) return;
    this.ownWrites.push({ side, record: `${map.id}|${write.key}`, content: JSON.stringify(write) });
    if (late && write.operation === 'insert') this.createdLate.add(`${map.id}|${write.key}`);
    // A call that was given up before the pause is out of our hands.
    if (this.paused.has(map.id) && !late) this.violation(`I7: ${map.id} ${write.key} was written while paused`);
  }

  decided(value: CanonicalValue): void {
    if (value === null) return;
    this.see(value);
    this.decidedValues.add(value);
  }

  violation(text: string): void {
    this.log?.(`VIOLATION ${text}`);
    if (!this.violations.includes(text)) this.violations.push(text);
  }

  told(event: TelemetryEvent): void {
    this.log?.(`  ${JSON.stringify(event)}`);
    if (event.event === 'conflict.recorded') this.conflicts += 1;
  }

  private see(value: CanonicalValue): void {
    const typed = value === null ? undefined : this.typed.get(value.toLowerCase());
    if (typed !== undefined) typed.fate = 'seen';
  }

  private hold(row: SimulatedRow, column: string, value: CanonicalValue): void {
    if (value === null || !this.typed.has(value)) return;
    const name = `${row.id} ${column}`;
    const values = this.held.get(name);
    if (values === undefined) this.held.set(name, new Set([value]));
    else values.add(value);
  }

  private note(side: Side, row: SimulatedRow, kind: Deed['kind'], by: CompiledMap | null): void {
    this.log?.(`${side} ${by?.id ?? 'USER'} ${kind} ${row.id} ${row.version} ${JSON.stringify(row.values)}`);
    for (const map of by === null ? MAPS : [by]) {
      const key = row.table === map.sides[side].table ? map.keyOf(side, row) : null;
      if (key !== null)
        this.deeds.push({ side, mapId: map.id, key, kind, own: by !== null, rowId: row.id, atMs: this.now() });
    }
  }
}
