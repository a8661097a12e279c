import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { announceRows } from './announce-rows.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { type Broker, startBroker } from './broker/broker.ts';
import { type HostProcess, startHostProcess } from './host-process.ts';
import { installMaps, readShippedMaps } from './install-maps.ts';
import { assertFree, type Ports } from './ports.ts';
import { seedRows } from './seed/believable-company.ts';
import { type RunningSimulators, startSimulators } from './simulators/server.ts';

export interface StackOptions {
  /** Seconds between two catch-ups of a map; none unless given, so that calls can be counted. */
  catchUpSeconds?: number;
  ports: Ports;
  /** Folder of the repository. */
  root: string;
  /** Folder of a built package that is run instead of the source. */
  packageDirectory?: string | undefined;
  /** Whether the systems may also post to queues: `directQueues` of infra/queues.json, here in the same broker. */
  directEvents?: boolean;
  /** Folder where the state is kept between runs. */
  stateDirectory: string;
  /** Begin anew: the state of earlier runs is thrown away. */
  reset: boolean;
  /** Customers to seed a new state with. */
  customers: number;
  /** Lines of the host's own log. */
  hostLog: (line: string) => void;
  say: (line: string) => void;
}

/** The whole embedded stack: services in this process, the functions host as its child. */
export interface Stack {
  simulators: RunningSimulators;
  broker: Broker;
  host: HostProcess;
  appUrl: string;
  /** The webhook key in use, for those who post events by hand. */
  key: string;
  stop(): Promise<void>;
}

const KEY = 'local-webhook-key-0001';
const SEED = 20_260_101;

/**
 * Starts storage, queue, both simulated systems and the app, and installs the shipped maps. Whatever was started is
 * stopped again when a later part fails.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await assertFree(options.ports);
  if (options.reset) rmSync(options.stateDirectory, { recursive: true, force: true });
  mkdirSync(options.stateDirectory, { recursive: true });
  const opened: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    return await startParts(options, opened, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  opened: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const { ports, root, stateDirectory, say } = options;
  const tables = await startAzurite({ port: ports.tables, directory: join(stateDirectory, 'tables') });
  opened.push(() => tables.stop());
  const broker = await startBroker({
    port: ports.broker,
    queuesFile: queuesOf(root, options.directEvents ?? false),
    statePath: join(stateDirectory, 'queue.sqlite'),
  });
  opened.push(() => broker.stop());
  const appUrl = `http://127.0.0.1:${ports.app}`;
  const simulatorState = join(stateDirectory, 'simulators.json');
  const fresh = !existsSync(simulatorState);
  const maps = readShippedMaps(join(root, 'maps'));
  const simulators = await startSimulators({
    port: ports.simulators,
    metadataDirectory: join(root, 'maps/metadata'),
    statePath: simulatorState,
    webhooks: {
      dataverseUrl: `${appUrl}/api/ingress/dataverse`,
      finopsUrl: `${appUrl}/api/ingress/finops`,
      key: KEY,
    },
    seed: seedRows({ customers: options.customers, seed: SEED }),
    pageDirectory: join(root, 'local/simulators/page'),
  });
  opened.push(() => simulators.close());
  say('storage, queue and both systems are up; starting the app …');
  const host = startHostProcess({
    root,
    packageDirectory: options.packageDirectory,
    stateDirectory,
    port: ports.app,
    settings: {
      ...hostSettings(tables, broker, simulators),
      ...(options.directEvents === true ? { DirectEventsConnection: broker.connectionString } : {}),
      TWINWRITE_CATCH_UP_SECONDS: String(options.catchUpSeconds ?? 0),
    },
    log: options.hostLog,
  });
  opened.push(() => host.stop());
  await installMaps(appUrl, maps);
  if (fresh) {
    const announced = await announceRows({ connectionString: broker.connectionString, url: simulators.url, maps });
    say(`${announced} rows were announced; the app links them in the background`);
  }
  return { simulators, broker, host, appUrl, key: KEY, stop };
}

function queuesOf(root: string, direct: boolean): { queues: unknown[] } {
  const { queues, directQueues } = JSON.parse(readFileSync(join(root, 'infra/queues.json'), 'utf8'));
  return { queues: direct ? [...queues, ...directQueues] : queues };
}

function hostSettings(tables: Azurite, broker: Broker, simulators: RunningSimulators): Record<string, string> {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    ServiceBusConnection: broker.connectionString,
    TWINWRITE_TABLES_CONNECTION: tables.connectionString,
    TWINWRITE_DATAVERSE_URL: `${simulators.url}/dataverse/api/data/v9.2`,
    TWINWRITE_FINOPS_URL: `${simulators.url}/finops`,
    TWINWRITE_WEBHOOK_KEYS: KEY,
    TWINWRITE_TAG_SECRETS: 'local-tag-secret-0001',
    TWINWRITE_IDENTITY: 'client-credentials',
    TWINWRITE_TOKEN_URL: `${simulators.url}/token`,
    TWINWRITE_CLIENT_ID: 'twinwrite',
    TWINWRITE_CLIENT_SECRET: 'local-client-secret-0001',
  };
}
