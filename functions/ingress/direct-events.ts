import { app, type InvocationContext } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { listensDirectly } from '../../shared/config.ts';
import { DATAVERSE } from './dataverse-webhook.ts';
import { FINOPS } from './finops-events.ts';
import { type Sender, takeInBody } from './receive-event.ts';

/**
 * Events that a system posts to a queue rather than to a webhook. It needs a key for that, and the namespace of the app has none; so
 * there is a namespace of its own, with a queue for each system, which is drained here.
 */
async function drain(source: Sender, messages: unknown, context: InvocationContext): Promise<void> {
  const composed = await services();
  for (const message of Array.isArray(messages) ? messages : [messages]) {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    // A bad message never holds up the others: it is kept among the rejected.
    const { status } = await takeInBody(composed, source, body);
    if (status !== 202) context.warn(`a message of ${source.side} cannot be used (${status})`);
  }
}

// A trigger whose connection is not set would keep the host from starting.
for (const source of listensDirectly() ? [DATAVERSE, FINOPS] : []) {
  app.serviceBusQueue(`${source.side}Queue`, {
    connection: 'DirectEventsConnection',
    queueName: source.side,
    cardinality: 'many',
    handler: (messages: unknown, context) => drain(source, messages, context),
  });
}
