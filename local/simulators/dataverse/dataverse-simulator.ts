import { setTimeout as sleep } from 'node:timers/promises';
import type { SimChange, SimResponse, Simulator } from '../exchange.ts';
import type { CallContext } from './call-context.ts';
import type { Engine } from './engine.ts';
import { organization } from './execution-context.ts';
import { parsePreferences } from './preferences.ts';
import { applicationUserId, interactiveUserId, serviceAddress } from './request-context.ts';
import { dispatch } from './request-dispatch.ts';
import { createRowStore, type RowStore, type StoreState } from './row-store.ts';
import type { RowChange } from './row-writes.ts';
import { createServiceProtector } from './service-protection.ts';
import { registerWebhook, type WebhookRegistration } from './step-registration.ts';
import { checkRegistration } from './step-registry.ts';
import { randomGuid, type Values } from './stored-value.ts';
import { type DataverseSwitches, defaultSwitches } from './switches.ts';
import { seedSystemRows, systemTables } from './system-tables.ts';
import { buildSchema, type Schema, type TableMetadata } from './table-metadata.ts';
import { faultResponse, isWebFault, webFault } from './web-fault.ts';
import { createWebhookOutbox, type WebhookJob, type WebhookPost } from './webhook-outbox.ts';

/** What a simulated environment is made of. */
export interface DataverseOptions {
  tables: TableMetadata[];
  /** Numbers in [0, 1); seed it to get the same ids every time. */
  random: () => number;
  /** Milliseconds since 1970. */
  now: () => number;
  switches?: Partial<DataverseSwitches>;
  /** Carries the posts of webhooks; `fetch` when absent. */
  post?: WebhookPost;
}

/** A simulated Dataverse environment. */
export interface DataverseSimulator extends Simulator {
  /** Live: changes take effect with the next request. */
  switches: DataverseSwitches;
  /** Registers the steps of the embedded stack in one call. */
  registerWebhook(registration: WebhookRegistration): void;
  /** Resolves when every webhook has been delivered or has failed. */
  webhooksIdle(): Promise<void>;
  /** Starts no further webhook post. */
  stop(): void;
}

interface DataverseState {
  store: StoreState;
  jobs: WebhookJob[];
}

/** Creates an environment with the system tables and the given business tables, without business rows. */
export function createDataverseSimulator(options: DataverseOptions): DataverseSimulator {
  const { random, now } = options;
  const switches: DataverseSwitches = { ...structuredClone(defaultSwitches), ...options.switches };
  const named = new Set(options.tables.map((table) => table.logicalName));
  const schema = buildSchema([...systemTables.filter((table) => !named.has(table.logicalName)), ...options.tables]);
  const store = createRowStore(schema);
  const listeners: ((change: SimChange) => void)[] = [];
  const put = (table: string, id: string, values: Values): void => putSystemRow(schema, store, now, table, id, values);
  const outbox = createWebhookOutbox({
    schema,
    store,
    switches,
    random,
    now,
    post: options.post ?? postByFetch,
    record: (id, values) => put('asyncoperation', id, values),
  });
  const publish = (changes: RowChange[]): void => {
    outbox.add(changes);
    // Registrations and system jobs are nobody's business rows.
    for (const change of changes.filter(({ table }) => named.has(table.metadata.logicalName)).map(simChange)) {
      for (const listener of listeners) listener(change);
    }
  };
  const engine = createEngine({ schema, store, switches, random }, publish, outbox.add);
  const seed = (): void => seedRows(put, store, options.tables, switches);
  seed();
  const protector = createServiceProtector();

  return {
    switches,
    handle: async (request) => {
      const user = request.headers['x-sim-user'] ?? applicationUserId;
      try {
        const address = serviceAddress(request);
        protector.enter(user, now(), switches.serviceProtection);
        try {
          if (switches.latencyMs > 0) await sleep(switches.latencyMs);
          return withServiceHeaders(dispatch({ engine, random, now }, request, address), random);
        } finally {
          protector.leave(user, now(), Math.max(switches.executionMs, switches.latencyMs), switches.serviceProtection);
        }
      } catch (error) {
        return withServiceHeaders(refusal(error), random);
      }
    },
    snapshot: (): DataverseState => ({ store: store.snapshot(), jobs: outbox.jobs() }),
    restore: (state) => {
      const { store: rows, jobs } = checkState(state);
      store.restore(rows);
      seed();
      outbox.restore(jobs);
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    registerWebhook: (registration) => {
      const context = systemContext(now(), random);
      engine.transact(() => registerWebhook(engine.writes, context, options.tables, registration));
    },
    webhooksIdle: () => outbox.idle(),
    stop: () => outbox.stop(),
  };
}

function createEngine(
  parts: { schema: Schema; store: RowStore; switches: DataverseSwitches; random: () => number },
  commit: (changes: RowChange[]) => void,
  phantoms: (changes: RowChange[]) => void,
): Engine {
  let changes: RowChange[] | undefined;
  const writes = {
    ...parts,
    emit: (change: RowChange): void => {
      checkRegistration(parts.schema, parts.store, change);
      changes?.push(change);
    },
  };
  return {
    ...parts,
    writes,
    transact: (work) => {
      if (changes !== undefined) return work();
      const own: RowChange[] = [];
      changes = own;
      try {
        const result = parts.store.transaction(work);
        changes = undefined;
        commit(own);
        return result;
      } catch (error) {
        // A phantom: the event of a change that was rolled back, as steps that run before the commit can raise.
        if (parts.switches.phantomEvents) phantoms(own);
        throw error;
      } finally {
        changes = undefined;
      }
    },
  };
}

function simChange(change: RowChange): SimChange {
  const { context } = change;
  const operations = { Create: 'create', Update: 'update', Delete: 'delete' } as const;
  return {
    side: 'dataverse',
    table: change.table.metadata.logicalName,
    key: (change.after ?? change.before)?.id ?? '',
    operation: operations[change.message],
    at: new Date(context.now).toISOString(),
    by: context.userId,
    columns: Object.keys(change.target),
    ...(context.tag === undefined || !change.direct ? {} : { tag: context.tag }),
  };
}

function seedRows(
  put: (table: string, id: string, values: Values) => void,
  store: RowStore,
  tables: readonly TableMetadata[],
  switches: DataverseSwitches,
): void {
  seedSystemRows(put, store, tables, switches.tablesWithoutMultiple);
  const users: [string, string][] = [
    [applicationUserId, '# Twinwrite'],
    [interactiveUserId, 'Alex Example'],
  ];
  for (const [id, fullname] of users) {
    if (store.get('systemuser', id) === undefined) put('systemuser', id, { fullname, isdisabled: false });
  }
}

function putSystemRow(
  schema: Schema,
  store: RowStore,
  now: () => number,
  name: string,
  id: string,
  values: Values,
): void {
  const table = schema.byName.get(name);
  if (table === undefined) throw new Error(`The table ${name} is missing from the schema.`);
  const at = `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const held: Values = {};
  const all = { [table.metadata.primaryIdAttribute]: id, createdon: at, modifiedon: at, ...values };
  for (const [column, value] of Object.entries(all)) if (table.columns.has(column)) held[column] = value;
  store.put(table, { id, version: store.nextVersion(), ordinal: store.nextOrdinal(), values: held });
}

function systemContext(now: number, random: () => number): CallContext {
  return {
    userId: interactiveUserId,
    onBehalfOf: null,
    tag: undefined,
    requestId: randomGuid(random),
    correlationId: randomGuid(random),
    userAgent: '',
    bypassedSteps: new Set(),
    bypassAsync: false,
    serviceRoot: '',
    preferences: parsePreferences(undefined),
    now,
  };
}

function withServiceHeaders(response: SimResponse, random: () => number): SimResponse {
  const id = randomGuid(random);
  const headers = { req_id: id, 'x-ms-service-request-id': id, 'x-ms-dop-hint': '8', ...response.headers };
  return { ...response, headers };
}

function refusal(error: unknown): SimResponse {
  if (isWebFault(error)) return faultResponse(error);
  const message = error instanceof Error ? error.message : String(error);
  return faultResponse(webFault(500, '0x80040216', `An unexpected error occurred: ${message}`));
}

function checkState(state: unknown): DataverseState {
  const candidate = state as Partial<DataverseState> | null;
  if (typeof candidate?.store?.tables === 'object' && Array.isArray(candidate.jobs)) return candidate as DataverseState;
  throw new Error(`This is not a state of the ${organization.host} simulator.`);
}

async function postByFetch(
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
  await response.arrayBuffer();
  return response.status;
}
