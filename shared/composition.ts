import { randomUUID } from 'node:crypto';
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { createDataverseApi } from './adapters/dataverse/dataverse-api.ts';
import { createDataverseChangeFeed } from './adapters/dataverse/dataverse-change-feed.ts';
import { decodeDataverseEvent } from './adapters/dataverse/dataverse-event.ts';
import { createDataverseMetadata } from './adapters/dataverse/dataverse-metadata.ts';
import { createDataverseRecordStore } from './adapters/dataverse/dataverse-record-store.ts';
import { isTagOf, signTag, type TaggedEvent } from './adapters/dataverse/write-tag.ts';
import { createFinopsApi } from './adapters/finops/finops-api.ts';
import { decodeFinopsEvent } from './adapters/finops/finops-event.ts';
import { createFinopsMetadata } from './adapters/finops/finops-metadata.ts';
import { createFinopsRecordStore } from './adapters/finops/finops-record-store.ts';
import { createTokenSource } from './adapters/http/bearer-token.ts';
import { createClientCredential } from './adapters/http/client-credentials.ts';
import { createConsiderateClient } from './adapters/http/considerate-client.ts';
import { createHttpClient, type HttpClient } from './adapters/http/http-client.ts';
import { parseQueueBody } from './adapters/service-bus/change-message.ts';
import { createServiceBusChangeQueue } from './adapters/service-bus/service-bus-change-queue.ts';
import type { TableConnection } from './adapters/table-storage/table.ts';
import { createTableCheckpointStore } from './adapters/table-storage/table-checkpoint-store.ts';
import { createTableMapStore } from './adapters/table-storage/table-map-store.ts';
import { createTableRejectedStore } from './adapters/table-storage/table-rejected-store.ts';
import { createTableSideBlocks } from './adapters/table-storage/table-side-blocks.ts';
import { createTableStateStore } from './adapters/table-storage/table-state-store.ts';
import { createLogTelemetry, type LogTelemetry } from './adapters/telemetry/log-telemetry.ts';
import { type Config, readConfig } from './config.ts';
import { failure, type Result, success } from './core/fault/fault.ts';
import type { PerSide, Side } from './core/record/side.ts';
import type { CatchUpDependencies } from './pipeline/catch-up.ts';
import { createCompiledMaps } from './pipeline/compile-maps.ts';
import { type Dependencies, PIPELINE_SETTINGS } from './pipeline/dependencies.ts';
import type { Clock, Identifiers } from './ports/clock.ts';
import type { SideBlocks } from './ports/side-blocks.ts';
import type { TableShapes } from './ports/table-shapes.ts';
import type { Telemetry } from './ports/telemetry.ts';

/** Everything that triggers need. */
export interface Services {
  config: Config;
  deps: Dependencies;
  catchUpDeps: CatchUpDependencies;
  shapes: PerSide<TableShapes>;
  telemetry: LogTelemetry;
  rejected: ReturnType<typeof createTableRejectedStore>;
  decodeDataverseEvent: typeof decodeDataverseEvent;
  decodeFinopsEvent: typeof decodeFinopsEvent;
  parseQueueBody: typeof parseQueueBody;
  /** Whether a tag on an event is ours, and of the very write that the event tells of. */
  isOwnTag(tag: string, event: TaggedEvent): boolean;
  /** Requests and table operations since the start, for cost counts. */
  counts(): Record<string, Readonly<Record<string, number>>>;
}

const CALL_TIMEOUT_MS = 60_000;
const RESPONSE_LIMIT_BYTES = 32 * 1024 * 1024;

const clock: Clock = { nowMs: () => Date.now() };
const identifiers: Identifiers = { guid: () => randomUUID() };

let composed: Promise<Services> | null = null;

/** The services of this process, made once. Rejects with every wrong setting named; the next call tries again. */
export function services(): Promise<Services> {
  composed ??= compose(readConfig()).catch((error: unknown) => {
    composed = null;
    throw error;
  });
  return composed;
}

async function compose(config: Config): Promise<Services> {
  const credential = credentialOf(config);
  const connection = tableConnection(config, credential);
  const state = createTableStateStore({ connection, clock });
  const mapStore = createTableMapStore({ connection });
  const rejected = createTableRejectedStore({ connection });
  const blocks = createTableSideBlocks({ connection, clock });
  const checkpoints = createTableCheckpointStore({ connection });
  await Promise.all([state, mapStore, rejected, blocks, checkpoints].map((tables) => tables.ensureTables()));
  const telemetry = createLogTelemetry();
  const bare = {
    finops: httpClient(credential, config.TWINWRITE_FINOPS_URL),
    dataverse: httpClient(credential, config.TWINWRITE_DATAVERSE_URL),
  };
  const clientOf = (side: Side): HttpClient =>
    createConsiderateClient(bare[side], { side, blocks, clock, onOutage: () => declareGone(blocks, telemetry, side) });
  const dataverse = dataverseSide(config, clientOf('dataverse'));
  const finops = finopsSide(config, clientOf('finops'));
  const shapes = { finops: finops.shapes, dataverse: dataverse.shapes };
  const queue = createServiceBusChangeQueue({ client: serviceBusClient(config, credential), queueName: 'changes' });
  const deps: Dependencies = {
    sides: { finops: finops.store, dataverse: dataverse.store },
    state,
    queue,
    maps: createCompiledMaps({ mapStore, shapes, clock }),
    mapStore,
    clock,
    identifiers,
    telemetry,
    blocks,
    probes: {
      finops: () => probe(bare.finops, `${config.TWINWRITE_FINOPS_URL.replace(/\/+$/, '')}/data/LegalEntities?$top=1`),
      dataverse: () => probe(bare.dataverse, `${config.TWINWRITE_DATAVERSE_URL.replace(/\/+$/, '')}/WhoAmI`),
    },
    settings: { ...PIPELINE_SETTINGS, syncMissingParents: config.TWINWRITE_SYNC_MISSING_PARENTS === 'true' },
  };
  return {
    config,
    deps,
    catchUpDeps: {
      ...deps,
      feed: dataverse.feed,
      checkpoints,
      catchUpIntervalMs: config.TWINWRITE_CATCH_UP_SECONDS * 1000,
    },
    shapes,
    telemetry,
    rejected,
    decodeDataverseEvent,
    decodeFinopsEvent,
    parseQueueBody,
    isOwnTag: (tag, event) => isTagOf(tag, event, config.TWINWRITE_TAG_SECRETS),
    counts: () => ({
      finops: finops.client.counts(),
      dataverse: dataverse.client.counts(),
      tables: { ...state.operations(), ...blocks.operations(), ...checkpoints.operations() },
    }),
  };
}

/** In Azure the user-assigned identity, named explicitly: a chain of credentials is slow and hides mistakes. */
function credentialOf(config: Config): TokenCredential {
  if (config.TWINWRITE_IDENTITY === 'developer') return new DefaultAzureCredential();
  if (config.TWINWRITE_IDENTITY === 'client-credentials') {
    return createClientCredential({
      tokenUrl: config.TWINWRITE_TOKEN_URL ?? '',
      clientId: config.TWINWRITE_CLIENT_ID ?? '',
      clientSecret: config.TWINWRITE_CLIENT_SECRET ?? '',
      clock,
      timeoutMs: CALL_TIMEOUT_MS,
    });
  }
  const clientId = config.AZURE_CLIENT_ID;
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
}

function tableConnection(config: Config, credential: TokenCredential): TableConnection {
  const connectionString = config.TWINWRITE_TABLES_CONNECTION;
  if (connectionString !== undefined) return { connectionString };
  return { endpoint: config.TWINWRITE_TABLES_URL ?? '', credential };
}

function serviceBusClient(config: Config, credential: TokenCredential): ServiceBusClient {
  const connectionString = config.ServiceBusConnection;
  if (connectionString !== undefined) return new ServiceBusClient(connectionString);
  return new ServiceBusClient(config.ServiceBusConnection__fullyQualifiedNamespace ?? '', credential);
}

async function declareGone(blocks: SideBlocks, telemetry: Telemetry, side: Side): Promise<void> {
  await blocks.declare(side, { standing: 'offline', sinceMs: clock.nowMs() });
  telemetry.emit({ event: 'side.standing', side, standing: 'offline' });
}

/** Any answer of the system itself will do, even one that denies the caller. */
async function probe(client: HttpClient, url: string): Promise<Result<null>> {
  const answer = await client.send({ method: 'GET', url, writes: false });
  if (!answer.ok) return answer;
  const { status } = answer.value;
  if (status < 500) return success(null);
  return failure({ code: 'TW102', class: 'transient', message: `The probe was answered ${status}.` });
}

function httpClient(credential: TokenCredential, baseUrl: string): HttpClient {
  const { origin } = new URL(baseUrl);
  const token = createTokenSource(credential, `${origin}/.default`, clock);
  return createHttpClient({
    origin,
    token,
    clock,
    identifiers,
    timeoutMs: CALL_TIMEOUT_MS,
    responseLimitBytes: RESPONSE_LIMIT_BYTES,
  });
}

function dataverseSide(config: Config, client: HttpClient) {
  const api = createDataverseApi({ baseUrl: config.TWINWRITE_DATAVERSE_URL, client, clock, identifiers });
  const metadata = createDataverseMetadata(api);
  const [secret = ''] = config.TWINWRITE_TAG_SECRETS;
  const store = createDataverseRecordStore({
    api,
    metadata,
    tag: (rowId) => signTag(rowId, clock.nowMs(), secret),
  });
  const shapes: TableShapes = {
    shape: (table, columns) => metadata.shape(table, columns),
    eventName: async (table) => ({ ok: true, value: table }),
  };
  return { client, store, shapes, feed: createDataverseChangeFeed({ api, metadata }) };
}

function finopsSide(config: Config, client: HttpClient) {
  const api = createFinopsApi({ baseUrl: config.TWINWRITE_FINOPS_URL, client, clock, identifiers });
  const metadata = createFinopsMetadata(api);
  const honoursIfMatch = config.TWINWRITE_FINOPS_HONOURS_IF_MATCH === 'true';
  const store = createFinopsRecordStore({ api, metadata, honoursIfMatch });
  const shapes: TableShapes = {
    shape: (entity) => metadata.shape(entity),
    eventName: (entity) => metadata.physicalName(entity),
  };
  return { client, store, shapes };
}
