import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peopleAt } from '../../local/demo/people.ts';
import { startSimulators } from '../../local/simulators/server.ts';
import { createDataverseChangeFeed } from '../../shared/adapters/dataverse/dataverse-change-feed.ts';
import { decodeDataverseEvent } from '../../shared/adapters/dataverse/dataverse-event.ts';
import { decodeFinopsEvent } from '../../shared/adapters/finops/finops-event.ts';
import { createTokenSource } from '../../shared/adapters/http/bearer-token.ts';
import { createClientCredential } from '../../shared/adapters/http/client-credentials.ts';
import { createMemoryChangeQueue } from '../../shared/adapters/memory/memory-change-queue.ts';
import { createMemoryCheckpointStore } from '../../shared/adapters/memory/memory-checkpoint-store.ts';
import { createMemoryMapStore } from '../../shared/adapters/memory/memory-map-store.ts';
import { ALWAYS_THERE, createMemorySideBlocks } from '../../shared/adapters/memory/memory-side-blocks.ts';
import { createMemoryStateStore } from '../../shared/adapters/memory/memory-state-store.ts';
import type { SyncBatch } from '../../shared/core/change/change.ts';
import type { TableMap } from '../../shared/core/map/table-map.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { catchUp } from '../../shared/pipeline/catch-up.ts';
import { type DispatchDependencies, PIPELINE_SETTINGS } from '../../shared/pipeline/dependencies.ts';
import { dispatchChanges } from '../../shared/pipeline/dispatch-changes.ts';
import { handleCommand } from '../../shared/pipeline/handle-command.ts';
import { type SyncAnswer, syncChanges } from '../../shared/pipeline/sync-changes.ts';
import type { QueueMessage } from '../../shared/ports/change-queue.ts';
import { clock, compiled, dataverseOn, finopsOn, identifiers } from '../contracts/record-stores.ts';

const METADATA = join(import.meta.dirname, '../../maps/metadata');
const BATCH = 100;

/** Calls that reached the two systems. */
export interface Calls {
  finops: number;
  dataverse: number;
}

/** Both simulated systems and the pipeline between them, with state and queue in memory and no host. */
export async function pipelineInProcess(map: TableMap) {
  const posts: { side: string; body: string }[] = [];
  const subscriber = await listen((side, body) => posts.push({ side, body }));
  const hook = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}`;
  const webhooks = { dataverseUrl: `${hook}/dataverse`, finopsUrl: `${hook}/finops`, key: 'key' };
  const simulators = await startSimulators({ port: 0, metadataDirectory: METADATA, webhooks });
  const tokenUrl = `${simulators.url}/token`;
  const credential = createClientCredential({ tokenUrl, clientId: 'app', clientSecret: 's', clock, timeoutMs: 5_000 });
  const token = createTokenSource(credential, 'https://127.0.0.1/.default', clock);
  const finops = finopsOn(`${simulators.url}/finops`, { token });
  const dataverse = dataverseOn(`${simulators.url}/dataverse`, { token });
  const route = { map: await compiled(map, finops, dataverse), finopsPhysicalName: map.finops.entity.toLowerCase() };
  const physical = await finops.metadata.physicalName(map.finops.entity);
  if (physical.ok) route.finopsPhysicalName = physical.value ?? route.finopsPhysicalName;
  const queue = createMemoryChangeQueue();
  const mapStore = createMemoryMapStore();
  await mapStore.install(map, 'running');
  const deps: DispatchDependencies = {
    sides: { finops: finops.store, dataverse: dataverse.store },
    state: createMemoryStateStore(),
    queue,
    maps: { routes: async () => [route], find: async (mapId) => (mapId === map.id ? route : null) },
    mapStore,
    orchestrations: { start: (id, batch) => synchronise(deps, id, batch), countOpen: async () => 0 },
    clock,
    identifiers,
    telemetry: { emit: () => undefined },
    blocks: createMemorySideBlocks(),
    probes: ALWAYS_THERE,
    settings: PIPELINE_SETTINGS,
  };
  const checkpoints = createMemoryCheckpointStore();
  const feed = createDataverseChangeFeed(dataverse);
  const posted = async (): Promise<void> => {
    while (simulators.finops.events.pending().length > 0) await sleep(2);
    await simulators.dataverse.webhooksIdle();
  };
  return {
    people: peopleAt(simulators.url),
    /** Takes in the events posted so far; tells how many there were, and how many were dropped as our own echo. */
    async takeIn(): Promise<{ events: number; echoes: number }> {
      await posted();
      const taken = posts.splice(0);
      let echoes = 0;
      for (const { side, body } of taken) if (await ingress(deps, side, body)) echoes += 1;
      return { events: taken.length, echoes };
    },
    /** Synchronises what is queued, a hundred messages at a time, as a full queue is received. */
    async run(): Promise<void> {
      for (let batch = queue.take(BATCH); batch.length > 0; batch = queue.take(BATCH)) await dispatch(deps, batch);
    },
    /** The events posted so far are lost. */
    async loseEvents(): Promise<void> {
      await posted();
      posts.splice(0);
    },
    /** What the timer does when a map's turn has come; tells how many hints were enqueued. */
    async catchUp(): Promise<number> {
      await sleep(2);
      let hinted = 0;
      await catchUp({
        ...deps,
        feed,
        checkpoints,
        catchUpIntervalMs: 1,
        telemetry: {
          emit: (told) => {
            if (told.event === 'catch-up.failed') throw new Error(told.code);
            if (told.event === 'catch-up.read') hinted += told.hinted;
          },
        },
      });
      return hinted;
    },
    mapStore,
    blocks: deps.blocks,
    expireDeltaLinks: (): void => {
      simulators.dataverse.switches.deltaTokenLifeMs = -1;
    },
    async calls(): Promise<Calls> {
      const response = await fetch(`${simulators.url}/sim/api/counts`);
      const counts = (await response.json()) as Record<keyof Calls, { calls: number }>;
      return { finops: counts.finops.calls, dataverse: counts.dataverse.calls };
    },
    async close(): Promise<void> {
      await simulators.close();
      subscriber.closeAllConnections();
      await new Promise((resolve) => subscriber.close(resolve));
    },
  };
}

async function listen(received: (side: string, body: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received(
        request.url?.startsWith('/dataverse') === true ? 'dataverse' : 'finops',
        Buffer.concat(chunks).toString(),
      );
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What both ingress functions do after authentication; true for our own echo. */
async function ingress(deps: DispatchDependencies, side: string, body: string): Promise<boolean> {
  if (side === 'finops') {
    const decoded = decodeFinopsEvent(body);
    if (!decoded.ok) throw new Error(decoded.problem);
    if ('event' in decoded) await acceptEvent(deps, decoded.event);
    return false;
  }
  const decoded = decodeDataverseEvent(body);
  if (!decoded.ok) throw new Error(decoded.problem);
  if ('ignored' in decoded) return false;
  if (decoded.tag?.startsWith('tag-of-') === true) return true;
  await acceptEvent(deps, decoded.event);
  return false;
}

function dispatch(deps: DispatchDependencies, messages: readonly QueueMessage[]): Promise<number> {
  return dispatchChanges(
    deps,
    messages.map(({ body }) => body),
  );
}

async function synchronise(deps: DispatchDependencies, id: string, batch: SyncBatch): Promise<void> {
  const run = syncChanges(batch, id);
  for (let step = run.next(); step.done !== true; ) {
    if (step.value.kind === 'wait')
      throw new Error(`Nothing should have to be waited for, but ${step.value.delayMs} ms were.`);
    const answer: SyncAnswer = await handleCommand(deps, step.value);
    step = run.next(answer);
  }
}
