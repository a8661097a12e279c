import type { ServiceBusReceivedMessage } from '@azure/service-bus';

/** The part of a receiver that settles messages. */
export interface Settler {
  completeMessage(message: ServiceBusReceivedMessage): Promise<void>;
  abandonMessage(message: ServiceBusReceivedMessage): Promise<void>;
}

/**
 * Completes all messages of a call that succeeded, or abandons all of one that failed. A lock lost meanwhile is only
 * logged: the message comes again by itself.
 */
export async function settleAll(
  settler: Settler,
  messages: readonly ServiceBusReceivedMessage[],
  succeeded: boolean,
  log: (line: string) => void,
): Promise<void> {
  const results = await Promise.allSettled(
    messages.map((message) => (succeeded ? settler.completeMessage(message) : settler.abandonMessage(message))),
  );
  for (const result of results) {
    if (result.status === 'rejected') {
      log(`warning service bus: a message was not settled: ${String(result.reason)}`);
    }
  }
}

/** Calls the function with messages and settles them; never throws. */
export type Handle = (settler: Settler, messages: readonly ServiceBusReceivedMessage[]) => Promise<void>;

/** A running listener; `stop` takes no new messages and resolves once those taken are settled. */
export interface BusListener {
  stop(): Promise<void>;
}

/** The client goes on by itself after an error; it is only told. */
export function reportError(log: (line: string) => void, name: string, error: Error): Promise<void> {
  log(`warning ${name}: ${error.message}`);
  return Promise.resolve();
}
