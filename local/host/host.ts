import { dirname, join } from 'node:path';
import { openAccessKeys } from './access-keys.ts';
import { serveAdmin } from './admin-api.ts';
import { loadApp } from './app-loader.ts';
import { enterSettings } from './app-settings.ts';
import { type DurablePart, durablePart } from './durable-part.ts';
import { runnableFunctions, withTrigger } from './function-index.ts';
import { programmingModel } from './functions-core.ts';
import { type HostJson, readHostJson } from './host-json.ts';
import { type Listening, listen, serveManagement, WEBHOOK_PATH } from './host-server.ts';
import { answer } from './http-answer.ts';
import { type HttpTriggerOptions, httpEndpoints, serveFunction } from './http-trigger.ts';
import { createInvoker, type Invoker } from './invocation.ts';
import { countOutgoingRequests, type OutgoingRequests } from './outgoing-requests.ts';
import type { AppFunction, Registry } from './registry.ts';
import { openServiceBusOutputs } from './service-bus-output.ts';
import { startServiceBusTriggers } from './service-bus-trigger.ts';
import { startTimer, type TimerListener } from './timer-trigger.ts';
import { createWorkGauge, type WorkGauge } from './work-gauge.ts';

const DRAIN_MS = 30_000;

/** How to run an app. */
export interface HostOptions {
  readonly appDirectory: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** App settings; they become the environment of this process until the host stops. */
  readonly settings: Readonly<Record<string, string>>;
  /** File of the durable state; without it the state lives in memory. */
  readonly durableStatePath?: string;
  /** Entry file or glob below the app's folder, instead of `main` of its package.json. May be TypeScript. */
  readonly entry?: string;
  readonly log?: (line: string) => void;
  /** Asks for the keys of functions with an `authLevel` and of the durable webhooks, as Azure does. */
  readonly auth?: boolean;
}

/** Durable operations, function calls, and requests of the app to tables and the durable API, since the start. */
export interface HostCounts {
  readonly turns: number;
  readonly activities: number;
  readonly timers: number;
  readonly historyEvents: number;
  readonly entityBatches: number;
  readonly httpCalls: number;
  readonly invocations: Readonly<Record<string, number>>;
  /** By host and port; see `countOutgoingRequests`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Host and port of the durable API that the app's client talks to. */
  readonly durableApi: string;
}

/** A running host. */
export interface Host {
  readonly port: number;
  /** One line per function: its name, and its URL or trigger. */
  readonly functions: readonly string[];
  /** Keys in force when `auth` is on. */
  readonly keys: { readonly master: string; readonly function: string; readonly durable: string } | null;
  counts(): HostCounts;
  /** Resolves once nothing has been in hand for `quietMs`; waiting for a clock, an event or a message is not in hand. */
  idle(quietMs?: number): Promise<void>;
  /** Stops in order: listeners, work in hand (up to 30 s), the app's `appTerminate` hooks, state. */
  stop(): Promise<void>;
}

/**
 * Runs a v4 Node Functions app in this process. Throws when the port is taken, a setting or host.json is wrong, or the
 * app fails to load; nothing is left open then. One app per process: Node loads its modules, and the library its
 * registrations, only once.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const log = options.log ?? (() => undefined);
  const opened: (() => Promise<void> | void)[] = [];
  let serve: Parameters<typeof listen>[1] = async (_request, response) => answer(response, 503);
  try {
    const server = await listen(options.port, (request, response) => serve(request, response));
    opened.push(() => server.close());
    const settings = {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      WEBSITE_HOSTNAME: `localhost:${server.port}`,
      ...options.settings,
    };
    opened.push(enterSettings(settings));
    const hostJson = readHostJson(options.appDirectory, settings);
    const registry = await loadApp(options, (level, category, message) => {
      if (category !== 'system' || level !== 'debug') {
        log(`${level} ${category}: ${message}`);
      }
    });
    const parts = await assemble({ ...options, settings, log }, hostJson, registry, server, opened);
    serve = parts.serve;
    await parts.start();
    return parts.host;
  } catch (error) {
    for (const close of opened.toReversed()) {
      await close();
    }
    throw error;
  }
}

type Resolved = HostOptions & { readonly log: (line: string) => void };
type Closers = (() => Promise<void> | void)[];

async function assemble(
  options: Resolved,
  hostJson: HostJson,
  registry: Registry,
  server: Listening,
  opened: Closers,
): Promise<{ host: Host; serve: Parameters<typeof listen>[1]; start: () => Promise<void> }> {
  const { settings, log, appDirectory } = options;
  const gauge = createWorkGauge();
  const requests = countOutgoingRequests();
  opened.push(requests.stop);
  const functions = runnableFunctions(registry, settings, log);
  const capabilities = (await programmingModel().getCapabilities?.({})) ?? {};
  registry.close();
  const statePath = options.durableStatePath ?? null;
  const keysPath = statePath === null ? null : join(dirname(statePath), 'keys.json');
  const keys = options.auth === true ? openAccessKeys(keysPath) : null;
  const outputs = openServiceBusOutputs(settings);
  opened.push(() => outputs.close());
  const holder: { durable?: DurablePart } = {};
  const invoker = createInvoker({
    registry,
    appDirectory,
    timeoutMs: hostJson.functionTimeout,
    gauge,
    log,
    extraInputs: (target) => holder.durable?.inputsOf(target) ?? {},
    sendOutputs: outputs.send,
  });
  const durable = await durablePart({ registry, invoker, gauge, hostJson, statePath, log, keys, port: server.port });
  holder.durable = durable;
  opened.push(() => durable.close());
  const endpoints = httpEndpoints(functions, hostJson.extensions.http.routePrefix);
  const streamBase = capabilities['HttpUri'] ?? null;
  const http: HttpTriggerOptions = { endpoints, invoker, keys, streamBase, log };
  const timers = new Map<string, TimerListener>();
  const listeners: Closers = [() => server.close()];
  const counts = (): HostCounts => countsOf(durable, invoker, requests);
  const includeEmpty = capabilities['IncludeEmptyEntriesInMessagePayload'] !== undefined;
  return {
    serve: (request, response) => serveRequest(http, durable, { timers, keys, counts }, request, response),
    async start() {
      const started = (close: Closers[number]): void => {
        listeners.push(close);
        opened.push(close);
      };
      await invoker.runAppHooks('appStart');
      durable.engine.resume();
      const bus = await startServiceBusTriggers({
        functions: withTrigger(functions, 'serviceBusTrigger'),
        invoker,
        settings,
        log,
        hostJson,
        includeEmpty,
        gauge,
      });
      started(() => bus.stop());
      for (const target of withTrigger(functions, 'timerTrigger')) {
        const timer = startTimer({ invoker, settings, store: durable.store, log }, target);
        timers.set(target.name, timer);
        started(() => timer.stop());
      }
    },
    host: {
      port: server.port,
      functions: functions.map((target) => describe(target, http, server.port)),
      keys,
      counts,
      idle: (quietMs = 25) => gauge.idle(quietMs),
      stop: once(() => stopInOrder(opened, listeners, durable, gauge, invoker)),
    },
  };
}

function countsOf(durable: DurablePart, invoker: Invoker, requests: OutgoingRequests): HostCounts {
  return {
    ...durable.engine.counts(),
    invocations: invoker.counts(),
    requests: requests.counts(),
    durableApi: new URL(durable.place.rpcBaseUrl).host,
  };
}

function describe(target: AppFunction, http: HttpTriggerOptions, port: number): string {
  const endpoint = http.endpoints.find((known) => known.target === target);
  const where =
    endpoint === undefined
      ? target.trigger.type
      : `[${endpoint.methods.join(',')}] http://localhost:${port}${endpoint.path}`;
  return `${target.name}: ${where}`;
}

async function serveRequest(
  http: HttpTriggerOptions,
  durable: DurablePart,
  admin: Parameters<typeof serveAdmin>[0],
  request: Parameters<typeof serveFunction>[1],
  response: Parameters<typeof serveFunction>[2],
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname.startsWith('/admin/')) {
    serveAdmin(admin, request, response);
    return;
  }
  if (url.pathname.startsWith(`${WEBHOOK_PATH}/`)) {
    if (http.keys !== null && !http.keys.admitsDurable(request.headers, url.searchParams)) {
      answer(response, 401);
      return;
    }
    await serveManagement(durable.engine, durable.place, WEBHOOK_PATH, request, response);
    return;
  }
  await serveFunction(http, request, response);
}

async function stopInOrder(
  opened: Closers,
  listeners: Closers,
  durable: DurablePart,
  gauge: WorkGauge,
  invoker: Invoker,
): Promise<void> {
  await Promise.all(listeners.map(async (close) => close()));
  durable.engine.stop();
  await gauge.drained(DRAIN_MS);
  await invoker.runAppHooks('appTerminate');
  for (const close of opened.toReversed()) {
    if (!listeners.includes(close)) {
      await close();
    }
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work();
    return running;
  };
}
