import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../../local/broker/broker.ts';
import { parseQueueBody } from '../../../../shared/adapters/service-bus/change-message.ts';
import { createServiceBusChangeQueue } from '../../../../shared/adapters/service-bus/service-bus-change-queue.ts';
import type { QueueMessage } from '../../../../shared/ports/change-queue.ts';
import { aMessage, changeQueueContract } from '../../../contracts/change-queue.contract.ts';

const QUEUES = Array.from({ length: 8 }, (_, index) => ({
  name: `changes-${index}`,
  requiresDuplicateDetection: true,
  duplicateDetectionWindowSeconds: 600,
}));

let broker: Broker;
let client: ServiceBusClient;
let opened = 0;

beforeAll(async () => {
  broker = await startBroker({ port: 0, queuesFile: { queues: QUEUES } });
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } });
});
afterAll(async () => {
  await client.close();
  await broker.stop();
});

/** A queue that no other test uses. */
function open() {
  const queueName = `changes-${opened}`;
  opened += 1;
  const queue = createServiceBusChangeQueue({ client, queueName });
  return { queue, queueName, take: () => takeAll(queueName) };
}

async function takeAll(queueName: string): Promise<QueueMessage[]> {
  const receiver = client.createReceiver(queueName, { receiveMode: 'receiveAndDelete' });
  const taken: QueueMessage[] = [];
  const waiting = () => (broker.counts()[queueName]?.active ?? 0) > 0;
  while (waiting()) {
    for (const { body, messageId } of await receiver.receiveMessages(100, { maxWaitTimeInMs: 1000 })) {
      const parsed = parseQueueBody(body);
      if (!parsed.ok) throw new Error(parsed.problem);
      expect(messageId).toBe(parsed.value.id);
      taken.push(parsed.value);
    }
  }
  await receiver.close();
  return taken;
}

changeQueueContract('Service Bus', async () => open());

it('throws a clear fault for a message that is too large by itself, and sends what came before', async () => {
  const { queue, take } = open();
  const sending = queue.send([aMessage('small'), aMessage('huge', 2_000_000)]);
  await expect(sending).rejects.toMatchObject({ code: 'MessageSizeExceeded' });
  expect((await take()).map(({ id }) => id)).toEqual(['small']);
  await queue.close();
});
