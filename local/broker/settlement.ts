import { type BrokerFault, messageLockLost, notAllowed } from './faults.ts';
import {
  addMessage,
  announce,
  heldMessage,
  type Mailbox,
  type Message,
  offer,
  removeMessage,
  unlock,
} from './mailbox.ts';
import type { Queue } from './queue.ts';
import { withApplicationProperties } from './wire-message.ts';

/** Application properties to set, by name. */
export type PropertyChanges = Readonly<Record<string, unknown>>;

/** What a receiver can do with a message it holds ("Message transfers, locks, and settlement"). */
export type Settlement =
  | { readonly type: 'complete' }
  | { readonly type: 'abandon' | 'defer' | 'dead-letter'; readonly properties: PropertyChanges };

const changed = (payload: Buffer, properties: PropertyChanges): Buffer =>
  Object.keys(properties).length === 0 ? payload : withApplicationProperties(payload, properties);

/** Moves a message to the dead-letter queue, with the reason in its application properties. */
export function moveToDeadLetter(queue: Queue, message: Message, properties: PropertyChanges): void {
  const moved: Message = {
    ...message,
    state: 'active',
    dead: true,
    lock: null,
    payload: changed(message.payload, properties),
  };
  queue.store.update(queue.name, moved);
  removeMessage(queue.main, message);
  addMessage(queue.deadLetter, moved);
  announce(queue.deadLetter);
}

/**
 * Gives a locked message back. A delivery that counts raises the delivery count, and at the queue's maximum the message
 * moves to the dead-letter queue ("Overview of Service Bus dead-letter queues"). A deferred message stays deferred.
 */
export function giveBack(queue: Queue, mailbox: Mailbox, message: Message, counts: boolean): void {
  const deliveryCount = message.deliveryCount + (counts ? 1 : 0);
  const limit = queue.settings.maxDeliveryCount;
  if (counts && !mailbox.dead && deliveryCount >= limit) {
    message.deliveryCount = deliveryCount;
    moveToDeadLetter(queue, message, {
      DeadLetterReason: 'MaxDeliveryCountExceeded',
      DeadLetterErrorDescription: `Message could not be consumed after ${limit} delivery attempts.`,
    });
    return;
  }
  message.deliveryCount = deliveryCount;
  queue.store.update(queue.name, message);
  unlock(mailbox, message);
  if (message.state !== 'active') return;
  offer(mailbox, message);
  announce(mailbox);
}

function defer(queue: Queue, mailbox: Mailbox, message: Message): void {
  message.state = 'deferred';
  queue.store.update(queue.name, message);
  unlock(mailbox, message);
}

/** Removes a message for good. */
export function discard(queue: Queue, mailbox: Mailbox, message: Message): void {
  queue.store.remove(queue.name, message.sequence);
  removeMessage(mailbox, message);
}

/** Settles the message a lock token holds; gives the fault when the lock is lost or the settlement does not fit. */
export function settle(queue: Queue, mailbox: Mailbox, token: string, settlement: Settlement): BrokerFault | undefined {
  const message = heldMessage(mailbox, token, queue.now());
  if (message === null) return messageLockLost();
  if (settlement.type === 'complete') {
    discard(queue, mailbox, message);
  } else if (settlement.type === 'dead-letter') {
    if (mailbox.dead) return notAllowed('A message of a dead-letter queue cannot be dead-lettered again.');
    moveToDeadLetter(queue, message, settlement.properties);
  } else {
    message.payload = changed(message.payload, settlement.properties);
    if (settlement.type === 'defer') defer(queue, mailbox, message);
    else giveBack(queue, mailbox, message, true);
  }
  queue.operations.settled += 1;
  return undefined;
}
