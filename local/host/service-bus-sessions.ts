import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusSessionReceiver } from '@azure/service-bus';
import type { ServiceBusOptions } from './host-json.ts';
import { createBatcher } from './service-bus-batcher.ts';
import type { ServiceBusPlace } from './service-bus-connection.ts';
import { type BusListener, type Handle, reportError } from './service-bus-settle.ts';

const DEFAULT_IDLE_MS = 60_000;
const RETRY_MS = 1000;
const BURST_MS = 2;

/** What a session listener needs. */
export interface SessionOptions {
  readonly client: ServiceBusClient;
  readonly place: ServiceBusPlace;
  readonly limits: ServiceBusOptions;
  readonly many: boolean;
  readonly handle: Handle;
  readonly log: (line: string) => void;
  readonly name: string;
}

/**
 * Works through the sessions of a queue or subscription: `maxConcurrentSessions` at a time for single messages, one
 * for batches, as the .NET extension does; each is held until it was quiet for `sessionIdleTimeout`.
 */
export function listenToSessions(options: SessionOptions): BusListener {
  const workers = options.many ? 1 : options.limits.maxConcurrentSessions;
  const stopping = new AbortController();
  const serving = new Set<Promise<void>>();
  for (let worker = 0; worker < workers; worker += 1) {
    void acceptLoop(options, stopping.signal, serving);
  }
  return {
    async stop() {
      stopping.abort();
      // An accept under way waits for up to a minute whatever one does; closing the client ends it.
      await Promise.all(serving);
    },
  };
}

async function acceptLoop(options: SessionOptions, signal: AbortSignal, serving: Set<Promise<void>>): Promise<void> {
  while (!signal.aborted) {
    const receiver = await acceptNext(options, signal);
    if (receiver === null) {
      continue;
    }
    if (signal.aborted) {
      await receiver.close().catch(() => undefined);
      return;
    }
    const service = serveSession(options, receiver, signal)
      .catch((error: unknown) => reportError(options.log, options.name, error as Error))
      .finally(() => serving.delete(service));
    serving.add(service);
    await service;
  }
}

/** The next free session; null when there was none in time, the listener stops, or after an error and a pause. */
async function acceptNext(options: SessionOptions, signal: AbortSignal): Promise<ServiceBusSessionReceiver | null> {
  const { client, place, limits } = options;
  const settings = {
    abortSignal: signal,
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: options.many ? 0 : limits.maxAutoLockRenewalDuration,
  };
  try {
    return place.subscription === null
      ? await client.acceptNextSession(place.entity, settings)
      : await client.acceptNextSession(place.entity, place.subscription, settings);
  } catch (error) {
    if (!signal.aborted && !isTimeout(error)) {
      await reportError(options.log, options.name, error instanceof Error ? error : new Error(String(error)));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return null;
  }
}

function isTimeout(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ServiceTimeout' || code === 'SessionCannotBeLocked' || code === 'OperationTimeout';
}

async function serveSession(
  options: SessionOptions,
  receiver: ServiceBusSessionReceiver,
  signal: AbortSignal,
): Promise<void> {
  const { limits, many, handle } = options;
  const quiet = quietWatch(limits.sessionIdleTimeout ?? DEFAULT_IDLE_MS, signal);
  const batcher = createBatcher<ServiceBusReceivedMessage>(
    {
      maxSize: limits.maxMessageBatchSize,
      minSize: limits.minMessageBatchSize,
      maxWaitMs: limits.maxBatchWaitTime,
      burstMs: BURST_MS,
    },
    (messages) => handle(receiver, messages),
  );
  const work = (message: ServiceBusReceivedMessage) => (many ? batcher.add(message) : handle(receiver, [message]));
  const subscription = receiver.subscribe(
    {
      processMessage: (message) => quiet.during(() => work(message)),
      async processError({ error }) {
        await reportError(options.log, options.name, error);
        quiet.end();
      },
    },
    {
      autoCompleteMessages: false,
      maxConcurrentCalls: many ? limits.maxMessageBatchSize : limits.maxConcurrentCallsPerSession,
    },
  );
  await quiet.over;
  await subscription.close();
  await batcher.drain();
  await quiet.settled();
  await receiver.close();
}

/** Tells when a session has been quiet for long enough, or the listener stops. */
function quietWatch(idleMs: number, signal: AbortSignal) {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const running = new Set<Promise<void>>();
  let timer = setTimeout(() => end(), idleMs);
  signal.addEventListener('abort', () => end(), { once: true });
  if (signal.aborted) {
    end();
  }
  return {
    over,
    end: () => end(),
    async during(work: () => Promise<void>): Promise<void> {
      clearTimeout(timer);
      const job = work();
      running.add(job);
      await job;
      running.delete(job);
      if (running.size === 0) {
        clearTimeout(timer);
        timer = setTimeout(() => end(), idleMs);
      }
    },
    async settled(): Promise<void> {
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}
