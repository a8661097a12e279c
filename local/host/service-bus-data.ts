import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Int64, TypedData } from './typed-data.ts';

/** How message data is shown to the app. */
export interface DataShape {
  /** Bodies as bytes instead of text. */
  readonly binary: boolean;
  /** Whether texts that are absent keep their place in arrays; the real host drops them unless the app says so. */
  readonly includeEmpty: boolean;
}

/** The trigger's value and metadata for one message. */
export function singleMessageData(message: ServiceBusReceivedMessage, shape: DataShape) {
  const metadata: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(propertiesOf(message))) {
    const data = toTypedData(value);
    if (data !== null) {
      metadata[name] = data;
    }
  }
  const bytes = bodyBytes(message);
  return { data: shape.binary ? { bytes } : { string: bytes.toString('utf8') }, triggerMetadata: metadata };
}

/** The trigger's value and metadata for a batch: one array per property. */
export function batchData(messages: readonly ServiceBusReceivedMessage[], shape: DataShape) {
  const columns = new Map<string, Property[]>();
  for (const message of messages) {
    for (const [name, value] of Object.entries(propertiesOf(message))) {
      const column = columns.get(name) ?? [];
      column.push(value);
      columns.set(name, column);
    }
  }
  const metadata: Record<string, TypedData> = {};
  for (const [name, column] of columns) {
    metadata[`${name}Array`] = toCollection(column, shape.includeEmpty);
  }
  const bodies = messages.map(bodyBytes);
  const data: TypedData = shape.binary
    ? { collectionBytes: { bytes: bodies } }
    : { collectionString: { string: bodies.map((bytes) => bytes.toString('utf8')) } };
  return { data, triggerMetadata: metadata };
}

/** A property by the kind that decides how it travels. */
type Property =
  | { readonly kind: 'text'; readonly value: string | null }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'other'; readonly value: unknown };

const text = (value: unknown): Property => ({
  kind: 'text',
  value: value === undefined || value === null ? null : String(value),
});
const other = (value: unknown): Property => ({ kind: 'other', value });

/** Names as in "Azure Service Bus trigger for Azure Functions", message metadata. */
function propertiesOf(message: ServiceBusReceivedMessage): Record<string, Property> {
  const properties = other(message.applicationProperties ?? {});
  return {
    // The .NET client counts deliveries from 1, this one from 0.
    DeliveryCount: other((message.deliveryCount ?? 0) + 1),
    DeadLetterSource: text(message.deadLetterSource),
    LockToken: text(message.lockToken),
    ExpiresAtUtc: other(message.expiresAtUtc),
    EnqueuedTimeUtc: other(message.enqueuedTimeUtc),
    MessageId: text(message.messageId),
    ContentType: text(message.contentType),
    ReplyTo: text(message.replyTo),
    SequenceNumber: { kind: 'long', value: BigInt(message.sequenceNumber?.toString() ?? '0') },
    To: text(message.to),
    Subject: text(message.subject),
    Label: text(message.subject),
    CorrelationId: text(message.correlationId),
    SessionId: text(message.sessionId),
    ReplyToSessionId: text(message.replyToSessionId),
    PartitionKey: text(message.partitionKey),
    TransactionPartitionKey: text(undefined),
    ApplicationProperties: properties,
    UserProperties: properties,
  };
}

function toTypedData(property: Property): TypedData | null {
  switch (property.kind) {
    case 'text':
      return property.value === null ? null : { string: property.value };
    case 'long':
      return { int: Number(property.value) };
    case 'other':
      return property.value === undefined ? null : { json: JSON.stringify(property.value) };
  }
}

function toCollection(column: readonly Property[], includeEmpty: boolean): TypedData {
  const first = column[0];
  if (first?.kind === 'text') {
    const texts = column.map(({ value }) => (typeof value === 'string' ? value : ''));
    return { collectionString: { string: includeEmpty ? texts : texts.filter((value) => value !== '') } };
  }
  if (first?.kind === 'long') {
    return { collectionSint64: { sint64: column.map(({ value }) => toInt64(value as bigint)) } };
  }
  return { json: JSON.stringify(column.map(({ value }) => value ?? null)) };
}

function toInt64(value: bigint): Int64 {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
}

function bodyBytes(message: ServiceBusReceivedMessage): Buffer {
  const body: unknown = message.body;
  if (Buffer.isBuffer(body)) {
    return body;
  }
  if (body === undefined || body === null) {
    return Buffer.alloc(0);
  }
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
