import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { services } from '../../shared/composition.ts';
import { DispatchBusyError, dispatchChanges } from '../../shared/pipeline/dispatch-changes.ts';
import type { QueueBody } from '../../shared/ports/change-queue.ts';
import { keepRejected } from '../ingress/reject.ts';
import { durableOrchestrations } from './durable-orchestrations.ts';

const BUSY_REST_MS = 500;

/** Takes messages in batches, starts one orchestration per map, and does not wait for it. */
async function changesQueue(messages: unknown, context: InvocationContext): Promise<void> {
  const composed = await services();
  const readable: QueueBody[] = [];
  for (const message of Array.isArray(messages) ? messages : [messages]) {
    const parsed = composed.parseQueueBody(message);
    if (parsed.ok) readable.push(parsed.value.body);
    else await keepUnreadable(message, context, parsed.problem);
  }
  const deps = { ...composed.deps, orchestrations: durableOrchestrations(df.getClient(context)) };
  for (;;) {
    try {
      await dispatchChanges(deps, readable);
      return;
    } catch (error) {
      if (!(error instanceof DispatchBusyError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_REST_MS));
    }
  }
}

/** One bad message never holds up the others: it is kept among the rejected and done with. */
async function keepUnreadable(message: unknown, context: InvocationContext, problem: string): Promise<void> {
  const composed = await services();
  context.warn(`a message of the queue changes cannot be read: ${problem}`);
  const text = typeof message === 'string' ? message : (JSON.stringify(message) ?? '');
  await keepRejected(composed, 'dataverse', 'TW402', Buffer.from(text));
}

app.serviceBusQueue('changesQueue', {
  connection: 'ServiceBusConnection',
  queueName: 'changes',
  cardinality: 'many',
  extraInputs: [df.input.durableClient()],
  handler: changesQueue,
});
