import type { Delivery, EventContext, Sender } from 'rhea';
import { type ReceiveMode, receiveNext } from './delivery.ts';
import { messageLockLost, sessionLockLost } from './faults.ts';
import type { Mailbox } from './mailbox.ts';
import type { Queue } from './queue.ts';
import { answerDrain, hasUnsent, isDraining, sendableCount, settleDelivery } from './rhea-internals.ts';
import { type Settlement, settle } from './settlement.ts';

/** One turn sends at most so many messages, so that several links of a queue get their share. */
const MESSAGES_A_TURN = 64;
const WINDOW_POLL_MS = 5;

/**
 * A lock token is a GUID. As a delivery tag its first three groups are in little-endian order, as .NET writes GUIDs;
 * in management requests the bytes are in the order of the text. Swapping is its own inverse.
 */
function swapped(guid: Buffer): Buffer {
  const order = [3, 2, 1, 0, 5, 4, 7, 6];
  return Buffer.concat([Buffer.from(order.map((index) => guid.readUInt8(index))), guid.subarray(8, 16)]);
}

function tokenOfTag(tag: Buffer | string): string | null {
  const guid = Buffer.from(tag);
  return guid.length === 16 ? swapped(guid).toString('hex') : null;
}

const tagOf = (token: string | null, count: number): Buffer =>
  token === null ? Buffer.from(String(count)) : swapped(Buffer.from(token, 'hex'));

/** Where a link receives from. */
export interface Origin {
  readonly queue: Queue;
  readonly mailbox: Mailbox;
  /** The session the link holds, or null without sessions. */
  readonly sessionId: string | null;
}

/** What a client's disposition means ("AMQP 1.0 in Azure Service Bus protocol guide", receive messages). */
function settlementOf(event: string, delivery: Delivery): Settlement {
  const outcome = delivery.remote_state;
  if (event === 'accepted') return { type: 'complete' };
  if (event === 'rejected') return { type: 'dead-letter', properties: outcome?.['error']?.info ?? {} };
  const type = outcome?.['undeliverable_here'] === true ? 'defer' : 'abandon';
  return { type, properties: outcome?.['message_annotations'] ?? {} };
}

function settleAsAsked(origin: Origin, event: string, delivery: Delivery): void {
  const token = tokenOfTag(delivery.tag);
  const fault =
    token === null ? messageLockLost() : settle(origin.queue, origin.mailbox, token, settlementOf(event, delivery));
  const lostWithSession = origin.sessionId !== null && fault?.condition === messageLockLost().condition;
  settleDelivery(delivery, lostWithSession ? sessionLockLost(origin.sessionId) : fault);
}

/**
 * Serves a link on which a client receives: sends while there is credit and messages, settles what the client asks for.
 * Returns a function that stops it; locks of a link without a session hold on until they run out, as in the service.
 */
export function serveOutgoing(link: Sender, origin: Origin): () => void {
  const mode: ReceiveMode = link.snd_settle_mode === 1 ? 'receive-and-delete' : 'peek-lock';
  const lane = origin.sessionId ?? '';
  let stopped = false;
  let waiting = false;
  let tags = 0;

  function sendOne(): boolean {
    const next = receiveNext(origin.queue, origin.mailbox, lane, mode);
    if (next === null) return false;
    tags += 1;
    link.send(next.bytes, tagOf(next.token, tags), 0);
    return true;
  }

  function turn(): void {
    waiting = false;
    if (stopped || !link.is_open()) return;
    if (hasUnsent(link)) {
      later(WINDOW_POLL_MS);
      return;
    }
    const limit = Math.min(sendableCount(link), MESSAGES_A_TURN);
    let sent = 0;
    while (sent < limit && sendOne()) sent += 1;
    // rhea sends in the next tick: only after that it is known what is left of the credit.
    if (sent > 0) later(0);
    else if (isDraining(link)) answerDrain(link);
  }

  function later(delayMs: number): void {
    if (waiting) return;
    waiting = true;
    if (delayMs > 0) setTimeout(turn, delayMs);
    else setImmediate(turn);
  }

  const wake = (): void => later(0);
  link.on('sender_flow', wake);
  link.on('sendable', wake);
  for (const event of ['accepted', 'rejected', 'modified', 'released']) {
    link.on(event, ({ delivery }: EventContext) => {
      if (delivery !== undefined) settleAsAsked(origin, event, delivery);
    });
  }
  origin.mailbox.watchers.add(wake);
  return () => {
    stopped = true;
    origin.mailbox.watchers.delete(wake);
  };
}
