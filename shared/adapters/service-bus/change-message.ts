import { z } from 'zod';
import { FAULT_CODES, type FaultCode } from '../../core/fault/fault-codes.ts';
import type { QueueMessage } from '../../ports/change-queue.ts';

const side = z.enum(['finops', 'dataverse']);
const idsBySide = z.object({
  finops: z.exactOptional(z.array(z.string())),
  dataverse: z.exactOptional(z.array(z.string())),
});
const texts = z.record(z.string(), z.string());
const occurredAt = z.string().nullable();

const rowEvent = z.object({
  type: z.literal('row'),
  id: z.string().min(1),
  side,
  table: z.string().min(1),
  kind: z.enum(['create', 'update', 'delete']),
  rowId: z.string().min(1).nullable(),
  columns: texts,
  changed: z.exactOptional(z.array(z.string())),
  occurredAt,
});

const businessEvent = z.object({
  type: z.literal('business'),
  id: z.string().min(1),
  businessEventId: z.string().min(1),
  company: z.string().nullable(),
  members: texts,
  occurredAt,
});

const value = z.string().nullable();
const decision = z.object({
  conflictId: z.string().min(1),
  field: z.string().min(1),
  seen: z.tuple([value, value]).readonly(),
  side,
  value,
  actor: z.string().min(1),
  atMs: z.number().min(0),
});

const faultCode = z.string().refine((code): code is FaultCode => code in FAULT_CODES);

const change = z.object({
  mapId: z.string().min(1),
  key: z.string().min(1).nullable(),
  hinted: z.array(side).min(1),
  rowIds: idsBySide,
  deletedIds: idsBySide,
  news: z.exactOptional(z.record(z.string(), z.string().nullable())),
  created: z.exactOptional(z.literal(true)),
  approved: z.exactOptional(z.literal(true)),
  decisions: z.exactOptional(z.array(decision)),
  full: z.boolean(),
  apart: z.exactOptional(z.literal(true)),
  lastFault: z.exactOptional(z.object({ code: faultCode, message: z.string() })),
  attempts: z.int().min(0),
  releases: z.int().min(0),
  sinceMs: z.number().min(0),
});

/**
 * What a message of the queue carries: its id, too, because a batch trigger does not line up ids with bodies. Members that this version does not know are dropped, so that instances of two
 * versions can share the queue while one is being deployed.
 */
const queueMessage: z.ZodType<QueueMessage> = z.object({
  id: z.string().min(1),
  body: z.discriminatedUnion('type', [
    z.object({ type: z.literal('event'), event: z.discriminatedUnion('type', [rowEvent, businessEvent]) }),
    z.object({ type: z.literal('change'), change }),
  ]),
});

/** What is enqueued for a message. */
export function encodeQueueBody({ id, body }: QueueMessage): unknown {
  return { id, body };
}

/** Reads a body as a trigger or a receiver hands it out, parsed or as text; or says what is wrong with it. */
export function parseQueueBody(body: unknown): { ok: true; value: QueueMessage } | { ok: false; problem: string } {
  const parsed = queueMessage.safeParse(typeof body === 'string' ? fromJson(body) : body);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problem: z.prettifyError(parsed.error) };
}

/** Text that is no JSON stays text, which no message is. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
