import groups from '../../../maps/finance/customer-groups--msdyn_customergroups.json' with { type: 'json' };
import customers from '../../../maps/sales/customers-v3--accounts.json' with { type: 'json' };
import { createDataverseApi } from '../../../shared/adapters/dataverse/dataverse-api.ts';
import { createDataverseMetadata } from '../../../shared/adapters/dataverse/dataverse-metadata.ts';
import { createDataverseRecordStore } from '../../../shared/adapters/dataverse/dataverse-record-store.ts';
import { createFinopsApi } from '../../../shared/adapters/finops/finops-api.ts';
import { createFinopsMetadata } from '../../../shared/adapters/finops/finops-metadata.ts';
import { createFinopsRecordStore } from '../../../shared/adapters/finops/finops-record-store.ts';
import { createConsiderateClient } from '../../../shared/adapters/http/considerate-client.ts';
import type { TableMap } from '../../../shared/core/map/table-map.ts';
import { tableMapSchema } from '../../../shared/core/map/table-map.ts';
import type { PerSide } from '../../../shared/core/record/side.ts';
import { compileInstalled } from '../../../shared/pipeline/compile-maps.ts';
import type { RecordStore } from '../../../shared/ports/record-store.ts';
import type { TableShapes } from '../../../shared/ports/table-shapes.ts';
import { drawRates, endFaults, type FaultRates } from '../fault-rates.ts';
import { Outages } from '../outages.ts';
import { type Random, seededRandom } from '../random.ts';
import { Scheduler, START_MS } from '../scheduler.ts';
import { SimulatedHost } from '../simulated-host.ts';
import type { Variant } from '../simulated-maps.ts';
import type { CalledSide } from '../simulated-side.ts';
import { findWireViolations } from './wire-checks.ts';
import { createWireClient, ORIGIN } from './wire-client.ts';
import { WirePeople } from './wire-people.ts';
import { createWireSystems, type WireSystems } from './wire-systems.ts';

export interface WireResult {
  seed: number;
  violations: string[];
  edits: number;
  steps: number;
  kills: number;
  trace: number;
}

const MAPS: readonly TableMap[] = [groups, customers].map((map) =>
  tableMapSchema.parse({ ...map, deleteGuard: { count: 10_000, percent: null, windowMinutes: 60 } }),
);
const REST_STEPS_MAX = 8_000;
const TICK_MS = 15_000;
const PATIENCE_MS = 6 * 3_600_000;

/** The simulators answer in turns of the event loop, not within one: a few of them see an answer through. */
async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/**
 * One history over the wire: the real adapters, decoders and clients against both simulators, under the seed's faults;
 * at the end both systems must agree, and no value may be lost.
 */
export async function runWireHistory(seed: number, log?: (line: string) => void): Promise<WireResult> {
  const random = seededRandom(seed);
  const rates = drawRates(random, new Set(['stall', 'pause', 'decide', 'plugin', 'partial', 'refuse']));
  rates.dropEvent = 0;
  const scheduler = new Scheduler(random, settleTurns);
  const outages = new Outages(scheduler, random);
  const late = { count: 0 };
  const systems = await createWireSystems(scheduler, random, ({ event, tagged }) => {
    if (tagged && !random.chance(rates.echo)) return;
    scheduler.at(scheduler.nowMs + random.below(random.chance(rates.delayEvent) ? 60_000 : 60), () =>
      host.receive(event),
    );
  });
  const wire = new Wire(systems, { scheduler, random, rates, outages, late });
  const { sides } = wire;
  const maps = await wire.compile();
  const violations: string[] = [];
  const host = new SimulatedHost({
    sides,
    maps,
    outages,
    scheduler,
    random,
    rates,
    thorough: true,
    guid: (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    onTelemetry: (event) => log?.(`${scheduler.nowMs - START_MS} ${JSON.stringify(event)}`),
    onViolation: (text) => violations.push(text),
  });
  await host.install();
  const people = new WirePeople(seed, systems);
  const course = {
    scheduler,
    host,
    wire,
    people,
    random,
    rates,
    outages,
    late,
    kills: 0,
    nextTickMs: START_MS + TICK_MS,
  };
  await run(course, 12 + random.below(10));
  endFaults(rates);
  outages.end();
  if (!(await run(course, 0))) violations.push('I6: the history did not come to rest');
  violations.push(...(await findWireViolations(host, sides, maps, people, late.count > 0)));
  systems.dataverse.stop();
  const { stepsTaken: steps, trace } = scheduler;
  return { seed, violations: [...new Set(violations)], edits: people.made, steps, kills: course.kills, trace };
}

interface Network {
  /** Requests that were carried out although they had been given up. */
  late: { count: number };
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  outages: Outages;
}

/** What a process holds of both systems; the next one starts with its own. */
interface Connections {
  stores: PerSide<RecordStore>;
  shapes: PerSide<TableShapes>;
}

/** The adapters as the composition builds them. */
function connect(systems: WireSystems, network: Network, guid: () => string): Connections {
  const clock = { nowMs: () => network.scheduler.nowMs };
  const clientOf = (side: 'finops' | 'dataverse') =>
    createConsiderateClient(
      createWireClient({
        ...network,
        side,
        simulator: systems[side],
        onLate: () => {
          network.late.count += 1;
        },
      }),
      {
        side,
        blocks: network.outages.blocks,
        clock,
        onOutage: () => network.outages.blocks.declare(side, { standing: 'offline', sinceMs: clock.nowMs() }),
      },
    );
  const common = { clock, identifiers: { guid } };
  const dataverseApi = createDataverseApi({
    baseUrl: `${ORIGIN}/api/data/v9.2`,
    client: clientOf('dataverse'),
    ...common,
  });
  const finopsApi = createFinopsApi({ baseUrl: ORIGIN, client: clientOf('finops'), ...common });
  const dataverse = createDataverseMetadata(dataverseApi);
  const finops = createFinopsMetadata(finopsApi);
  return {
    shapes: {
      dataverse: {
        shape: (table, columns) => dataverse.shape(table, columns),
        eventName: async (name) => ({ ok: true, value: name }),
      },
      finops: { shape: (entity) => finops.shape(entity), eventName: (entity) => finops.physicalName(entity) },
    },
    stores: {
      dataverse: createDataverseRecordStore({
        api: dataverseApi,
        metadata: dataverse,
        tag: (rowId) => `tag-of-${rowId}`,
      }),
      finops: createFinopsRecordStore({ api: finopsApi, metadata: finops, honoursIfMatch: true }),
    },
  };
}

/** Both systems as the process that runs now is connected to them. */
class Wire {
  readonly sides: PerSide<CalledSide>;
  private current: Connections;
  private readonly systems: WireSystems;
  private readonly network: Network;
  private ids = 0;

  constructor(systems: WireSystems, network: Network) {
    this.systems = systems;
    this.network = network;
    this.current = connect(systems, network, () => this.guid());
    this.sides = { finops: this.sideOf('finops'), dataverse: this.sideOf('dataverse') };
  }

  /** Metadata is read before the faults begin. */
  compile(): Promise<readonly Variant[]> {
    return withoutFaults(this.network, () => Promise.all(MAPS.map((map) => compiled(this.current.shapes, map))));
  }

  /** A new process takes over. */
  reconnect(): void {
    this.current = connect(this.systems, this.network, () => this.guid());
  }

  private guid(): string {
    this.ids += 1;
    return `00000000-0000-4000-9000-${String(this.ids).padStart(12, '0')}`;
  }

  private sideOf(side: 'finops' | 'dataverse'): CalledSide {
    const store: RecordStore = {
      read: (map, wanted) => this.current.stores[side].read(map, wanted),
      readByIds: (map, ids) => this.current.stores[side].readByIds(map, ids),
      write: (map, writes) => this.current.stores[side].write(map, writes),
    };
    return { ...store, calledBy: () => store };
  }
}

async function compiled(shapes: PerSide<TableShapes>, map: TableMap): Promise<Variant> {
  const result = await compileInstalled(shapes, map);
  if (!result.ok) throw new Error(result.fault.message);
  return { map, compiled: result.value.map, finopsPhysicalName: result.value.finopsPhysicalName };
}

/** Carries something out that waits for steps, with every rate at nought. */
async function withoutFaults<T>({ scheduler, rates }: Network, work: () => Promise<T>): Promise<T> {
  const drawn = { ...rates };
  endFaults(rates);
  let done = false;
  const result = work().finally(() => {
    done = true;
  });
  while (!done) {
    await settleTurns();
    if (scheduler.hasSteps) await scheduler.takeStep();
  }
  Object.assign(rates, drawn);
  return result;
}

interface Course extends Network {
  host: SimulatedHost;
  wire: Wire;
  people: WirePeople;
  kills: number;
  nextTickMs: number;
}

/** Runs until so many edits are made and everything rests; false when it does not come to rest. */
async function run(course: Course, edits: number): Promise<boolean> {
  const { scheduler, host, people, random, rates } = course;
  const untilMs = scheduler.nowMs + PATIENCE_MS;
  const endStep = scheduler.stepsTaken + REST_STEPS_MAX;
  await settleTurns();
  while (scheduler.stepsTaken < endStep) {
    const mayEdit = people.made < edits;
    if (mayEdit && random.chance(0.1)) await people.makeOne();
    if (rates.outage > 0 && random.chance(rates.outage)) course.outages.begin();
    if (rates.kill > 0 && scheduler.hasSteps && random.chance(rates.kill)) {
      course.kills += 1;
      course.wire.reconnect();
      host.kill();
    } else if (host.queue.length > 0 && random.chance(0.05)) host.dispatch();
    if (scheduler.nowMs >= course.nextTickMs) {
      course.nextTickMs = scheduler.nowMs + TICK_MS;
      void host.tick();
      await settleTurns();
    }
    if (scheduler.hasSteps) await scheduler.takeStep();
    else if (host.queue.length > 0 && !host.isDispatching) host.dispatch();
    else {
      const due = (await course.outages.isOver()) ? await host.nextDueMs() : course.nextTickMs;
      const nextMs = Math.min(scheduler.nextTimerMs, due <= untilMs ? Math.max(due, course.nextTickMs) : due);
      if (nextMs <= untilMs) await scheduler.jump(nextMs);
      else if (mayEdit) await people.makeOne();
      else return host.idle;
    }
    await settleTurns();
  }
  return false;
}
