import type { Connection, EventContext, link as Link, Receiver, Sender, Session } from 'rhea';
import { findPlace, type Place } from './address.ts';
import { entityNotFound, notAllowed } from './faults.ts';
import { serveIncoming } from './incoming-link.ts';
import { manage } from './management.ts';
import { serveOutgoing } from './outgoing-link.ts';
import type { Queue } from './queue.ts';
import { serveRequests } from './request-link.ts';
import { acknowledgeSoon, answerAttach, receiveRaw, refuseLink } from './rhea-internals.ts';
import { SESSION_FILTER, serveSession } from './session-attach.ts';

/** The node at which a client shows its claims before it uses an entity ("Claims-based security" of the AMQP guide). */
const CLAIMS_NODE = '$cbs';

/** Serves one client: gives every link it attaches to the part of the broker its address names. `onEnd` runs when it leaves. */
export function serveConnection(connection: Connection, queues: ReadonlyMap<string, Queue>, onEnd: () => void): void {
  /** What to stop when a link, its AMQP session or the connection ends. */
  const open = new Map<Link, () => void>();

  function end(link: Link): void {
    const stop = open.get(link);
    open.delete(link);
    stop?.();
  }

  function endSession(session: Session): void {
    for (const link of [...open.keys()]) if (link.session === session) end(link);
  }

  function endAll(): void {
    for (const link of [...open.keys()]) end(link);
    onEnd();
  }

  receiveRaw(connection);
  acknowledgeSoon(connection);
  connection.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver !== undefined) openIncoming(receiver, queues);
  });
  connection.on('sender_open', ({ sender }: EventContext) => {
    if (sender === undefined) return;
    const stop = openOutgoing(sender, queues);
    if (stop !== undefined) open.set(sender, stop);
  });
  connection.on('sender_close', ({ sender }: EventContext) => {
    if (sender !== undefined) end(sender);
  });
  connection.on('session_close', ({ session }: EventContext) => {
    if (session !== undefined) endSession(session);
  });
  connection.on('connection_close', endAll);
  connection.on('disconnected', endAll);
  // rhea ends the connection of a client that breaks the protocol, or whose request made the broker fail.
  connection.on('error', (fault: unknown) => console.error('Service Bus stand-in: a connection failed:', fault));
  for (const event of ['protocol_error', 'connection_error', 'sender_error', 'receiver_error', 'session_error']) {
    connection.on(event, () => undefined);
  }
}

/** Every claim is accepted: the stand-in guards nothing, and listens on the local machine only. */
function openIncoming(link: Receiver, queues: ReadonlyMap<string, Queue>): void {
  const address = link.target?.address ?? undefined;
  if (address === CLAIMS_NODE) {
    serveRequests(link, { status: 'status-code', description: 'status-description' }, () => ({ status: 202 }));
    return;
  }
  const place = findPlace(queues, address);
  if (place === null) refuseLink(link, entityNotFound(String(address)));
  else if (place.management) {
    serveRequests(link, { status: 'statusCode', description: 'statusDescription' }, (request) =>
      manage(place, request),
    );
  } else if (place.mailbox.dead) refuseLink(link, notAllowed('A dead-letter queue takes no messages from clients.'));
  else serveIncoming(link, place.queue);
}

function openOutgoing(link: Sender, queues: ReadonlyMap<string, Queue>): (() => void) | undefined {
  const address = link.source?.address;
  link.set_source(link.source);
  link.set_target(link.target);
  if (address === CLAIMS_NODE) return undefined;
  const place = findPlace(queues, address);
  if (place === null) {
    refuseLink(link, entityNotFound(String(address)));
    return undefined;
  }
  if (place.management) return undefined;
  answerAttach(link, { snd_settle_mode: link.snd_settle_mode, rcv_settle_mode: link.rcv_settle_mode });
  return openReceiver(link, place);
}

function openReceiver(link: Sender, { queue, mailbox }: Place): (() => void) | undefined {
  const filter = link.source.filter;
  const asksForSession = filter !== null && filter !== undefined && SESSION_FILTER in filter;
  if (asksForSession !== mailbox.usesSessions) {
    const rule = mailbox.usesSessions ? 'requires a session receiver' : 'does not use sessions';
    refuseLink(link, notAllowed(`The entity ${mailbox.address} ${rule}.`));
    return undefined;
  }
  if (!asksForSession) return serveOutgoing(link, { queue, mailbox, sessionId: null });
  const wanted: unknown = filter[SESSION_FILTER];
  return serveSession(link, queue, typeof wanted === 'string' ? wanted : null);
}
