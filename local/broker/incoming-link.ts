import { randomUUID } from 'node:crypto';
import type { Delivery, EventContext, Receiver } from 'rhea';
import { type BrokerFault, malformed, tooLarge } from './faults.ts';
import { type Queue, sendMessages } from './queue.ts';
import { answerAttach, BATCH_FORMAT } from './rhea-internals.ts';
import { type ArrivedMessage, readArrived, splitBatch } from './wire-message.ts';

export const newMessageId = (): string => randomUUID().replaceAll('-', '');

function arrivedIn(bytes: Buffer, format: number): ArrivedMessage[] | BrokerFault {
  try {
    const messages = format === BATCH_FORMAT ? splitBatch(bytes) : [bytes];
    return messages.map((message) => readArrived(message, newMessageId));
  } catch (fault) {
    if (fault instanceof RangeError) return malformed(fault.message);
    throw fault;
  }
}

function store(queue: Queue, bytes: Buffer, format: number): BrokerFault | undefined {
  const limitBytes = queue.settings.maxMessageSizeKilobytes * 1024;
  if (bytes.length > limitBytes) return tooLarge(limitBytes);
  const arrived = arrivedIn(bytes, format);
  if (!Array.isArray(arrived)) return arrived;
  const sent = sendMessages(queue, arrived);
  return Array.isArray(sent) ? undefined : sent;
}

function answer(delivery: Delivery, fault: BrokerFault | undefined): void {
  if (fault === undefined) delivery.accept();
  else delivery.reject({ condition: fault.condition, description: fault.description });
}

/** Serves a link on which a client sends messages to a queue; each is on disk before it is accepted. */
export function serveIncoming(link: Receiver, queue: Queue): void {
  link.set_source(link.source);
  link.set_target(link.target);
  answerAttach(link, { max_message_size: queue.settings.maxMessageSizeKilobytes * 1024 });
  link.on('message', ({ message, delivery }: EventContext) => {
    if (delivery === undefined || !Buffer.isBuffer(message)) return;
    answer(delivery, store(queue, message, delivery.format));
  });
}
