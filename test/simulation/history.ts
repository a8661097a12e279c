import type { ChangeEvent } from '../../shared/core/change/change.ts';
import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import { type PerSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { TelemetryEvent } from '../../shared/ports/telemetry.ts';
import { type CheckInput, findViolations } from './checks.ts';
import { type Random, seededRandom } from './random.ts';
import { Scheduler, START_MS, settle } from './scheduler.ts';
import { SimulatedHost } from './simulated-host.ts';
import { CUSTOMER_MAP, GROUP_MAP } from './simulated-maps.ts';
import { type FaultRates, SimulatedSide } from './simulated-side.ts';
import { UserEdits } from './user-edits.ts';

export interface HistoryResult {
  seed: number;
  violations: string[];
  edits: number;
  steps: number;
  /** Equal for equal seeds. */
  trace: number;
  calls: number;
  kills: number;
  conflicts: number;
}

const MAPS = [GROUP_MAP, CUSTOMER_MAP];
const STEPS_MAX = 60_000;
const TICK_MS = 15_000;
/** Rest is reached when nothing has happened for this long: the latest of a server's late commits is sooner. */
const QUIET_MS = 60_000;

/** What is still parked after this time waits for a scan or a person, not for time: the longest rest is an hour. */
const PATIENCE_MS = 6 * 3_600_000;

const REFERENCES: Record<Side, { table: string; column: string; toTable: string; toColumn: string }> = {
  finops: { table: 'Customers', column: 'GroupId', toTable: 'Groups', toColumn: 'GroupId' },
  dataverse: { table: 'customer', column: 'parentgroup.groupid', toTable: 'group', toColumn: 'groupid' },
};

function drawRates(random: Random): FaultRates {
  const rate = (max: number): number => (random.chance(0.4) ? 0 : random.next() * max);
  return {
    dropEvent: random.chance(0.5) ? 0 : random.next() * 0.15,
    duplicateEvent: rate(0.3),
    failBefore: rate(0.1),
    throttle: rate(0.1),
    unknownAfter: rate(0.12),
    lateCommit: rate(0.08),
    plugin: random.chance(0.7) ? 0 : random.next(),
    kill: random.chance(0.5) ? 0 : random.next() * 0.02,
  };
}

/**
 * One history: people edit both sides at random while the engine runs under the seed's faults; then the faults end,
 * everything comes to rest, and what must hold is checked from the rows and the records alone.
 */
export async function runHistory(seed: number, log: (line: string) => void = () => undefined): Promise<HistoryResult> {
  const random = seededRandom(seed);
  const rates = drawRates(random);
  const answered = rates.kill === 0 && rates.unknownAfter === 0 && rates.lateCommit === 0;
  const scheduler = new Scheduler(random);
  const telemetry: TelemetryEvent[] = [];
  const values = new Map<string, 'shown' | 'seen'>();
  let kills = 0;

  const sideOf = (side: Side): SimulatedSide =>
    new SimulatedSide({
      side,
      maps: MAPS,
      scheduler,
      random,
      rates,
      references: [REFERENCES[side]],
      log: (line) => log(`${scheduler.nowMs - START_MS} ${side} ${line}`),
      onEvent: (event, own) => post(event, own),
      onValueGone: (value, byUser, withRow, column) => valueGone(value, byUser || (withRow && column === 'rating')),
    });
  const valueGone = (value: CanonicalValue, byUser: boolean): void => {
    const written = value?.toLowerCase() ?? '';
    if (byUser && values.has(written)) values.set(written, 'seen');
  };
  const sides: PerSide<SimulatedSide> = { finops: sideOf('finops'), dataverse: sideOf('dataverse') };
  const host = new SimulatedHost({
    maps: MAPS,
    sides,
    scheduler,
    random,
    rates,
    onTelemetry: (event) => {
      telemetry.push(event);
      log(`${scheduler.nowMs - START_MS}   ${JSON.stringify(event)}`);
    },
  });
  const post = (event: ChangeEvent, own: boolean): void => {
    if (own && event.type === 'row' && event.side === 'dataverse') return;
    if (random.chance(rates.dropEvent)) return;
    const times = random.chance(rates.duplicateEvent) ? 2 : 1;
    for (let copy = 0; copy < times; copy += 1) {
      const delivery = copy === 0 || random.chance(0.5) ? event : { ...event, id: `${event.id}-again` };
      scheduler.at(scheduler.nowMs + random.below(random.chance(0.1) ? 5_000 : 60), () => host.receive(delivery));
    }
  };
  await host.install();

  const edits = new UserEdits(sides, random, values);
  edits.prepare();
  const target = 20 + random.below(15);
  let ticking = true;
  const tick = (): void => {
    if (ticking) scheduler.at(scheduler.nowMs + TICK_MS, tick);
    void host.tick();
  };
  scheduler.at(scheduler.nowMs + TICK_MS, tick);

  const run = async (editing: boolean): Promise<void> => {
    let quietSinceMs: number | null = null;
    const untilMs = scheduler.nowMs + PATIENCE_MS;
    while (scheduler.stepsTaken < STEPS_MAX) {
      if (editing && edits.made < target && random.chance(0.08)) edits.makeOne();
      else if (rates.kill > 0 && random.chance(rates.kill) && scheduler.hasSteps) {
        kills += 1;
        log(`${scheduler.nowMs - START_MS} KILL`);
        host.kill();
      } else if (host.queue.length > 0 && random.chance(0.3)) host.dispatch();
      if (scheduler.hasSteps) await scheduler.takeStep();
      else if (host.queue.length > 0) {
        host.dispatch();
        await settle();
      } else {
        const parked = await host.state.listParked({ limit: 1_000 });
        const waiting = scheduler.nowMs < untilMs && parked.some(({ parked: { dueAtMs } }) => dueAtMs !== null);
        quietSinceMs = host.idle && !waiting ? (quietSinceMs ?? scheduler.nowMs) : null;
        const finished = !editing || edits.made >= target;
        if (finished && quietSinceMs !== null && scheduler.nowMs - quietSinceMs > QUIET_MS) return;
        await scheduler.jump();
      }
    }
  };

  await run(true);
  for (const key of Object.keys(rates) as (keyof FaultRates)[]) if (key !== 'plugin') rates[key] = 0;
  sweep(sides, host);
  await run(false);
  const writesBefore = SIDES.map((side) => sides[side].ownWrites.length);
  sweep(sides, host);
  await run(false);
  ticking = false;
  const echoWrites = SIDES.map((side, index) => sides[side].ownWrites.length - (writesBefore[index] ?? 0));

  const input: CheckInput = {
    maps: MAPS,
    sides,
    state: host.state,
    values,
    echoWrites,
    answered,
    stuck: scheduler.stepsTaken >= STEPS_MAX,
  };
  const violations = await findViolations(input);
  const conflicts = telemetry.filter((event) => event.event === 'conflict.recorded').length;
  const calls = sides.finops.calls + sides.dataverse.calls;
  return {
    seed,
    violations,
    edits: edits.made,
    steps: scheduler.stepsTaken,
    trace: scheduler.trace,
    calls,
    kills,
    conflicts,
  };
}

/** What catch-up sees: every row of both sides as a hint, and the ids of rows that are gone. */
function sweep(sides: PerSide<SimulatedSide>, host: SimulatedHost): void {
  let count = 0;
  for (const side of SIDES) {
    const hint = (
      row: { id: string; table: string; values: Record<string, CanonicalValue> },
      kind: 'update' | 'delete',
    ): void => {
      const columns: Record<string, string> = {};
      const map = MAPS.find((candidate) => candidate.sides[side].table === row.table);
      for (const column of (side === 'finops' && map?.sides.finops.keyColumns) || []) {
        columns[column.toLowerCase()] = row.values[column] ?? '';
      }
      count += 1;
      const id = `sweep-${side}-${host.deps.clock.nowMs()}-${count}`;
      host.receive({ type: 'row', id, side, table: row.table, kind, rowId: row.id, columns, occurredAt: null });
    };
    for (const row of sides[side].rows.values()) hint(row, 'update');
    for (const row of sides[side].deletedRows) hint(row, 'delete');
  }
}
