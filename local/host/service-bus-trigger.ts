import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { HostJson, ServiceBusOptions } from './host-json.ts';
import type { Invoker } from './invocation.ts';
import type { AppFunction } from './registry.ts';
import { createBatcher } from './service-bus-batcher.ts';
import {
  createServiceBusClients,
  type ServiceBusClients,
  type ServiceBusPlace,
  serviceBusPlace,
} from './service-bus-connection.ts';
import { batchData, type DataShape, singleMessageData } from './service-bus-data.ts';
import { listenToSessions } from './service-bus-sessions.ts';
import { type BusListener, type Handle, reportError, settleAll } from './service-bus-settle.ts';
import type { WorkGauge } from './work-gauge.ts';

/** A burst of messages arrives within one or two turns of the event loop. */
const BURST_MS = 2;

/** What the listeners need from the host. */
export interface ServiceBusTriggerOptions {
  readonly functions: readonly AppFunction[];
  readonly invoker: Invoker;
  readonly settings: Readonly<Record<string, string>>;
  readonly hostJson: HostJson;
  /** The app's capability `IncludeEmptyEntriesInMessagePayload`. */
  readonly includeEmpty: boolean;
  readonly gauge: WorkGauge;
  readonly log: (line: string) => void;
}

/** Starts a listener per Service Bus function. Throws when a connection setting is missing. */
export async function startServiceBusTriggers(options: ServiceBusTriggerOptions): Promise<BusListener> {
  const clients = createServiceBusClients();
  // All places first: a missing setting must not leave some listeners running.
  const places = options.functions.map(({ trigger }) => serviceBusPlace(trigger, options.settings));
  const listeners = options.functions.flatMap((target, index) => {
    const place = places[index];
    return place === undefined ? [] : [startListener(options, clients, target, place)];
  });
  return {
    async stop() {
      await Promise.all(listeners.map((listener) => listener.stop()));
      await clients.close();
    },
  };
}

function startListener(
  options: ServiceBusTriggerOptions,
  clients: ServiceBusClients,
  target: AppFunction,
  place: ServiceBusPlace,
): BusListener {
  const { trigger } = target;
  const limits = options.hostJson.extensions.serviceBus;
  const client = clients.get(place.connectionString);
  const many = trigger['cardinality'] === 'many';
  const handle = createHandle(options, target, many, completesItself(trigger['autoCompleteMessages'], limits));
  if (trigger['isSessionsEnabled'] === true) {
    return listenToSessions({ client, place, limits, many, handle, log: options.log, name: target.name });
  }
  const receiverOptions = {
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: many ? 0 : limits.maxAutoLockRenewalDuration,
  };
  const receiver =
    place.subscription === null
      ? client.createReceiver(place.entity, receiverOptions)
      : client.createReceiver(place.entity, place.subscription, receiverOptions);
  return many
    ? listenForBatches(receiver, limits, handle, options.log, target.name)
    : listenForMessages(receiver, limits, handle, options.log, target.name);
}

function completesItself(own: unknown, limits: ServiceBusOptions): boolean {
  return typeof own === 'boolean' ? own : limits.autoCompleteMessages;
}

function createHandle(
  options: ServiceBusTriggerOptions,
  target: AppFunction,
  many: boolean,
  complete: boolean,
): Handle {
  const shape: DataShape = {
    binary: target.trigger['dataType'] === 'binary',
    includeEmpty: options.includeEmpty,
  };
  return async (settler, messages) => {
    const [first] = messages;
    if (first === undefined) {
      return;
    }
    options.gauge.begin();
    let succeeded = true;
    try {
      await options.invoker.invoke(target, many ? batchData(messages, shape) : singleMessageData(first, shape));
    } catch (error) {
      succeeded = false;
      options.log(`error ${target.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    try {
      if (complete || !succeeded) {
        await settleAll(settler, messages, succeeded, options.log);
      }
    } finally {
      options.gauge.end();
    }
  };
}

function listenForMessages(
  receiver: ServiceBusReceiver,
  limits: ServiceBusOptions,
  handle: Handle,
  log: (line: string) => void,
  name: string,
): BusListener {
  const running = new Set<Promise<void>>();
  const subscription = receiver.subscribe(
    {
      processMessage(message) {
        const work = handle(receiver, [message]).finally(() => running.delete(work));
        running.add(work);
        return work;
      },
      processError: (args) => reportError(log, name, args.error),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: limits.maxConcurrentCalls },
  );
  return {
    async stop() {
      await subscription.close();
      await Promise.all(running);
      await receiver.close();
    },
  };
}

/**
 * Batches without the client's `receiveMessages`, which lingers for up to a second: messages stream in with as much
 * credit as a batch may hold, and whatever has arrived goes to the function, one batch at a time.
 */
function listenForBatches(
  receiver: ServiceBusReceiver,
  limits: ServiceBusOptions,
  handle: Handle,
  log: (line: string) => void,
  name: string,
): BusListener {
  const batcher = createBatcher<ServiceBusReceivedMessage>(
    {
      maxSize: limits.maxMessageBatchSize,
      minSize: limits.minMessageBatchSize,
      maxWaitMs: limits.maxBatchWaitTime,
      burstMs: BURST_MS,
    },
    (messages) => handle(receiver, messages),
  );
  const subscription = receiver.subscribe(
    { processMessage: (message) => batcher.add(message), processError: (args) => reportError(log, name, args.error) },
    { autoCompleteMessages: false, maxConcurrentCalls: limits.maxMessageBatchSize + limits.prefetchCount },
  );
  return {
    async stop() {
      await subscription.close();
      await batcher.drain();
      await receiver.close();
    },
  };
}
