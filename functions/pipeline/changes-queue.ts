import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { services } from '../../shared/composition.ts';
import { DispatchBusyError, dispatchChanges } from '../../shared/pipeline/dispatch-changes.ts';
import type { QueueBody } from '../../shared/ports/change-queue.ts';
import { keepRejected } from '../ingress/reject.ts';
import { createDispatchPace } from './dispatch-pace.ts';
import { durableOrchestrations } from './durable-orchestrations.ts';

const BUSY_REST_MS = 100;

const pace = createDispatchPace();

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
      const started = await dispatchChanges(deps, readable);
      if (started > 0) await rest(pace.restAfter(started, Date.now()));
      return;
    } catch (error) {
      if (!(error instanceof DispatchBusyError)) throw error;
      await rest(BUSY_REST_MS);
    }
  }
}

function rest(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
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
