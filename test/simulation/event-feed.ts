import type { ChangeEvent, RowEvent } from '../../shared/core/change/change.ts';
import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import { SIDES, type Side } from '../../shared/core/record/side.ts';
import type { FaultRates } from './fault-rates.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { MAPS } from './simulated-maps.ts';
import type { SimulatedRow, SimulatedSides } from './simulated-side.ts';

/** How the two systems tell of their changes: by events that may be lost, doubled, late, in another order, or old. */
export class EventFeed {
  private readonly past: ChangeEvent[] = [];
  private readonly scheduler: Scheduler;
  private readonly random: Random;
  private readonly rates: FaultRates;
  private readonly receive: (event: ChangeEvent) => void;
  private count = 0;

  constructor(scheduler: Scheduler, random: Random, rates: FaultRates, receive: (event: ChangeEvent) => void) {
    this.scheduler = scheduler;
    this.random = random;
    this.rates = rates;
    this.receive = receive;
  }

  /** A row changed; `changed` are the columns that were written, null where that is no part of it. */
  tell(side: Side, row: SimulatedRow, kind: RowEvent['kind'], changed: readonly string[] | null, own: boolean): void {
    const { random, rates } = this;
    const event = this.eventOf(side, row, kind, changed);
    this.past.push(event);
    // The signed tag of our own Dataverse writes ends at ingress.
    if (own && side === 'dataverse' && !random.chance(rates.echo)) return;
    if (random.chance(rates.dropEvent)) return;
    this.deliver(event);
    if (random.chance(rates.duplicateEvent)) this.deliver(random.chance(0.5) ? event : this.again(event));
    if (random.chance(rates.staleEvent)) this.deliver(this.again(random.pick(this.past)));
  }

  /** All that was ever told is told once more. */
  tellAllAgain(): void {
    for (const event of this.past) this.receive(this.again(event));
  }

  /** What catch-up sees: every row of both sides as a hint, and the ids of rows that are gone. */
  sweep(sides: SimulatedSides): void {
    for (const side of SIDES) {
      for (const row of sides[side].rows.values()) this.receive(this.hint(side, row, 'update'));
      for (const row of sides[side].deletedRows) this.receive(this.hint(side, row, 'delete'));
    }
  }

  private again(event: ChangeEvent): ChangeEvent {
    this.count += 1;
    return { ...event, id: `${event.id}-again-${this.count}` };
  }

  private deliver(event: ChangeEvent): void {
    const late = this.random.chance(this.rates.delayEvent) ? 60_000 : 60;
    this.scheduler.at(this.scheduler.nowMs + this.random.below(late), () => this.receive(event));
  }

  private hint(side: Side, row: SimulatedRow, kind: RowEvent['kind']): RowEvent {
    this.count += 1;
    const id = `sweep-${side}-${this.count}`;
    return {
      type: 'row',
      id,
      side,
      table: row.table,
      kind,
      rowId: row.id,
      columns: keyColumns(side, row),
      occurredAt: null,
    };
  }

  private eventOf(side: Side, row: SimulatedRow, kind: RowEvent['kind'], changed: readonly string[] | null): RowEvent {
    this.count += 1;
    const { random } = this;
    const columns = keyColumns(side, row);
    const told = side === 'finops' && changed !== null && random.chance(0.6) ? changed : null;
    for (const column of told ?? []) {
      const value = row.values[column];
      if (value != null) columns[column.toLowerCase()] = value;
    }
    return {
      type: 'row',
      id: `${side}-event-${this.count}-${row.version}`,
      side,
      table: row.table,
      kind,
      rowId: side === 'dataverse' || kind === 'delete' || random.chance(0.7) ? row.id : null,
      columns,
      ...(told === null ? {} : { changed: told.map((column) => column.toLowerCase()) }),
      occurredAt: null,
    };
  }
}

/** F&O events tell the key; Dataverse events name the row by its id. */
function keyColumns(side: Side, row: SimulatedRow): Record<string, CanonicalValue & string> {
  const columns: Record<string, string> = {};
  if (side === 'dataverse') return columns;
  const map = MAPS.find((candidate) => candidate.sides[side].table === row.table);
  for (const column of map?.sides.finops.keyColumns ?? []) columns[column.toLowerCase()] = row.values[column] ?? '';
  return columns;
}
