import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { afterEach } from 'vitest';
import { type Broker, startBroker } from '../../../local/broker/broker.ts';

/** A broker with a client of the real library; the queue settings are those of the test. */
export interface Running {
  readonly broker: Broker;
  readonly client: ServiceBusClient;
}

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Runs after the test, last registered first. */
export function afterTest(cleanUp: () => Promise<void> | void): void {
  cleanUps.push(cleanUp);
}

export function connect(broker: Pick<Broker, 'connectionString'>): ServiceBusClient {
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5000 } });
  afterTest(() => client.close());
  return client;
}

/** Starts a broker with one queue `work` of the given settings. */
export async function run(
  queue: Record<string, unknown> = {},
  more: { statePath?: string; port?: number } = {},
): Promise<Running> {
  const broker = await startBroker({ port: 0, queuesFile: { queues: [{ name: 'work', ...queue }] }, ...more });
  afterTest(() => broker.stop());
  return { broker, client: connect(broker) };
}

const brokerModule = new URL('../../../local/broker/broker.ts', import.meta.url).href;

/** A broker in a process of its own, which the test may kill; SIGTERM makes it stop in order. */
export async function runInProcess(
  queue: Record<string, unknown>,
  more: { statePath?: string } = {},
): Promise<{ child: ChildProcess; connectionString: string }> {
  const options = JSON.stringify({ port: 0, queuesFile: { queues: [{ name: 'work', ...queue }] }, ...more });
  const script = `import { startBroker } from ${JSON.stringify(brokerModule)};
    const broker = await startBroker(${options});
    process.once('SIGTERM', () => broker.stop());
    console.log(broker.connectionString);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterTest(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { child, connectionString: String(line).trim() };
}

/** A receiver that never renews locks by itself, as tests of lost locks need. */
export const plainReceiver = (client: ServiceBusClient, queue = 'work'): ServiceBusReceiver =>
  client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });

export const deadLetterReceiver = (client: ServiceBusClient): ServiceBusReceiver =>
  client.createReceiver('work', { subQueueType: 'deadLetter', maxAutoLockRenewalDurationInMs: 0 });

/** Receives exactly `count` messages, or fewer when `maxWaitTimeInMs` is over. */
export async function receive(receiver: ServiceBusReceiver, count: number, maxWaitTimeInMs = 3000) {
  const messages = [];
  for (;;) {
    const batch = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs });
    messages.push(...batch);
    if (messages.length >= count || batch.length === 0) return messages;
  }
}

/** The path of a state file in a folder of its own, which is removed after the test. */
export function temporaryStatePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'broker-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'broker.sqlite');
}

export const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
