import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BusinessEvent, ChangeEvent, RowEvent } from '../../core/change/change.ts';
import { epochMs, isoInstant } from '../../core/record/instant.ts';
import { asObject, parseExactJson } from '../http/exact-json.ts';
import {
  deliveryId,
  type ExecutionContext,
  entryOf,
  executionContextSchema,
  wallClock,
} from '../http/execution-context.ts';

/** What an endpoint's body says: an event, something that is not listened to, or nothing that can be understood. */
export type DecodedFinopsEvent =
  | { ok: true; event: ChangeEvent }
  | { ok: true; ignored: string }
  | { ok: false; problem: string };

/** Sent once when an endpoint is activated, "to validate the configuration" ("Business events overview"). */
const TEST_EVENT = 'BusinessEventsTestEndpointContract';

const businessEventSchema = z.looseObject({
  BusinessEventId: z.string().min(1).max(256),
  BusinessEventLegalEntity: z.string().nullish().catch(null),
  EventId: z.string().nullish().catch(null),
  EventTime: z.string().nullish().catch(null),
  EventTimeIso8601: z.string().nullish().catch(null),
});

/**
 * Decodes what F&O posts to an endpoint: a business event is flat JSON with its envelope and contract mixed; a data
 * event is a RemoteExecutionContext of a virtual table.
 */
export function decodeFinopsEvent(body: string): DecodedFinopsEvent {
  let json: unknown;
  try {
    json = parseExactJson(body);
  } catch {
    return { ok: false, problem: 'The body is no JSON.' };
  }
  const business = businessEventSchema.safeParse(json);
  if (business.success) return decodeBusinessEvent(business.data, body);
  const context = executionContextSchema.safeParse(json);
  if (context.success) return decodeDataEvent(context.data, body);
  return {
    ok: false,
    problem: 'The body is neither a business event (BusinessEventId) nor a data event (MessageName).',
  };
}

function decodeBusinessEvent(envelope: z.infer<typeof businessEventSchema>, body: string): DecodedFinopsEvent {
  if (envelope.BusinessEventId === TEST_EVENT) return { ok: true, ignored: 'the test event of an endpoint' };
  const members: Record<string, string> = {};
  for (const [name, value] of Object.entries(envelope)) {
    const text = memberText(value);
    if (text !== null) members[name] = text;
  }
  const company = envelope.BusinessEventLegalEntity ?? members['LegalEntity'] ?? '';
  const event: BusinessEvent = {
    type: 'business',
    id: EVENT_ID.test(envelope.EventId ?? '') ? String(envelope.EventId).toLowerCase() : digest(body),
    businessEventId: envelope.BusinessEventId,
    company: company === '' ? null : company.toLowerCase(),
    members,
    occurredAt: occurredAt(envelope),
  };
  return { ok: true, event };
}

/** A GUID as F&O gives it, or what else a message of the queue may be named by (128 characters). */
const EVENT_ID = /^[\w{}.-]{1,100}$/;

/** Scalars as text, dates as instants; nested contracts and nulls hold no key. */
function memberText(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? (wallClock(value) ?? value) : null;
}

function occurredAt(envelope: z.infer<typeof businessEventSchema>): string | null {
  const exactMs = epochMs(envelope.EventTimeIso8601 ?? '');
  return exactMs === null ? wallClock(envelope.EventTime ?? '') : isoInstant(exactMs);
}

function digest(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}

/** Messages of data events ("Microsoft Dataverse events"), and those of a virtual table's own steps. */
const KINDS: Readonly<Record<string, RowEvent['kind']>> = {
  OnExternalCreated: 'create',
  OnExternalUpdated: 'update',
  OnExternalDeleted: 'delete',
  Create: 'create',
  Update: 'update',
  Delete: 'delete',
};

const VIRTUAL_PREFIX = 'mserp_';

function decodeDataEvent(context: ExecutionContext, body: string): DecodedFinopsEvent {
  const kind = KINDS[context.MessageName];
  const name = context.PrimaryEntityName.toLowerCase();
  if (kind === undefined) return { ok: true, ignored: `the message ${context.MessageName}` };
  if (!name.startsWith(VIRTUAL_PREFIX)) return { ok: true, ignored: `${name}, which is no virtual table` };
  const target = asObject(entryOf(context.InputParameters, 'Target'));
  const columns = attributesOf(target);
  const rowId = recIdOf(context.PrimaryEntityId) ?? recIdOf(target['Id']);
  if (rowId === null && Object.keys(columns).length === 0) {
    return { ok: false, problem: 'The data event tells neither the id nor the key of a row.' };
  }
  const event: RowEvent = {
    type: 'row',
    id: deliveryId(context, body),
    side: 'finops',
    table: name.slice(VIRTUAL_PREFIX.length),
    kind,
    rowId,
    columns,
    ...(kind === 'update' ? changedColumns(context) : {}),
    occurredAt: wallClock(context.OperationCreatedOn ?? ''),
  };
  return { ok: true, event };
}

/** `ChangedFields` of OnExternalUpdated, by property in lower case; nothing where the event has none. */
function changedColumns(context: ExecutionContext): { changed?: string[] } {
  const fields = entryOf(context.InputParameters, 'ChangedFields');
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === 'string')) return {};
  return { changed: fields.map((field: string) => field.toLowerCase().replace(VIRTUAL_PREFIX, '')) };
}

const VIRTUAL_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/** The id of a virtual table's row holds the RecId of the root record in its last eight bytes ("Entity modeling"). */
function recIdOf(id: unknown): string | null {
  const [, high, low] = typeof id === 'string' ? (VIRTUAL_ID.exec(id) ?? []) : [];
  if (high === undefined || low === undefined) return null;
  const recId = BigInt(`0x${high}${low}`);
  return recId === 0n ? null : recId.toString();
}

/** Attributes as text by property in lower case; deletions may name the row by reference only. */
function attributesOf(target: Readonly<Record<string, unknown>>): Record<string, string> {
  const columns: Record<string, string> = {};
  const attributes = target['Attributes'];
  for (const attribute of Array.isArray(attributes) ? attributes.map(asObject) : []) {
    const name = attribute['key'];
    const value = attributeText(attribute['value']);
    if (typeof name !== 'string' || value === null) continue;
    columns[name.toLowerCase().replace(VIRTUAL_PREFIX, '')] = value;
  }
  return columns;
}

/**
 * A value as text. Option numbers of virtual tables are not stable, and references name rows of Dataverse: neither
 * tells anything of the F&O row.
 */
function attributeText(value: unknown): string | null {
  const wrapped = asObject(value)['__value'];
  return memberText(wrapped === undefined ? value : wrapped);
}
