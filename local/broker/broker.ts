import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import rhea, { type Connection, type EventContext } from 'rhea';
import { serveConnection } from './connection.ts';
import { type OperationCounts, openQueue, type Queue } from './queue.ts';
import { abortConnection } from './rhea-internals.ts';
import { readQueueSettings } from './settings.ts';
import { openStore } from './store.ts';
import { sweep } from './sweep.ts';

/** Messages in a queue (active ones include those locked by a receiver) and operations since the start. */
export interface QueueCounts extends Readonly<OperationCounts> {
  readonly active: number;
  readonly scheduled: number;
  readonly deferred: number;
  readonly deadLetter: number;
}

/** A running broker. */
export interface Broker {
  readonly port: number;
  /** What to give the Service Bus client. */
  readonly connectionString: string;
  /** Counts by queue name. */
  counts(): Record<string, QueueCounts>;
  /** Ends every connection and closes the state file; calling it again changes nothing. */
  stop(): Promise<void>;
}

/** How to start a broker. */
export interface BrokerOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** The parsed content of `infra/queues.json`. */
  readonly queuesFile: unknown;
  /** State file; without it the messages live in memory only. */
  readonly statePath?: string | undefined;
  /** The clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

const SWEEP_INTERVAL_MS = 20;
const MAX_FRAME_BYTES = 65_536;

async function listen(server: Server, port: number): Promise<number> {
  try {
    if (!server.listening) await once(server, 'listening');
  } catch (cause) {
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const reason = taken ? 'it is already in use' : String(cause);
    throw new Error(`The Service Bus stand-in cannot listen on port ${port}: ${reason}.`, { cause });
  }
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function countsOf(queue: Queue): QueueCounts {
  const byState = { active: 0, scheduled: 0, deferred: 0 };
  for (const message of queue.main.messages.values()) byState[message.state] += 1;
  return { ...byState, deadLetter: queue.deadLetter.messages.size, ...queue.operations };
}

/** Listens for clients; `abortAll` ends every connection at once. */
function openServer(port: number, queues: ReadonlyMap<string, Queue>): { server: Server; abortAll(): void } {
  const container = rhea.create_container({
    id: 'service-bus-stand-in',
    autoaccept: false,
    autosettle: false,
    treat_modified_as_released: false,
    // Without it the system holds small frames back for the peer's acknowledgement: about 40 ms a request.
    tcp_no_delay: true,
  });
  const connections = new Set<Connection>();
  container.on('connection_open', ({ connection }: EventContext) => {
    connections.add(connection);
    serveConnection(connection, queues, () => connections.delete(connection));
  });
  // A peer may break the protocol or leave before its connection is open.
  for (const event of ['error', 'protocol_error', 'disconnected']) container.on(event, () => undefined);
  const server = container.listen({ port, host: '127.0.0.1', max_frame_size: MAX_FRAME_BYTES });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    server,
    abortAll() {
      for (const connection of [...connections]) abortConnection(connection);
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Starts an embedded stand-in for Azure Service Bus that the unmodified `@azure/service-bus` client works with.
 * Rejects with an Error that names the port when it is taken, the file when the state file cannot be opened, and the
 * settings when they are wrong.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const settings = readQueueSettings(options.queuesFile);
  const store = openStore(options.statePath);
  const now = options.now ?? Date.now;
  const queues = new Map(settings.map((one) => [one.name.toLowerCase(), openQueue(one, store, now)]));
  const { server, abortAll } = openServer(options.port, queues);
  const port = await listen(server, options.port).catch((fault: unknown) => {
    store.close();
    throw fault;
  });
  const sweeper = setInterval(() => {
    for (const queue of queues.values()) sweep(queue);
  }, SWEEP_INTERVAL_MS);
  async function shutDown(): Promise<void> {
    clearInterval(sweeper);
    const closed = once(server, 'close');
    server.close();
    abortAll();
    await closed;
    store.close();
  }

  let stopped: Promise<void> | undefined;
  return {
    port,
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=x;SharedAccessKey=y;UseDevelopmentEmulator=true;`,
    counts: () => Object.fromEntries([...queues.values()].map((queue) => [queue.name, countsOf(queue)])),
    stop() {
      stopped ??= shutDown();
      return stopped;
    },
  };
}
