import rhea from 'rhea';
import {
  booleanValue,
  listValue,
  mapValue,
  nullValue,
  readItems,
  readScalar,
  type Scalar,
  stringValue,
  symbolValue,
  ubyteValue,
  uintValue,
  valueEnd,
} from './amqp-value.ts';

/** Section codes of AMQP 1.0 part 3, section 3.2. */
const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  annotations: 0x72,
  properties: 0x73,
  application: 0x74,
  data: 0x75,
};

const PROPERTY = { messageId: 0, groupId: 10 };

/** What the broker reads of a message on arrival; the payload keeps all the rest byte for byte. */
export interface ArrivedMessage {
  readonly payload: Buffer;
  readonly messageId: string;
  readonly sessionId: string | null;
  readonly timeToLiveMs: number | null;
  /** Milliseconds since 1970 at which the message becomes active, or null for at once. */
  readonly scheduledAtMs: number | null;
}

interface Section {
  readonly code: number;
  readonly whole: Buffer;
  readonly value: Buffer;
}

function readSections(bytes: Buffer): Section[] {
  const sections: Section[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const valueAt = valueEnd(bytes, offset + 1);
    const end = valueEnd(bytes, valueAt);
    const code = readScalar(bytes.subarray(offset + 1, valueAt));
    if (bytes.readUInt8(offset) !== 0 || typeof code !== 'number')
      throw new RangeError('not a section of an AMQP message');
    sections.push({ code, whole: bytes.subarray(offset, end), value: bytes.subarray(valueAt, end) });
    offset = end;
  }
  return sections;
}

const section = (code: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([0x00, 0x53, code]), value]);

function itemsOf(sections: readonly Section[], code: number): Buffer[] {
  const found = sections.find((candidate) => candidate.code === code);
  return found === undefined ? [] : readItems(found.value);
}

function scalarAt(items: readonly Buffer[], index: number): Scalar {
  const item = items[index];
  return item === undefined ? null : readScalar(item);
}

function mapEntry(items: readonly Buffer[], key: string): Scalar {
  for (let index = 0; index + 1 < items.length; index += 2) {
    if (scalarAt(items, index) === key) return scalarAt(items, index + 1);
  }
  return null;
}

/** Puts encoded entries into an encoded map, in place of entries of the same key. */
function mergeEntries(
  items: readonly Buffer[],
  changes: ReadonlyMap<string, Buffer>,
  key: (name: string) => Buffer,
): Buffer[] {
  const merged: Buffer[] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const name = scalarAt(items, index);
    const [keyBytes, valueBytes] = [items[index], items[index + 1]];
    if (keyBytes === undefined || valueBytes === undefined) continue;
    if (typeof name !== 'string' || !changes.has(name)) merged.push(keyBytes, valueBytes);
  }
  for (const [name, value] of changes) merged.push(key(name), value);
  return merged;
}

const idText = (value: Scalar): string | null => {
  if (value === null) return null;
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
};

/**
 * Reads a message of format 0. The Service Bus client refuses to settle a message without a message id, so one that was
 * sent without gets `newId()`. Throws RangeError when the bytes are no AMQP message.
 */
export function readArrived(bytes: Buffer, newId: () => string): ArrivedMessage {
  const sections = readSections(bytes);
  const properties = itemsOf(sections, SECTION.properties);
  const annotations = itemsOf(sections, SECTION.annotations);
  const timeToLive = scalarAt(itemsOf(sections, SECTION.header), 2);
  const scheduled = mapEntry(annotations, 'x-opt-scheduled-enqueue-time');
  const ownId = idText(scalarAt(properties, PROPERTY.messageId));
  const messageId = ownId ?? newId();
  return {
    // A copy: the bytes that came in are a slice of a whole read of the socket, which would be kept alive with them.
    payload: ownId === null ? withMessageId(sections, messageId) : Buffer.from(bytes),
    messageId,
    sessionId: idText(scalarAt(properties, PROPERTY.groupId)),
    timeToLiveMs: typeof timeToLive === 'number' ? timeToLive : null,
    scheduledAtMs: typeof scheduled === 'number' ? scheduled : null,
  };
}

function withMessageId(sections: readonly Section[], messageId: string): Buffer {
  const [, ...rest] = itemsOf(sections, SECTION.properties);
  return replaceSection(sections, SECTION.properties, listValue([stringValue(messageId), ...rest]));
}

/** Sections have a fixed order (part 3, section 3.2), which is the order of their codes. */
function replaceSection(sections: readonly Section[], code: number, value: Buffer): Buffer {
  const before = sections.filter((candidate) => candidate.code < code).map((candidate) => candidate.whole);
  const after = sections.filter((candidate) => candidate.code > code).map((candidate) => candidate.whole);
  return Buffer.concat([...before, section(code, value), ...after]);
}

/** The messages in a batch: a message of format 0x80013700 whose data sections each hold an encoded message. */
export function splitBatch(bytes: Buffer): Buffer[] {
  return readSections(bytes)
    .filter((candidate) => candidate.code === SECTION.data)
    .map((candidate) => readScalar(candidate.value))
    .filter((value) => Buffer.isBuffer(value));
}

/** A payload with changed application properties, as abandon, defer and dead-letter may ask for. */
export function withApplicationProperties(payload: Buffer, changes: Readonly<Record<string, unknown>>): Buffer {
  const sections = readSections(payload);
  const encoded = itemsOf(readSections(rhea.message.encode({ application_properties: changes })), SECTION.application);
  const entries = new Map<string, Buffer>();
  for (let index = 0; index + 1 < encoded.length; index += 2) {
    entries.set(String(scalarAt(encoded, index)), encoded[index + 1] ?? nullValue);
  }
  const merged = mergeEntries(itemsOf(sections, SECTION.application), entries, stringValue);
  return replaceSection(sections, SECTION.application, mapValue(merged));
}

/**
 * The bytes to deliver: the payload with the broker's own header and message annotations.
 * `deliveryCount` is the number of earlier deliveries that failed (part 3, section 3.2.1).
 */
export function encodeDelivery(
  payload: Buffer,
  deliveryCount: number,
  annotations: ReadonlyMap<string, Buffer>,
): Buffer {
  const sections = readSections(payload);
  const header = itemsOf(sections, SECTION.header);
  const body = sections.filter((candidate) => candidate.code > SECTION.annotations).map((candidate) => candidate.whole);
  const fields = [header[0] ?? booleanValue(true), header[1] ?? ubyteValue(4), header[2] ?? nullValue];
  return Buffer.concat([
    section(SECTION.header, listValue([...fields, booleanValue(false), uintValue(deliveryCount)])),
    section(
      SECTION.annotations,
      mapValue(mergeEntries(itemsOf(sections, SECTION.annotations), annotations, symbolValue)),
    ),
    ...body,
  ]);
}
