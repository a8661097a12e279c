import { type CheckInput, findViolations } from './checks.ts';
import { Decisions } from './decisions.ts';
import { EventFeed } from './event-feed.ts';
import { drawRates, endFaults, type FaultRates } from './fault-rates.ts';
import { HistoryRecord } from './history-record.ts';
import { MapOperator } from './map-operator.ts';
import { Outages } from './outages.ts';
import { type Random, seededRandom } from './random.ts';
import { Scheduler, START_MS, settle } from './scheduler.ts';
import { SimulatedHost } from './simulated-host.ts';
import { FIRST_MAPS } from './simulated-maps.ts';
import { SimulatedSide, type SimulatedSides } from './simulated-side.ts';
import { UserEdits } from './user-edits.ts';

export interface HistoryOptions {
  log?: ((line: string) => void) | undefined;
  /** False: no event is lost, and nothing is ever swept, so that a sweep cannot hide what events should have done. */
  sweeps?: boolean;
  /** Faults that are left out, by name. */
  without?: ReadonlySet<string>;
  /** Numbers of edits that are left out. */
  skip?: ReadonlySet<number>;
  /** Keys change at any time, not only at rest. */
  renames?: boolean;
}

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
  writes: number;
}

/** Steps to rest once the faults have ended. */
const REST_STEPS_MAX = 20_000;
/** Steps until the faults end, at the latest: with some of them, nothing comes to rest before. */
const EDIT_STEPS_MAX = 5_000;
const TICK_MS = 15_000;
/** How long an operator waits before sending a command again. */
const OPERATOR_REST_MS = 1_000;
/** Taken from the queue at once where only the outcome matters. */
const MESSAGES_MAX = 200;
/** What is still parked after this time waits for a scan or a person, not for time: the longest rest is an hour. */
const PATIENCE_MS = 6 * 3_600_000;

/** One run of the whole: what is drawn, who takes part, and what has been recorded. */
interface Course {
  random: Random;
  rates: FaultRates;
  /** How often users edit, and how often the queue is looked at, per step. */
  pace: { edit: number; dispatch: number };
  scheduler: Scheduler;
  record: HistoryRecord;
  sides: SimulatedSides;
  host: SimulatedHost;
  operator: MapOperator;
  outages: Outages;
  decisions: Decisions;
  edits: UserEdits;
  editsWanted: number;
  nextTickMs: number;
}

/**
 * One history: people edit both sides at random while the engine runs under the seed's faults; then the faults end,
 * everything comes to rest, and what must hold is checked from the rows and the records alone. At last every event
 * comes once more, and nothing may be written.
 */
export async function runHistory(seed: number, options: HistoryOptions = {}): Promise<HistoryResult> {
  const random = seededRandom(seed);
  const sweeps = random.chance(0.6) && options.sweeps !== false;
  const rates = drawRates(random, options.without ?? new Set());
  if (!sweeps) rates.dropEvent = 0;
  const course = prepare(seed, options, random, rates, sweeps);
  const { record, host, scheduler, edits, sides, operator, outages, decisions } = course;
  const { feed } = record;
  await host.install();
  edits.prepare();

  const drawn = { ...rates };
  await run(course, true, EDIT_STEPS_MAX);
  endFaults(rates);
  outages.end();
  host.messagesMax = Math.max(host.messagesMax, 10);
  if (!operator.finish()) await run(course, false, REST_STEPS_MAX);
  if (sweeps) feed?.sweep(sides);
  const rested = await run(course, false, REST_STEPS_MAX);
  const made = { edits: edits.made, decisions: decisions.made };
  const input: CheckInput = { record, sides, state: host.state, rates: drawn, ...made, rested };
  const violations = await findViolations(input);
  const writes = record.ownWrites.length;
  host.messagesMax = MESSAGES_MAX;
  if (sweeps) feed?.sweep(sides);
  feed?.tellAllAgain();
  await run(course, false, REST_STEPS_MAX);
  const again = record.ownWrites.length - writes;
  if (again > 0 && record.createdLate.size === 0)
    violations.push(`I2: all events and a sweep at rest caused ${again} writes`);
  // Last, because whoever refers to a group shows its new key without having been written to.
  if (edits.renameSome()) {
    const restedAgain = await run(course, false, REST_STEPS_MAX);
    violations.push(...(await findViolations({ ...input, rested: restedAgain })));
  }
  return {
    seed,
    violations: [...new Set([...record.violations, ...violations])],
    edits: edits.made,
    steps: scheduler.stepsTaken,
    trace: scheduler.trace,
    calls: sides.finops.calls + sides.dataverse.calls,
    kills: record.kills,
    conflicts: record.conflicts,
    writes,
  };
}

function prepare(seed: number, options: HistoryOptions, random: Random, rates: FaultRates, sweeps: boolean): Course {
  const scheduler = new Scheduler(random);
  const { log } = options;
  const record = new HistoryRecord(
    () => scheduler.nowMs,
    log ? (line) => log(`${scheduler.nowMs - START_MS} ${line}`) : null,
  );
  const common = { scheduler, random, rates, listener: record };
  const outages = new Outages(scheduler, random);
  const sides: SimulatedSides = {
    finops: new SimulatedSide({ ...common, side: 'finops', outage: outages.sides.finops }),
    dataverse: new SimulatedSide({ ...common, side: 'dataverse', outage: outages.sides.dataverse }),
  };
  const host = new SimulatedHost({
    sides,
    maps: FIRST_MAPS,
    outages,
    scheduler,
    random,
    rates,
    thorough: seed % 16 === 0,
    onTelemetry: (event) => record.told(event),
    onViolation: (text) => record.violation(text),
  });
  record.feed = new EventFeed(scheduler, random, rates, (event) => host.receive(event));
  return {
    random,
    rates,
    pace: { edit: 0.04 + random.next() * 0.3, dispatch: 0.01 + random.next() * (random.chance(0.3) ? 0.3 : 0.06) },
    scheduler,
    record,
    sides,
    host,
    operator: new MapOperator({ host, record, random, sweeps }),
    outages,
    decisions: new Decisions(host, record, random),
    edits: new UserEdits(seed, sides, record, options),
    editsWanted: 20 + random.below(11),
    nextTickMs: START_MS + TICK_MS,
  };
}

/** Runs until all edits are made and everything rests; false when it does not come to rest. */
async function run(course: Course, editing: boolean, stepsMax: number): Promise<boolean> {
  const { scheduler, host, edits } = course;
  const endStep = scheduler.stepsTaken + stepsMax;
  const untilMs = scheduler.nowMs + PATIENCE_MS;
  await settle();
  while (scheduler.stepsTaken < endStep) {
    const mayEdit = editing && edits.made < course.editsWanted;
    await interfere(course);
    meddle(course, mayEdit);
    if (scheduler.nowMs >= course.nextTickMs) {
      course.nextTickMs = scheduler.nowMs + TICK_MS;
      void host.tick();
      await settle();
    }
    if (scheduler.hasSteps) await scheduler.takeStep();
    else if (host.queue.length > 0 && !host.isDispatching) host.dispatch();
    else {
      const nextMs = Math.min(scheduler.nextTimerMs, await nextTickMs(course, untilMs));
      if (nextMs <= untilMs) await scheduler.jump(nextMs);
      else if (mayEdit) edits.makeOne();
      else if (editing || course.operator.finish()) return host.idle;
      else await scheduler.jump(scheduler.nowMs + OPERATOR_REST_MS);
    }
  }
  return false;
}

/** The timers tick all the time, but only what is due, or an outage, needs them. */
async function nextTickMs({ host, outages, nextTickMs: tickMs }: Course, untilMs: number): Promise<number> {
  if (!(await outages.isOver())) return tickMs;
  const dueMs = await host.nextDueMs();
  return dueMs <= untilMs ? Math.max(dueMs, tickMs) : dueMs;
}

/** What operators do between two steps, and what befalls a side. */
async function interfere({ random, rates, operator, outages, decisions }: Course): Promise<void> {
  if (rates.pause > 0 && random.chance(rates.pause)) await operator.goOn();
  if (rates.outage > 0 && random.chance(rates.outage)) outages.begin();
  if (rates.decide > 0 && random.chance(rates.decide)) void decisions.decideOne();
}

/** What comes from outside between two steps: an edit, a kill, a look at the queue. */
function meddle(course: Course, mayEdit: boolean): void {
  const { random, rates, pace, scheduler, host, record, operator } = course;
  if (mayEdit && random.chance(pace.edit)) course.edits.makeOne();
  if (rates.kill > 0 && scheduler.hasSteps && random.chance(rates.kill)) {
    record.kills += 1;
    host.kill();
    operator.repeatAfterKill();
  } else if (host.queue.length > 0 && random.chance(pace.dispatch)) host.dispatch();
}
