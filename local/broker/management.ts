import rhea from 'rhea';
import { z } from 'zod';
import type { Place } from './address.ts';
import { deliveryBytes, receiveDeferred } from './delivery.ts';
import { type BrokerFault, messageLockLost, messageNotFound, notImplemented, sessionLockLost } from './faults.ts';
import { newMessageId } from './incoming-link.ts';
import { heldMessage } from './mailbox.ts';
import { cancelScheduled, peekMessages, sendMessages } from './queue.ts';
import type { Answer, Request } from './request-link.ts';
import { renewSession, setSessionState } from './sessions.ts';
import { type Settlement, settle } from './settlement.ts';
import { readArrived } from './wire-message.ts';

const TIMESTAMP = 0x83;
const LONG = 0x81;

const bytes = z.instanceof(Buffer);
/** rhea gives 64-bit integers as a number or, above 2^53, as bytes. */
const long = z.union([z.number(), bytes.transform((value) => Number(value.readBigInt64BE(0)))]);
const tokens = z.array(bytes.transform((value) => value.toString('hex')));
const properties = z.record(z.string(), z.unknown());

const body = {
  locks: z.object({ 'lock-tokens': tokens }),
  sequences: z.object({ 'sequence-numbers': z.array(long) }),
  deferred: z.object({
    'sequence-numbers': z.array(long),
    'receiver-settle-mode': z.number(),
    'session-id': z.string().nullish(),
  }),
  schedule: z.object({ messages: z.array(z.object({ message: bytes })) }),
  peek: z.object({ 'from-sequence-number': long, 'message-count': z.number(), 'session-id': z.string().nullish() }),
  session: z.object({ 'session-id': z.string() }),
  sessionState: z.object({ 'session-id': z.string(), 'session-state': bytes.nullish() }),
  listSessions: z.object({ skip: z.number(), top: z.number() }),
  disposition: z.object({
    'lock-tokens': tokens,
    'disposition-status': z.enum(['completed', 'abandoned', 'defered', 'suspended']),
    'deadletter-reason': z.string().nullish(),
    'deadletter-description': z.string().nullish(),
    'properties-to-modify': properties.nullish(),
  }),
};

type Operation = (place: Place, input: unknown, linkName: string | null) => Answer;

const done = (content?: unknown): Answer => (content === undefined ? { status: 200 } : { status: 200, body: content });
const refuse = (fault: BrokerFault): Answer => ({ status: fault.status, fault });

function renewLock({ queue, mailbox }: Place, input: unknown): Answer {
  const held = body.locks.parse(input)['lock-tokens'].map((token) => heldMessage(mailbox, token, queue.now()));
  if (held.some((message) => message === null)) return refuse(messageLockLost());
  const untilMs = queue.now() + mailbox.lockDurationMs;
  for (const message of held) if (message?.lock) message.lock.untilMs = untilMs;
  return done({
    expirations: rhea.types.wrap_array(
      held.map(() => untilMs),
      TIMESTAMP,
      undefined,
    ),
  });
}

function schedule({ queue }: Place, input: unknown): Answer {
  const { messages } = body.schedule.parse(input);
  const sequences = sendMessages(
    queue,
    messages.map((entry) => readArrived(entry.message, newMessageId)),
  );
  if (!Array.isArray(sequences)) return refuse(sequences);
  return done({ 'sequence-numbers': rhea.types.wrap_array(sequences, LONG, undefined) });
}

function cancel({ queue }: Place, input: unknown): Answer {
  const { 'sequence-numbers': sequences } = body.sequences.parse(input);
  return cancelScheduled(queue, sequences) ? done() : refuse(messageNotFound());
}

function peek({ queue, mailbox }: Place, input: unknown): Answer {
  const { 'from-sequence-number': from, 'message-count': count, 'session-id': sessionId } = body.peek.parse(input);
  const messages = peekMessages(mailbox, from, count, sessionId ?? null);
  if (messages.length === 0) return { status: 204 };
  return done({ messages: messages.map((message) => ({ message: deliveryBytes(queue, mailbox, message) })) });
}

function receiveBySequence({ queue, mailbox }: Place, input: unknown): Answer {
  const request = body.deferred.parse(input);
  const sessionId = request['session-id'] ?? null;
  if (mailbox.usesSessions && (sessionId === null || !mailbox.sessionLocks.has(sessionId))) {
    return refuse(sessionLockLost(sessionId ?? ''));
  }
  const mode = request['receiver-settle-mode'] === 0 ? 'receive-and-delete' : 'peek-lock';
  const handedOut = receiveDeferred(queue, mailbox, request['sequence-numbers'], mode);
  if (!Array.isArray(handedOut)) return refuse(handedOut);
  const messages = handedOut.map(({ token, bytes: message }) => ({
    message,
    'lock-token': rhea.types.wrap_uuid(Buffer.from(token ?? '0'.repeat(32), 'hex')),
  }));
  return done({ messages });
}

function settlementOf(request: z.output<typeof body.disposition>): Settlement {
  const changes = request['properties-to-modify'] ?? {};
  switch (request['disposition-status']) {
    case 'completed':
      return { type: 'complete' };
    case 'abandoned':
      return { type: 'abandon', properties: changes };
    case 'defered':
      return { type: 'defer', properties: changes };
    case 'suspended': {
      const reason = request['deadletter-reason'];
      const description = request['deadletter-description'];
      const reasons = {
        ...(typeof reason === 'string' && { DeadLetterReason: reason }),
        ...(typeof description === 'string' && { DeadLetterErrorDescription: description }),
      };
      return { type: 'dead-letter', properties: { ...changes, ...reasons } };
    }
  }
}

function updateDisposition({ queue, mailbox }: Place, input: unknown): Answer {
  const request = body.disposition.parse(input);
  for (const token of request['lock-tokens']) {
    const fault = settle(queue, mailbox, token, settlementOf(request));
    if (fault !== undefined) return refuse(fault);
  }
  return done();
}

function renewSessionLock({ queue }: Place, input: unknown, linkName: string | null): Answer {
  const renewed = renewSession(queue, body.session.parse(input)['session-id'], linkName);
  return typeof renewed === 'number' ? done({ expiration: rhea.types.wrap_timestamp(renewed) }) : refuse(renewed);
}

function getSessionState({ queue }: Place, input: unknown): Answer {
  return done({ 'session-state': queue.sessionStates.get(body.session.parse(input)['session-id']) ?? null });
}

function changeSessionState({ queue }: Place, input: unknown): Answer {
  const { 'session-id': sessionId, 'session-state': state } = body.sessionState.parse(input);
  const fault = setSessionState(queue, sessionId, state ?? null);
  return fault === undefined ? done() : refuse(fault);
}

function listSessions({ mailbox }: Place, input: unknown): Answer {
  const { skip, top } = body.listSessions.parse(input);
  const ids = new Set([...mailbox.messages.values()].flatMap((message) => message.sessionId ?? []));
  const page = [...ids].sort().slice(skip, skip + top);
  return page.length === 0 ? { status: 204 } : done({ skip, 'sessions-ids': page });
}

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['com.microsoft:renew-lock', renewLock],
  ['com.microsoft:schedule-message', schedule],
  ['com.microsoft:cancel-scheduled-message', cancel],
  ['com.microsoft:peek-message', peek],
  ['com.microsoft:receive-by-sequence-number', receiveBySequence],
  ['com.microsoft:update-disposition', updateDisposition],
  ['com.microsoft:renew-session-lock', renewSessionLock],
  ['com.microsoft:get-session-state', getSessionState],
  ['com.microsoft:set-session-state', changeSessionState],
  ['com.microsoft:get-message-sessions', listSessions],
]);

/** Handles a request to an entity's `$management` node ("AMQP 1.0 in Azure Service Bus: request-response-based operations"). */
export function manage(place: Place, request: Request): Answer {
  const requested = z.record(z.string(), z.unknown()).parse(request['application_properties']);
  const operation = operations.get(String(requested['operation']));
  if (operation === undefined) return refuse(notImplemented(String(requested['operation'])));
  const linkName = requested['associated-link-name'];
  return operation(place, request['body'], typeof linkName === 'string' ? linkName : null);
}
