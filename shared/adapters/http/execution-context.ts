import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isoInstant } from '../../core/record/instant.ts';

/** Dictionaries are written as arrays of key and value, and may be missing, null or empty. */
const dictionary = z
  .array(z.looseObject({ key: z.string(), value: z.unknown() }))
  .nullish()
  .catch(null);
const text = z.string().nullish().catch(null);

/** Names of messages and tables are short; what is longer is none, and would go on into queue and log. */
const name = z.string().min(1).max(256);

const parentContext = z.looseObject({ PrimaryEntityId: text, SharedVariables: dictionary }).nullish().catch(null);

/**
 * The part of Dataverse's RemoteExecutionContext that an event is told by ("Use webhooks", "Understand the data
 * context passed to a plug-in"). Bodies over 256 KB come without parameters, images and parent; members that are
 * unknown, or of another type than documented, are passed over.
 */
export const executionContextSchema = z.looseObject({
  MessageName: name,
  PrimaryEntityName: name,
  PrimaryEntityId: text,
  Depth: z.number().nullish().catch(null),
  OrganizationId: text,
  OperationId: text,
  OperationCreatedOn: text,
  RequestId: text,
  InitiatingUserId: text,
  OwningExtension: z.looseObject({ Id: text }).nullish().catch(null),
  InputParameters: dictionary,
  OutputParameters: dictionary,
  SharedVariables: dictionary,
  ParentContext: parentContext,
});
export type ExecutionContext = z.infer<typeof executionContextSchema>;

/** The value under a key of a dictionary. */
export function entryOf(dictionaryPart: ExecutionContext['InputParameters'], key: string): unknown {
  return dictionaryPart?.find((entry) => entry.key === key)?.value;
}

/**
 * Names one delivery of one event: a redelivery has the same body, and the two events of a split update differ in
 * their operation or its time. Bodies without an operation are named by all of their text.
 */
export function deliveryId(context: ExecutionContext, body: string): string {
  const { OperationId: operation, OrganizationId: organization, OperationCreatedOn: createdOn } = context;
  const parts = [organization, context.OwningExtension?.Id, operation, createdOn, context.PrimaryEntityId];
  const named = operation == null ? body : [...parts, context.MessageName].join('|');
  return createHash('sha256').update(named).digest('hex').slice(0, 32);
}

const DATE = /^\/Date\((-?\d+)(?:([+-])(\d{2})(\d{2}))?\)\/$/;

/**
 * The wall clock of `/Date(ms±hhmm)/`, read as UTC: DataContractJsonSerializer writes the wall clock minus the offset
 * before it. Null for any other text.
 */
export function wallClock(date: string): string | null {
  const [, ms, sign, hours, minutes] = DATE.exec(date) ?? [];
  if (ms === undefined) return null;
  const offsetMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
  const wallMs = Number(ms) + offsetMs;
  return Math.abs(wallMs) > LAST_MS ? null : isoInstant(wallMs);
}

/** Instants beyond this do not exist in JavaScript. */
const LAST_MS = 8.64e15;
