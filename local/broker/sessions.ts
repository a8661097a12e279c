import { type BrokerFault, sessionCannotBeLocked, sessionLockLost } from './faults.ts';
import { announce, firstReady, type Mailbox, type SessionLock } from './mailbox.ts';
import type { Queue } from './queue.ts';
import { giveBack } from './settlement.ts';

/** The session a receiver was given, and how long (milliseconds since 1970). */
export interface AcceptedSession {
  readonly sessionId: string;
  readonly untilMs: number;
}

const isLocked = (mailbox: Mailbox, sessionId: string, nowMs: number): boolean =>
  (mailbox.sessionLocks.get(sessionId)?.untilMs ?? 0) > nowMs;

function nextFreeSession(mailbox: Mailbox, nowMs: number): string | null {
  let found: { sessionId: string; sequence: number } | null = null;
  for (const sessionId of [...mailbox.lanes.keys()]) {
    if (isLocked(mailbox, sessionId, nowMs)) continue;
    const first = firstReady(mailbox, sessionId);
    if (first !== null && (found === null || first.sequence < found.sequence))
      found = { sessionId, sequence: first.sequence };
  }
  return found?.sessionId ?? null;
}

/**
 * Locks a session for a link: the given one, which may be empty, or with null the free one whose first message is oldest.
 * Gives null when no session is free, and a fault when the given session is locked.
 */
export function acceptSession(
  queue: Queue,
  sessionId: string | null,
  holder: Pick<SessionLock, 'owner' | 'onLost'>,
): AcceptedSession | BrokerFault | null {
  const nowMs = queue.now();
  const chosen = sessionId ?? nextFreeSession(queue.main, nowMs);
  if (chosen === null) return null;
  if (isLocked(queue.main, chosen, nowMs)) return sessionCannotBeLocked(chosen);
  loseSession(queue, chosen);
  const untilMs = nowMs + queue.main.lockDurationMs;
  queue.main.sessionLocks.set(chosen, { ...holder, untilMs });
  return { sessionId: chosen, untilMs };
}

function giveBackMessages(queue: Queue, sessionId: string, counts: boolean): void {
  const held = [...queue.main.locks.values()].filter((message) => message.sessionId === sessionId);
  for (const message of held) giveBack(queue, queue.main, message, counts);
  announce(queue.main);
}

/** A link gives its session back. Messages it did not settle return without a raised delivery count ("Message sessions"). */
export function releaseSession(queue: Queue, sessionId: string, owner: string): void {
  if (queue.main.sessionLocks.get(sessionId)?.owner !== owner) return;
  queue.main.sessionLocks.delete(sessionId);
  giveBackMessages(queue, sessionId, false);
}

/** Takes a session away whose lock ran out: that counts as a failed delivery of the messages held in it. */
function loseSession(queue: Queue, sessionId: string): void {
  const lost = queue.main.sessionLocks.get(sessionId);
  if (lost === undefined) return;
  queue.main.sessionLocks.delete(sessionId);
  giveBackMessages(queue, sessionId, true);
  lost.onLost();
}

/** Takes every session away whose lock ran out. */
export function loseExpiredSessions(queue: Queue, nowMs: number): void {
  for (const [sessionId, held] of [...queue.main.sessionLocks]) {
    if (held.untilMs <= nowMs) loseSession(queue, sessionId);
  }
}

/** Prolongs a session lock by the queue's lock duration; `owner` is checked where the client names its link. */
export function renewSession(queue: Queue, sessionId: string, owner: string | null): number | BrokerFault {
  const nowMs = queue.now();
  const held = queue.main.sessionLocks.get(sessionId);
  if (held === undefined || held.untilMs <= nowMs) return sessionLockLost(sessionId);
  if (owner !== null && held.owner !== owner) return sessionLockLost(sessionId);
  held.untilMs = nowMs + queue.main.lockDurationMs;
  return held.untilMs;
}

/** Stores a session's state, or removes it with null; the caller must hold the session. */
export function setSessionState(queue: Queue, sessionId: string, state: Buffer | null): BrokerFault | undefined {
  if (!isLocked(queue.main, sessionId, queue.now())) return sessionLockLost(sessionId);
  queue.store.saveSessionState(queue.name, sessionId, state);
  if (state === null) queue.sessionStates.delete(sessionId);
  else queue.sessionStates.set(sessionId, state);
  return undefined;
}
