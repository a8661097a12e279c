import type { Socket } from 'node:net';
import rhea, { type Connection, type Delivery, type Receiver, type Sender } from 'rhea';
import type { BrokerFault } from './faults.ts';

/**
 * Everything the broker needs of rhea that its types do not offer. The version of rhea is pinned, and each function has
 * a conformance test that fails when rhea changes.
 */

type Link = Sender | Receiver;

interface LinkInternals {
  readonly state: { local_open: boolean; open_requests: number };
  readonly local: { readonly attach: Record<string, unknown> };
  readonly connection: { _register(): void };
  readonly session: {
    readonly outgoing: {
      readonly next_pending_delivery: number;
      readonly next_delivery_id: number;
      available(): number;
    };
  };
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  _draining?: boolean;
  _get_drain?: () => boolean;
}

interface Outcomes {
  accepted(): { described(): unknown };
  rejected(fields: { error: Pick<BrokerFault, 'condition' | 'description'> }): { described(): unknown };
}

interface TransferFrame {
  readonly performative: { message_format: number | null };
}

// The types are those of another shape on purpose: rhea's declarations leave these members out.
const internals = (link: Link): LinkInternals => link as unknown as LinkInternals;
const outcomes = rhea.message as unknown as Outcomes;

/** The format number under which plain messages arrive undecoded; the specification leaves it to no one. */
const RAW_FORMAT = 1;

/** Format of a Service Bus batch: data sections that each hold an encoded message. */
export const BATCH_FORMAT = 0x80013700;

/** Makes a connection hand over plain messages as bytes, where rhea would decode and so lose the types of numbers. */
export function receiveRaw(connection: Connection): void {
  const target = connection as unknown as { on_transfer(frame: TransferFrame): void };
  const original = target.on_transfer;
  target.on_transfer = function receive(frame) {
    if (frame.performative.message_format === 0) frame.performative.message_format = RAW_FORMAT;
    original.call(this, frame);
  };
}

const SILENCE_MS = 2;

/**
 * Answers what comes in soon, with an empty frame where there is nothing to say. The client's socket holds a small frame
 * back until the one before is acknowledged, which the system does with the next data we send, or after 40 ms. Under
 * load there is always something to say, and the client does well to collect its frames.
 */
export function acknowledgeSoon(connection: Connection): void {
  const target = connection as unknown as { socket: Socket; _write_frame(): void };
  const { socket } = target;
  let writtenBytes = 0;
  let waiting = false;

  function acknowledge(): void {
    waiting = false;
    if (socket.bytesWritten === writtenBytes && socket.writable && connection.is_open()) target._write_frame();
  }

  // Before rhea's own listener, which may answer at once.
  socket.prependListener('data', () => {
    writtenBytes = socket.bytesWritten;
    if (waiting) return;
    waiting = true;
    setTimeout(acknowledge, SILENCE_MS);
  });
}

/** Ends a connection at once: closes its socket and, which the end of a socket by our side would not do, stops its timers. */
export function abortConnection(connection: Connection): void {
  const target = connection as unknown as { socket: Socket; abort_socket(socket: Socket): void };
  target.abort_socket(target.socket);
}

/** Changes fields of our answer to an attach; only before the end of the tick in which the attach came in. */
export function answerAttach(link: Link, fields: Record<string, unknown>): void {
  Object.assign(internals(link).local.attach, fields);
}

/** Refuses a link: an answer without source or target, then a detach with the fault (AMQP 1.0 part 2, section 2.6.3). */
export function refuseLink(link: Link, { condition, description }: BrokerFault): void {
  answerAttach(link, link.is_sender() ? { source: undefined } : { target: undefined });
  link.open();
  link.close({ condition, description });
}

/** Takes back rhea's automatic answer to an attach. `link.open()` gives it later. */
export function holdAttach(link: Link): void {
  const { state } = internals(link);
  if (!state.local_open) return;
  state.local_open = false;
  state.open_requests -= 1;
}

/** Whether deliveries of the link's AMQP session wait for the peer's window; sending more would outrun the credit. */
export function hasUnsent(link: Sender): boolean {
  const { outgoing } = internals(link).session;
  return outgoing.next_pending_delivery < outgoing.next_delivery_id;
}

/** How many messages may be sent now; right only while nothing is unsent. */
export function sendableCount(link: Sender): number {
  return Math.min(internals(link).credit, internals(link).session.outgoing.available());
}

export const isDraining = (link: Sender): boolean => internals(link)._draining === true;

/** Answers a drain, also when the credit was used up meanwhile: rhea would then stay silent and the client time out. */
export function answerDrain(link: Sender): void {
  const target = internals(link);
  target.delivery_count += target.credit;
  target.credit = 0;
  target._draining = false;
  target.issue_flow = true;
  target._get_drain = () => {
    delete target._get_drain;
    return true;
  };
  target.connection._register();
}

/**
 * Settles a delivery we sent: accepted, or rejected with the fault. The client throws on any outcome but accepted, so a
 * dead-lettered message is accepted, too.
 */
export function settleDelivery(delivery: Delivery, fault: BrokerFault | undefined): void {
  const state =
    fault === undefined
      ? outcomes.accepted()
      : outcomes.rejected({ error: { condition: fault.condition, description: fault.description } });
  delivery.update(true, state.described());
  // rhea frees a delivery only when the receiver settles it, and never hears of that when the sender settles first.
  Object.assign(delivery, { remote_settled: true });
}
