import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { drainDeadLetters } from '../../shared/pipeline/drain-dead-letters.ts';
import type { QueueBody } from '../../shared/ports/change-queue.ts';

/** Turns messages that dispatch failed on ten times into parked changes, where people see them. */
async function deadLetters(messages: unknown): Promise<void> {
  const composed = await services();
  const readable = (Array.isArray(messages) ? messages : [messages]).flatMap((message): QueueBody[] => {
    const parsed = composed.parseQueueBody(message);
    return parsed.ok ? [parsed.value.body] : [];
  });
  await drainDeadLetters(composed.deps, readable);
}

app.serviceBusQueue('deadLetters', {
  connection: 'ServiceBusConnection',
  queueName: 'changes/$DeadLetterQueue',
  cardinality: 'many',
  handler: deadLetters,
});
