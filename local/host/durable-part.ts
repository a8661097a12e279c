import { clientBinding, type ManagementPlace } from '../durable/client-links.ts';
import { createDurableEngine, type DurableEngine } from '../durable/engine.ts';
import { createMemoryStore } from '../durable/memory-store.ts';
import { openSqliteStore } from '../durable/sqlite-store.ts';
import type { DurableStore } from '../durable/store.ts';
import type { AccessKeys } from './access-keys.ts';
import { createDurableWorkers } from './durable-workers.ts';
import type { HostJson } from './host-json.ts';
import { listen, RPC_PATH, serveManagement, WEBHOOK_PATH } from './host-server.ts';
import { answer } from './http-answer.ts';
import type { Invoker } from './invocation.ts';
import type { AppFunction, Registry } from './registry.ts';
import type { TypedData } from './typed-data.ts';
import type { WorkGauge } from './work-gauge.ts';

/** The durable engine of a host with its store and the server its client talks to. */
export interface DurablePart {
  readonly engine: DurableEngine;
  readonly store: DurableStore;
  readonly place: ManagementPlace;
  /** Values of the durable client inputs of a function. */
  inputsOf(target: AppFunction): Record<string, TypedData>;
  close(): Promise<void>;
}

/** Opens the durable part; nothing runs before `engine.resume`. `statePath` null keeps the state in memory. */
export async function durablePart(options: {
  readonly registry: Registry;
  readonly invoker: Invoker;
  readonly gauge: WorkGauge;
  readonly hostJson: HostJson;
  readonly statePath: string | null;
  readonly log: (line: string) => void;
  readonly keys: AccessKeys | null;
  readonly port: number;
}): Promise<DurablePart> {
  const { registry, invoker, gauge, log, statePath, keys } = options;
  const { durableTask } = options.hostJson.extensions;
  const store = statePath === null ? createMemoryStore() : openSqliteStore(statePath);
  const engine = createDurableEngine({
    store,
    workers: createDurableWorkers(registry, invoker, log),
    maxActivities: durableTask.maxConcurrentActivityFunctions,
    maxOrchestrators: durableTask.maxConcurrentOrchestratorFunctions,
    log: (line) => log(`error durable: ${line}`),
    busy: gauge,
  });
  const holder: { place?: ManagementPlace } = {};
  const rpc = await listen(0, async (request, response) => {
    const { place } = holder;
    if (place === undefined || !(await serveManagement(engine, place, RPC_PATH, request, response))) {
      answer(response, 404);
    }
  });
  const place: ManagementPlace = {
    baseUrl: `http://localhost:${options.port}${WEBHOOK_PATH}`,
    rpcBaseUrl: `http://127.0.0.1:${rpc.port}${RPC_PATH}`,
    taskHub: durableTask.hubName,
    code: keys?.durable ?? null,
  };
  holder.place = place;
  const binding = clientBinding(place);
  return {
    engine,
    store,
    place,
    inputsOf: (target) =>
      Object.fromEntries(
        Object.entries(target.metadata.bindings)
          .filter(([, { type }]) => /^(durable|orchestration)client$/i.test(type))
          .map(([name]) => [name, { string: binding }]),
      ),
    async close() {
      engine.stop();
      await rpc.close();
      store.close();
    },
  };
}
