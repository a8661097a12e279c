import { randomBytes } from 'node:crypto';
import { createPriorityQueue, type PriorityQueue } from './priority-queue.ts';

/** A message in the broker. All times are milliseconds since 1970. */
export interface Message {
  /** Rises with the order of arrival; a scheduled message gets a new one when it becomes active. */
  sequence: number;
  state: 'active' | 'deferred' | 'scheduled';
  /** Whether the message lies in the dead-letter queue. */
  dead: boolean;
  readonly messageId: string;
  readonly sessionId: string | null;
  enqueuedAtMs: number;
  readonly scheduledAtMs: number | null;
  /** Null: the message never expires. */
  readonly timeToLiveMs: number | null;
  /** Earlier deliveries that were abandoned or whose lock ran out. */
  deliveryCount: number;
  payload: Buffer;
  /** The lock of a receiver. In a queue with sessions the session's lock decides how long it holds. */
  lock: { readonly token: string; untilMs: number } | null;
}

/** A receiver's exclusive hold on a session. */
export interface SessionLock {
  /** Name of the link that holds the session. */
  readonly owner: string;
  untilMs: number;
  /** Called when the lock runs out before the link gave the session back. */
  readonly onLost: () => void;
}

/** A queue or its dead-letter queue: the messages, which of them are ready, and who holds what. */
export interface Mailbox {
  readonly address: string;
  readonly dead: boolean;
  readonly usesSessions: boolean;
  readonly lockDurationMs: number;
  readonly messages: Map<number, Message>;
  /** Ready messages by session id; one lane with the key '' where sessions are not used. */
  readonly lanes: Map<string, PriorityQueue<Message>>;
  /** Locked messages by lock token, 32 hex digits. */
  readonly locks: Map<string, Message>;
  readonly sessionLocks: Map<string, SessionLock>;
  /** Called whenever a message or a session may have become available. */
  readonly watchers: Set<() => void>;
}

export function createMailbox(options: Pick<Mailbox, 'address' | 'dead' | 'usesSessions' | 'lockDurationMs'>): Mailbox {
  return {
    ...options,
    messages: new Map(),
    lanes: new Map(),
    locks: new Map(),
    sessionLocks: new Map(),
    watchers: new Set(),
  };
}

const laneOf = (mailbox: Mailbox, message: Message): string => (mailbox.usesSessions ? (message.sessionId ?? '') : '');

export function announce(mailbox: Mailbox): void {
  for (const watcher of mailbox.watchers) watcher();
}

/** Offers an active, unlocked message to receivers, at its place in the order of sequence numbers. */
export function offer(mailbox: Mailbox, message: Message): void {
  const key = laneOf(mailbox, message);
  let lane = mailbox.lanes.get(key);
  if (lane === undefined) {
    lane = createPriorityQueue();
    mailbox.lanes.set(key, lane);
  }
  lane.push(message.sequence, message);
}

/** Puts a message into the mailbox, and offers it when it is active. */
export function addMessage(mailbox: Mailbox, message: Message): void {
  mailbox.messages.set(message.sequence, message);
  if (message.state === 'active') offer(mailbox, message);
}

/** Takes a message out of the mailbox; its place in a lane is skipped later. */
export function removeMessage(mailbox: Mailbox, message: Message): void {
  mailbox.messages.delete(message.sequence);
  unlock(mailbox, message);
}

/** The first ready message of a lane, which stays there; null when there is none. */
export function firstReady(mailbox: Mailbox, key: string): Message | null {
  const lane = mailbox.lanes.get(key);
  if (lane === undefined) return null;
  for (let head = lane.peek(); head !== undefined; head = lane.peek()) {
    const { item } = head;
    const present = mailbox.messages.get(item.sequence) === item;
    if (present && item.state === 'active' && item.lock === null) return item;
    lane.pop();
  }
  mailbox.lanes.delete(key);
  return null;
}

/** Takes the first ready message of a lane out of the lane; null when there is none. */
export function takeReady(mailbox: Mailbox, key: string): Message | null {
  const message = firstReady(mailbox, key);
  if (message !== null) mailbox.lanes.get(key)?.pop();
  return message;
}

/** Locks a message for a receiver and returns the lock token, 32 hex digits. */
export function lock(mailbox: Mailbox, message: Message, untilMs: number): string {
  const token = randomBytes(16).toString('hex');
  message.lock = { token, untilMs };
  mailbox.locks.set(token, message);
  return token;
}

export function unlock(mailbox: Mailbox, message: Message): void {
  if (message.lock !== null) mailbox.locks.delete(message.lock.token);
  message.lock = null;
}

/** When the lock of a message runs out: with sessions, together with the session's lock. */
export function lockedUntilMs(mailbox: Mailbox, message: Message): number | null {
  if (message.lock === null) return null;
  if (!mailbox.usesSessions) return message.lock.untilMs;
  return mailbox.sessionLocks.get(message.sessionId ?? '')?.untilMs ?? message.lock.untilMs;
}

/** The message a lock token still holds; null when the lock ran out or never was. */
export function heldMessage(mailbox: Mailbox, token: string, nowMs: number): Message | null {
  const message = mailbox.locks.get(token);
  if (message === undefined) return null;
  return (lockedUntilMs(mailbox, message) ?? 0) > nowMs ? message : null;
}
