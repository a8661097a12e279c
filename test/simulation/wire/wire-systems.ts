import { join } from 'node:path';
import { seedRows } from '../../../local/seed/believable-company.ts';
import {
  createDataverseSimulator,
  type DataverseSimulator,
} from '../../../local/simulators/dataverse/dataverse-simulator.ts';
import { createFinopsSimulator, type FinopsSimulator } from '../../../local/simulators/finops/finops-simulator.ts';
import { activateFinopsEvents } from '../../../local/simulators/finops-events.ts';
import { readMetadata, type SimulatorMetadata } from '../../../local/simulators/metadata-files.ts';
import { loadSeed } from '../../../local/simulators/seed-loader.ts';
import { decodeDataverseEvent } from '../../../shared/adapters/dataverse/dataverse-event.ts';
import { decodeFinopsEvent } from '../../../shared/adapters/finops/finops-event.ts';
import type { ChangeEvent } from '../../../shared/core/change/change.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { ORIGIN } from './wire-client.ts';

/** An event as its sender posted it; `tagged`: it bears the tag of a write of ours. */
export interface WireEvent {
  event: ChangeEvent;
  tagged: boolean;
}

export interface WireSystems {
  dataverse: DataverseSimulator;
  finops: FinopsSimulator;
  metadata: SimulatorMetadata;
}

let metadata: Promise<SimulatorMetadata> | null = null;
let seeded: Promise<{ dataverse: unknown; finops: unknown }> | null = null;

/**
 * Both simulated systems, with the set-up of the believable company and none of its customers; what they post is decoded
 * by the real decoders and handed to `receive`.
 */
export async function createWireSystems(
  scheduler: Scheduler,
  random: Random,
  receive: (event: WireEvent) => void,
): Promise<WireSystems> {
  metadata ??= readMetadata(join(import.meta.dirname, '../../../maps/metadata'));
  const read = await metadata;
  seeded ??= snapshots(read);
  const rows = await seeded;
  const systems = create(
    read,
    () => scheduler.nowMs,
    () => random.next(),
    receive,
  );
  systems.dataverse.restore(structuredClone(rows.dataverse));
  systems.finops.restore(structuredClone(rows.finops));
  listen(systems);
  return systems;
}

function create(
  read: SimulatorMetadata,
  now: () => number,
  random: () => number,
  receive: (event: WireEvent) => void,
): WireSystems {
  const dataverse = createDataverseSimulator({
    tables: read.tables,
    random,
    now,
    post: async (_url, _headers, body) => {
      const decoded = decodeDataverseEvent(body);
      if (decoded.ok && 'event' in decoded) receive({ event: decoded.event, tagged: decoded.tag !== null });
      return 202;
    },
  });
  const finops = createFinopsSimulator({
    entities: read.entities,
    enums: read.enums,
    random,
    now,
    mountPath: '',
    post: ({ id, body }) => {
      const decoded = decodeFinopsEvent(body);
      if (decoded.ok && 'event' in decoded) receive({ event: decoded.event, tagged: false });
      queueMicrotask(() => finops.events.settle(id, null));
    },
  });
  return { dataverse, finops, metadata: read };
}

function listen({ dataverse, finops, metadata: read }: WireSystems): void {
  dataverse.registerWebhook({ url: `${ORIGIN}/dataverse`, headerName: 'x-twinwrite-key', key: 'k' });
  activateFinopsEvents(finops, read.entities, [], { finopsUrl: `${ORIGIN}/finops`, key: 'k' });
}

/** The set-up rows are loaded once and copied for each history. */
async function snapshots(read: SimulatorMetadata): Promise<{ dataverse: unknown; finops: unknown }> {
  let count = 0;
  const random = (): number => {
    count += 1;
    return (count * 0.618_033_988_7) % 1;
  };
  const { dataverse, finops } = create(
    read,
    () => 1_767_225_600_000,
    random,
    () => undefined,
  );
  await loadSeed({ dataverse, finops, tables: read.tables }, seedRows({ customers: 0, seed: 7 }));
  return { dataverse: dataverse.snapshot(), finops: finops.snapshot() };
}
