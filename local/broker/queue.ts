import { createDuplicateWindow, type DuplicateWindow } from './duplicate-window.ts';
import { type BrokerFault, notAllowed } from './faults.ts';
import { addMessage, announce, createMailbox, type Mailbox, type Message } from './mailbox.ts';
import { createPriorityQueue, type PriorityQueue } from './priority-queue.ts';
import type { QueueSettings } from './settings.ts';
import type { Store } from './store.ts';
import type { ArrivedMessage } from './wire-message.ts';

/** Messages that went through a queue since the broker started: what Azure bills as messaging operations, roughly. */
export interface OperationCounts {
  sent: number;
  received: number;
  settled: number;
}

/** A queue with its dead-letter queue. */
export interface Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly main: Mailbox;
  readonly deadLetter: Mailbox;
  readonly store: Store;
  readonly now: () => number;
  nextSequence: number;
  /** Scheduled messages by the time they become active. */
  readonly scheduled: PriorityQueue<Message>;
  /**
   * No message expires before this time. A bound and not a list by time: with days to live, a list would keep every
   * completed message for days.
   */
  nextExpiryMs: number;
  readonly duplicates: DuplicateWindow | null;
  readonly sessionStates: Map<string, Buffer>;
  readonly operations: OperationCounts;
}

/** Makes a queue and loads what the store holds of it. */
export function openQueue(settings: QueueSettings, store: Store, now: () => number): Queue {
  const name = settings.name;
  const stored = store.load(name);
  const lockDurationMs = settings.lockDurationSeconds * 1000;
  const windowMs = settings.duplicateDetectionWindowSeconds * 1000;
  const queue: Queue = {
    name,
    settings,
    main: createMailbox({ address: name, dead: false, usesSessions: settings.requiresSession, lockDurationMs }),
    deadLetter: createMailbox({ address: `${name}/$DeadLetterQueue`, dead: true, usesSessions: false, lockDurationMs }),
    store,
    now,
    nextSequence: stored.nextSequence,
    scheduled: createPriorityQueue(),
    nextExpiryMs: Number.POSITIVE_INFINITY,
    duplicates: settings.requiresDuplicateDetection ? createDuplicateWindow(windowMs) : null,
    sessionStates: stored.sessionStates,
    operations: { sent: 0, received: 0, settled: 0 },
  };
  for (const { messageId, atMs } of stored.ids) queue.duplicates?.remember(messageId, atMs);
  for (const message of stored.messages) place(queue, message);
  return queue;
}

/** When a message expires, or null: its time to live counts from the time it became active. */
export function expiresAtMs(message: Message): number | null {
  return message.timeToLiveMs === null ? null : message.enqueuedAtMs + message.timeToLiveMs;
}

/** Puts a message where its state says. */
export function place(queue: Queue, message: Message): void {
  const mailbox = message.dead ? queue.deadLetter : queue.main;
  addMessage(mailbox, message);
  if (message.state === 'scheduled') queue.scheduled.push(message.scheduledAtMs ?? 0, message);
  const expiryMs = expiresAtMs(message) ?? Number.POSITIVE_INFINITY;
  if (!message.dead && message.state === 'active') queue.nextExpiryMs = Math.min(queue.nextExpiryMs, expiryMs);
}

function messageFrom(queue: Queue, arrived: ArrivedMessage, sequence: number, nowMs: number): Message {
  const longestMs = (queue.settings.defaultTimeToLiveSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const timeToLiveMs = Math.min(arrived.timeToLiveMs ?? Number.POSITIVE_INFINITY, longestMs);
  const later = arrived.scheduledAtMs !== null && arrived.scheduledAtMs > nowMs;
  return {
    sequence,
    state: later ? 'scheduled' : 'active',
    dead: false,
    messageId: arrived.messageId,
    sessionId: arrived.sessionId,
    enqueuedAtMs: nowMs,
    scheduledAtMs: arrived.scheduledAtMs,
    timeToLiveMs: Number.isFinite(timeToLiveMs) ? timeToLiveMs : null,
    deliveryCount: 0,
    payload: arrived.payload,
    lock: null,
  };
}

/** Splits off messages whose id was sent before, in the window or in this very batch. */
function withoutDuplicates(queue: Queue, arrived: readonly ArrivedMessage[], nowMs: number): ArrivedMessage[] {
  const { duplicates } = queue;
  if (duplicates === null) return [...arrived];
  const ids = new Set<string>();
  return arrived.filter(({ messageId }) => {
    const duplicate = ids.has(messageId) || duplicates.has(messageId, nowMs);
    ids.add(messageId);
    return !duplicate;
  });
}

/**
 * Stores messages in one transaction, then makes them available; gives their sequence numbers (0 for a duplicate, which is
 * dropped without a word, as "Duplicate detection" says), or the fault when a message may not enter the queue.
 */
export function sendMessages(queue: Queue, arrived: readonly ArrivedMessage[]): number[] | BrokerFault {
  if (queue.settings.requiresSession && arrived.some((message) => message.sessionId === null)) {
    return notAllowed('The SessionId was not set on a message, and the queue requires sessions.');
  }
  const nowMs = queue.now();
  const fresh = withoutDuplicates(queue, arrived, nowMs);
  const sequences = new Map(fresh.map((message, index) => [message, queue.nextSequence + index]));
  const messages = [...sequences].map(([message, sequence]) => messageFrom(queue, message, sequence, nowMs));
  queue.store.transaction(() => {
    for (const message of messages) {
      queue.store.insert(queue.name, message);
      if (queue.duplicates !== null) queue.store.rememberId(queue.name, message.messageId, nowMs);
    }
    queue.store.saveNextSequence(queue.name, queue.nextSequence + messages.length);
  });
  queue.nextSequence += messages.length;
  queue.operations.sent += arrived.length;
  for (const message of messages) {
    queue.duplicates?.remember(message.messageId, nowMs);
    place(queue, message);
  }
  announce(queue.main);
  return arrived.map((message) => sequences.get(message) ?? 0);
}

/** Removes scheduled messages; false when one of the numbers is not that of a scheduled message, and then none is removed. */
export function cancelScheduled(queue: Queue, sequences: readonly number[]): boolean {
  const found = sequences.map((sequence) => queue.main.messages.get(sequence));
  if (found.some((message) => message?.state !== 'scheduled')) return false;
  queue.store.transaction(() => {
    for (const sequence of sequences) queue.store.remove(queue.name, sequence);
  });
  for (const sequence of sequences) queue.main.messages.delete(sequence);
  return true;
}

/** Messages from a sequence number on, in order, without locking: active, locked, deferred and scheduled ones. */
export function peekMessages(mailbox: Mailbox, from: number, count: number, sessionId: string | null): Message[] {
  return [...mailbox.messages.values()]
    .filter((message) => message.sequence >= from && (sessionId === null || message.sessionId === sessionId))
    .sort((left, right) => left.sequence - right.sequence)
    .slice(0, count);
}
