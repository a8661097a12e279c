import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { batchData, singleMessageData } from '../../../local/host/service-bus-data.ts';

const messageOf = (fields: Record<string, unknown>): ServiceBusReceivedMessage =>
  ({
    body: Buffer.from('text'),
    deliveryCount: 0,
    sequenceNumber: 1,
    ...fields,
  }) as unknown as ServiceBusReceivedMessage;

test('texts that are absent are dropped from arrays, as the real host does, unless the app asks for them', () => {
  const messages = [messageOf({ correlationId: 'a' }), messageOf({}), messageOf({ correlationId: 'c' })];
  const arrayOf = (includeEmpty: boolean) =>
    batchData(messages, { binary: false, includeEmpty }).triggerMetadata['CorrelationIdArray'];
  expect(arrayOf(false)).toEqual({ collectionString: { string: ['a', 'c'] } });
  expect(arrayOf(true)).toEqual({ collectionString: { string: ['a', '', 'c'] } });
});

test('sequence numbers are numbers for one message and 64-bit pairs for a batch', () => {
  const sequenceNumber = 2n ** 40n + 5n;
  const shape = { binary: false, includeEmpty: false };
  const message = messageOf({ sequenceNumber });
  expect(singleMessageData(message, shape).triggerMetadata['SequenceNumber']).toEqual({ int: 2 ** 40 + 5 });
  expect(batchData([message], shape).triggerMetadata['SequenceNumberArray']).toEqual({
    collectionSint64: { sint64: [{ low: 5, high: 256, unsigned: false }] },
  });
});

test('bodies are bytes or text, whatever the sender sent', () => {
  const bodies = [Buffer.from([1, 2]), 'word', { a: 1 }, undefined];
  const messages = bodies.map((body) => messageOf({ body }));
  const texts = batchData(messages, { binary: false, includeEmpty: false }).data;
  expect(texts).toEqual({ collectionString: { string: ['\u0001\u0002', 'word', '{"a":1}', ''] } });
  expect(singleMessageData(messageOf({ body: Buffer.from([7]) }), { binary: true, includeEmpty: false }).data).toEqual({
    bytes: Buffer.from([7]),
  });
});
