import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCallCounts } from './call-counts.ts';
import { createChangeStream } from './change-stream.ts';
import { answerControl, type ControlScope } from './control-api.ts';
import { createDataverseSimulator, type DataverseSimulator } from './dataverse/dataverse-simulator.ts';
import type { DataverseSwitches } from './dataverse/switches.ts';
import type { SimRequest } from './exchange.ts';
import { createFaultPlan, type Side } from './fault-plan.ts';
import type { BusinessEventBinding } from './finops/business-event.ts';
import { deliverEvent } from './finops/event-delivery.ts';
import { createFinopsSimulator, type FinopsSimulator } from './finops/finops-simulator.ts';
import type { FinopsSwitches } from './finops/switches.ts';
import { activateFinopsEvents } from './finops-events.ts';
import { readRequest, writeResponse } from './http-exchange.ts';
import { readMetadata, type SimulatorMetadata } from './metadata-files.ts';
import { loadSeed, type SeedRows } from './seed-loader.ts';
import { seededRandom } from './seeded-random.ts';
import { createStateFile, type SavedState, type StateFile } from './state-file.ts';
import { readPage } from './static-page.ts';
import { answerJson, createTokenIssuer, unauthorized } from './tokens.ts';
import { createWebhookSender } from './webhook-sender.ts';

/** How to run the simulators. */
export interface SimulatorServerOptions {
  /** 0 for any free port. */
  port: number;
  /** Folder with `dataverse/` and `finops/`. */
  metadataDirectory: string;
  /** File that keeps the state between runs; in memory only when absent. */
  statePath?: string;
  /** Where the two systems send their events, and the key they show there. */
  webhooks: { dataverseUrl: string; finopsUrl: string; key: string };
  /** Rows for a first start, when there is no saved state. */
  seed?: SeedRows;
  /** Seed of ids and faults; a fixed one gives the same ids every time. */
  randomSeed?: number;
  /** Folder of the page shown at `/sim/`. */
  pageDirectory?: string;
  businessEvents?: BusinessEventBinding[];
  switches?: { dataverse?: Partial<DataverseSwitches>; finops?: Partial<FinopsSwitches> };
}

/** The running server. */
export interface RunningSimulators {
  /** Root address, without a slash at the end. */
  url: string;
  dataverse: DataverseSimulator;
  finops: FinopsSimulator;
  /** Stops listening and posting, and saves the state. */
  close(): Promise<void>;
}

/** The longest address that either service reads is below this ("Compose HTTP requests": 32 KB). */
const maxAddressBytes = 128 * 1024;

interface World extends ControlScope {
  changes: ReturnType<typeof createChangeStream>;
  pageDirectory: string | undefined;
  stopSending(): void;
}

/**
 * Starts both simulated systems in one server: Dataverse below `/dataverse`, F&O below `/finops`, tokens at
 * `/token`, the control API below `/sim/api/` and the page at `/sim/`. Rejects for unreadable metadata, a
 * damaged state file, a refused seed row, or a port that is taken.
 */
export async function startSimulators(options: SimulatorServerOptions): Promise<RunningSimulators> {
  const metadata = await readMetadata(options.metadataDirectory);
  const world = createWorld(options, metadata);
  const { dataverse, finops } = world;
  const collect = (): SavedState => ({ dataverse: dataverse.snapshot(), finops: finops.snapshot() });
  const state = options.statePath === undefined ? undefined : createStateFile(options.statePath, collect);
  world.touch = () => state?.touch();
  await fill(options, world, state);
  dataverse.registerWebhook({
    url: options.webhooks.dataverseUrl,
    headerName: 'x-twinwrite-key',
    key: options.webhooks.key,
  });
  activateFinopsEvents(finops, metadata.entities, options.businessEvents ?? [], options.webhooks);
  world.touch();
  const server = createServer({ maxHeaderSize: maxAddressBytes }, (message, response) => {
    readRequest(message)
      .then((request) => answer(world, request, response))
      .catch((error: unknown) => fail(response, error));
  });
  await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dataverse,
    finops,
    close: async () => {
      dataverse.stop();
      world.stopSending();
      world.changes.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await state?.close();
    },
  };
}

function createWorld(options: SimulatorServerOptions, metadata: SimulatorMetadata): World {
  const now = Date.now;
  const random = options.randomSeed === undefined ? Math.random : seededRandom(options.randomSeed);
  const plan = createFaultPlan(random);
  const counts = createCallCounts(now());
  // Microseconds: ids of a later start are above all those of an earlier one, at any believable rate of changes.
  const changes = createChangeStream(now() * 1000);
  const toDataverseSubscriber = createWebhookSender('dataverse', plan, counts);
  const toFinopsSubscriber = createWebhookSender('finops', plan, counts);
  const base = { random, now };
  const dataverse = createDataverseSimulator({
    ...base,
    tables: metadata.tables,
    switches: options.switches?.dataverse ?? {},
    post: (...call) => toDataverseSubscriber.send(...call).finally(() => world.touch()),
  });
  const wait = (delayMs: number): Promise<void> => sleep(delayMs, undefined, { ref: false });
  const finops: FinopsSimulator = createFinopsSimulator({
    ...base,
    entities: metadata.entities,
    enums: metadata.enums,
    switches: options.switches?.finops ?? {},
    businessEvents: options.businessEvents ?? [],
    mountPath: '/finops',
    post: (event) => {
      void deliverEvent(event, toFinopsSubscriber.send, wait).then((reason) => {
        finops.events.settle(event.id, reason);
        world.touch();
      });
    },
  });
  const tokens = createTokenIssuer(base);
  const { tables } = metadata;
  const { pageDirectory } = options;
  const stopSending = (): void => {
    toDataverseSubscriber.stop();
    toFinopsSubscriber.stop();
  };
  const world: World = {
    dataverse,
    finops,
    tables,
    plan,
    counts,
    tokens,
    now,
    appUrl: new URL(options.webhooks.dataverseUrl).origin,
    changes,
    pageDirectory,
    touch: () => {},
    stopSending,
  };
  for (const simulator of [dataverse, finops]) {
    simulator.onChange((change) => {
      counts.change(change);
      changes.publish(change);
      world.touch();
    });
  }
  return world;
}

async function fill(options: SimulatorServerOptions, world: World, state: StateFile | undefined): Promise<void> {
  const saved = await state?.load();
  if (saved !== undefined) {
    world.dataverse.restore(saved.dataverse);
    world.finops.restore(saved.finops);
  } else if (options.seed !== undefined) {
    await loadSeed(world, options.seed);
    world.counts.mark(world.now());
    world.changes.forget();
  }
}

async function answer(world: World, request: SimRequest, response: ServerResponse): Promise<void> {
  const { path } = request;
  if (path.startsWith('/dataverse/')) return callSide(world, 'dataverse', request, response);
  if (path.startsWith('/finops/')) return callSide(world, 'finops', request, response);
  if (path === '/token') return writeResponse(response, world.tokens.answer(request));
  if (path === '/sim/api/changes' && request.method === 'GET') return world.changes.attach(request, response);
  if (path.startsWith('/sim/api/')) {
    return writeResponse(response, await answerControl(world, request, path.slice('/sim/api/'.length)));
  }
  const page = await pageFor(world, request);
  writeResponse(response, page ?? answerJson(404, { error: { code: '', message: `There is nothing at ${path}.` } }));
}

async function pageFor(world: World, request: SimRequest): Promise<Awaited<ReturnType<typeof readPage>>> {
  if (world.pageDirectory === undefined || request.method !== 'GET') return undefined;
  // Relative addresses in the page need the slash.
  if (request.path === '/sim') return { status: 302, headers: { location: '/sim/' }, body: '' };
  return request.path.startsWith('/sim/')
    ? readPage(world.pageDirectory, request.path.slice('/sim/'.length))
    : undefined;
}

async function callSide(world: World, side: Side, request: SimRequest, response: ServerResponse): Promise<void> {
  const faults = world.plan.strikeRequest(side, request.method);
  world.counts.request(side, request.method, request.path, request.body);
  if (faults.offline) {
    response.destroy();
    return;
  }
  if (faults.delayMs > 0) await sleep(faults.delayMs, undefined, { ref: false });
  if (!world.tokens.accepts(request.headers['authorization'])) {
    world.counts.status(side, 401);
    return writeResponse(response, unauthorized());
  }
  const prefix = `/${side}`;
  const inner = {
    ...request,
    path: request.path.slice(prefix.length),
    headers: { ...request.headers, 'x-forwarded-prefix': prefix },
  };
  const answered = faults.refusal ?? (await world[side].handle(inner));
  world.counts.status(side, answered.status);
  if (faults.breakAfterMs === undefined) return writeResponse(response, answered);
  await sleep(faults.breakAfterMs, undefined, { ref: false });
  response.destroy();
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function fail(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent || response.destroyed) response.destroy();
  else writeResponse(response, answerJson(500, { error: { code: '', message } }));
}
