import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import { longValue } from '../../../local/broker/amqp-value.ts';
import { createPriorityQueue } from '../../../local/broker/priority-queue.ts';
import { encodeDelivery, readArrived, withApplicationProperties } from '../../../local/broker/wire-message.ts';

const newId = (): string => 'generated';
const sequence = new Map([['x-opt-sequence-number', longValue(7)]]);

/** Keys of a Service Bus message's application properties are strings, also such as an object would treat in its own way. */
const propertyMaps = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
  fc.oneof(fc.string(), fc.boolean(), fc.integer()),
);

test('a delivered message is the sent one, whatever its body and properties are', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      propertyMaps,
      fc.string({ minLength: 1 }),
      (body, properties, messageId) => {
        const sent = {
          body: rhea.message.data_section(Buffer.from(body)),
          application_properties: properties,
          message_id: messageId,
        };
        const arrived = readArrived(rhea.message.encode(sent), newId);
        const delivered = rhea.message.decode(encodeDelivery(arrived.payload, 3, sequence));
        expect(arrived.messageId).toBe(messageId);
        expect(delivered['body'].content).toEqual(Buffer.from(body));
        expect(delivered['application_properties'] ?? {}).toEqual({ ...properties });
        expect(delivered['delivery_count']).toBe(3);
        expect(delivered['message_annotations']['x-opt-sequence-number']).toBe(7);
      },
    ),
  );
});

test('integers above 2^53 keep their value and the others their AMQP type, also when a property is changed', () => {
  const big = Buffer.from('7ffffffffffffffe', 'hex');
  const properties = {
    big: rhea.types.wrap_long(big),
    whole: rhea.types.wrap_double(2),
    small: rhea.types.wrap_short(3),
  };
  const payload = rhea.message.encode({ message_id: 'x', application_properties: properties, body: 1 });
  const changed = withApplicationProperties(readArrived(payload, newId).payload, { added: 'yes' });
  const delivered = encodeDelivery(changed, 0, sequence);
  expect(rhea.message.decode(delivered)['application_properties']).toEqual({ big, whole: 2, small: 3, added: 'yes' });
  const encodedDouble = Buffer.from('824000000000000000', 'hex');
  const encodedShort = Buffer.from('610003', 'hex');
  expect(delivered.includes(encodedDouble)).toBe(true);
  expect(delivered.includes(encodedShort)).toBe(true);
});

test('annotations of the sender are kept, those of the broker win', () => {
  const annotations = { 'x-own': 'kept', 'x-opt-sequence-number': 'forged' };
  const payload = rhea.message.encode({ message_id: 'x', message_annotations: annotations, body: 1 });
  const delivered = rhea.message.decode(encodeDelivery(payload, 0, sequence));
  expect(delivered['message_annotations']).toEqual({ 'x-own': 'kept', 'x-opt-sequence-number': 7 });
});

test('time to live and priority of the header are kept', () => {
  const payload = rhea.message.encode({ message_id: 'x', ttl: 3_000_000_000, priority: 9, body: 1 });
  expect(readArrived(payload, newId).timeToLiveMs).toBe(3_000_000_000);
  const delivered = rhea.message.decode(encodeDelivery(payload, 1, sequence));
  expect(delivered).toMatchObject({ ttl: 3_000_000_000, priority: 9, delivery_count: 1 });
});

test('bytes that are no message are refused with a RangeError and nothing else', () => {
  const valid = rhea.message.encode({ message_id: 'x', application_properties: { a: 1 }, body: 'text' });
  const changes = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 });
  const mutated = changes.map((list) => {
    const bytes = Buffer.from(valid);
    for (const [at, value] of list) bytes.writeUInt8(value, at);
    return bytes;
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        mutated,
      ),
      (bytes) => {
        try {
          expect(readArrived(bytes, newId).payload).toBeInstanceOf(Buffer);
        } catch (fault) {
          expect(fault).toBeInstanceOf(RangeError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a priority queue gives its items in the order of their ranks', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (ranks) => {
      const queue = createPriorityQueue<number>();
      for (const rank of ranks) queue.push(rank, rank);
      const out: number[] = [];
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) out.push(item);
      expect(out).toEqual(ranks.toSorted((left, right) => left - right));
      expect(queue.peek()).toBeUndefined();
    }),
  );
});
