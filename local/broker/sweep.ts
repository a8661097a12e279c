import { announce, lockedUntilMs, type Message } from './mailbox.ts';
import { expiresAtMs, place, type Queue } from './queue.ts';
import { loseExpiredSessions } from './sessions.ts';
import { discard, giveBack, moveToDeadLetter } from './settlement.ts';

/** Makes due messages active: each joins the queue as if sent now, with a new sequence number ("Scheduled messages"). */
function activateDue(queue: Queue, nowMs: number): void {
  let activated = false;
  for (let head = queue.scheduled.peek(); head !== undefined && head.rank <= nowMs; head = queue.scheduled.peek()) {
    queue.scheduled.pop();
    const due = head.item;
    if (queue.main.messages.get(due.sequence) !== due) continue;
    const active: Message = { ...due, sequence: queue.nextSequence, state: 'active', enqueuedAtMs: nowMs };
    queue.store.transaction(() => {
      queue.store.remove(queue.name, due.sequence);
      queue.store.insert(queue.name, active);
      queue.store.saveNextSequence(queue.name, queue.nextSequence + 1);
    });
    queue.nextSequence += 1;
    queue.main.messages.delete(due.sequence);
    place(queue, active);
    activated = true;
  }
  if (activated) announce(queue.main);
}

/** Moves or drops a message whose time to live is over ("Message expiration"). */
export function expire(queue: Queue, message: Message): void {
  if (!queue.settings.deadLetteringOnExpiration) {
    discard(queue, queue.main, message);
    return;
  }
  moveToDeadLetter(queue, message, {
    DeadLetterReason: 'TTLExpiredException',
    DeadLetterErrorDescription: 'The message expired and was dead lettered.',
  });
}

/** A locked message may still be completed after its time to live; a deferred one expires when it is asked for. */
function expireOld(queue: Queue, nowMs: number): void {
  if (nowMs < queue.nextExpiryMs) return;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const message of [...queue.main.messages.values()]) {
    const expiryMs = expiresAtMs(message);
    if (expiryMs === null || message.state !== 'active') continue;
    const endMs = Math.max(expiryMs, lockedUntilMs(queue.main, message) ?? 0);
    if (endMs <= nowMs && message.lock === null) expire(queue, message);
    else nextMs = Math.min(nextMs, Math.max(endMs, nowMs + 1));
  }
  queue.nextExpiryMs = nextMs;
}

function loseExpiredLocks(queue: Queue, nowMs: number): void {
  for (const mailbox of [queue.main, queue.deadLetter]) {
    if (mailbox.usesSessions) continue;
    const lost = [...mailbox.locks.values()].filter((message) => (message.lock?.untilMs ?? 0) <= nowMs);
    for (const message of lost) giveBack(queue, mailbox, message, true);
  }
}

/** Does what time demands: due and expired messages, lost locks and sessions, ids that left the duplicate window. */
export function sweep(queue: Queue): void {
  const nowMs = queue.now();
  activateDue(queue, nowMs);
  loseExpiredSessions(queue, nowMs);
  loseExpiredLocks(queue, nowMs);
  expireOld(queue, nowMs);
  const forgottenBeforeMs = queue.duplicates?.prune(nowMs) ?? null;
  if (forgottenBeforeMs !== null) queue.store.forgetIds(queue.name, forgottenBeforeMs + 1);
}

/** Whether an otherwise deliverable message is past its time to live; the sweep may not have come to it yet. */
export function isExpired(message: Message, nowMs: number): boolean {
  const expiryMs = expiresAtMs(message);
  return expiryMs !== null && !message.dead && expiryMs <= nowMs;
}
