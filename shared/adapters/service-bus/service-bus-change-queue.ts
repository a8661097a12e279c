import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { ChangeQueue } from '../../ports/change-queue.ts';
import { encodeQueueBody } from './change-message.ts';

/** The queue of changes in Azure Service Bus. */
export interface ServiceBusChangeQueue extends ChangeQueue {
  /** Closes the sender; the client stays open. */
  close(): Promise<void>;
}

export interface ServiceBusChangeQueueOptions {
  client: ServiceBusClient;
  /** A queue with duplicate detection. */
  queueName: string;
}

/**
 * Sends in as few batches as the queue's message size allows. Faults: `ServiceBusError` of the client after its own
 * retries, `MessageSizeExceeded` for a message that is too large by itself; what was sent before stays sent, and
 * duplicate detection makes sending all of it again harmless.
 */
export function createServiceBusChangeQueue(options: ServiceBusChangeQueueOptions): ServiceBusChangeQueue {
  const sender = options.client.createSender(options.queueName);
  return {
    async send(messages) {
      const [only, ...others] = messages;
      if (only === undefined) return;
      const encoded = messages.map((message) => ({
        messageId: message.id,
        contentType: 'application/json',
        body: encodeQueueBody(message),
      }));
      if (others.length === 0) await sender.sendMessages(encoded);
      else await sendBatches(sender, encoded);
    },
    close: () => sender.close(),
  };
}

async function sendBatches(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) {
      await sender.sendMessages(batch);
      batch = await sender.createMessageBatch();
      if (batch.tryAddMessage(message)) continue;
    }
    // Too large for any batch: it goes as it is, and the service's own fault tells so.
    await sender.sendMessages(message);
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}
