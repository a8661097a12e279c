import { intValue, longValue, stringValue, timestampValue } from './amqp-value.ts';
import { type BrokerFault, messageNotFound } from './faults.ts';
import { lock, lockedUntilMs, type Mailbox, type Message, takeReady } from './mailbox.ts';
import type { Queue } from './queue.ts';
import { discard } from './settlement.ts';
import { expire, isExpired } from './sweep.ts';
import { encodeDelivery } from './wire-message.ts';

/** peek-lock holds the message until it is settled; receive-and-delete removes it as it is handed out. */
export type ReceiveMode = 'peek-lock' | 'receive-and-delete';

/** A message on its way to a receiver; the token is null when nothing needs to be settled. */
export interface HandedOut {
  readonly token: string | null;
  readonly bytes: Buffer;
}

const STATE_NUMBER = { active: 0, deferred: 1, scheduled: 2 } as const;

/** The bytes of a message with the annotations of "AMQP 1.0 in Azure Service Bus protocol guide". */
export function deliveryBytes(queue: Queue, mailbox: Mailbox, message: Message): Buffer {
  const annotations = new Map([
    ['x-opt-sequence-number', longValue(message.sequence)],
    ['x-opt-enqueue-sequence-number', longValue(message.sequence)],
    ['x-opt-enqueued-time', timestampValue(message.enqueuedAtMs)],
    ['x-opt-message-state', intValue(STATE_NUMBER[message.state])],
  ]);
  const untilMs = lockedUntilMs(mailbox, message);
  if (untilMs !== null) annotations.set('x-opt-locked-until', timestampValue(untilMs));
  if (message.dead) annotations.set('x-opt-deadletter-source', stringValue(queue.name));
  return encodeDelivery(message.payload, message.deliveryCount, annotations);
}

function handOut(queue: Queue, mailbox: Mailbox, message: Message, mode: ReceiveMode): HandedOut {
  queue.operations.received += 1;
  if (mode === 'receive-and-delete') {
    discard(queue, mailbox, message);
    return { token: null, bytes: deliveryBytes(queue, mailbox, message) };
  }
  const token = lock(mailbox, message, queue.now() + mailbox.lockDurationMs);
  return { token, bytes: deliveryBytes(queue, mailbox, message) };
}

/** Hands out the first ready message of a lane (a session id, or '' without sessions); null when there is none. */
export function receiveNext(queue: Queue, mailbox: Mailbox, lane: string, mode: ReceiveMode): HandedOut | null {
  for (let message = takeReady(mailbox, lane); message !== null; message = takeReady(mailbox, lane)) {
    if (!isExpired(message, queue.now())) return handOut(queue, mailbox, message, mode);
    expire(queue, message);
  }
  return null;
}

/**
 * Hands out deferred messages by their sequence numbers; all of them or, with a fault, none. An expired one moves to the
 * dead-letter queue only now ("Message deferral").
 */
export function receiveDeferred(
  queue: Queue,
  mailbox: Mailbox,
  sequences: readonly number[],
  mode: ReceiveMode,
): HandedOut[] | BrokerFault {
  const messages: Message[] = [];
  for (const sequence of sequences) {
    const message = mailbox.messages.get(sequence);
    if (message?.state !== 'deferred' || message.lock !== null) return messageNotFound();
    if (isExpired(message, queue.now())) {
      expire(queue, message);
      return messageNotFound();
    }
    messages.push(message);
  }
  return messages.map((message) => handOut(queue, mailbox, message, mode));
}
