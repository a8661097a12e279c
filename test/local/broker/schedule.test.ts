import { expect, test } from 'vitest';
import { plainReceiver, receive, run } from './running-broker.ts';

test('a scheduled message arrives at its time, with a new sequence number', async () => {
  const { broker, client } = await run();
  const at = new Date(Date.now() + 400);
  const [sequence] = await client.createSender('work').scheduleMessages({ body: 'later' }, at);
  expect(broker.counts()['work']).toMatchObject({ active: 0, scheduled: 1 });
  const [message] = await receive(plainReceiver(client), 1);
  expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  expect(message!.body).toBe('later');
  expect(message!.sequenceNumber!.toNumber()).toBeGreaterThan(sequence!.toNumber());
  expect(message!.enqueuedTimeUtc!.getTime()).toBeGreaterThanOrEqual(at.getTime());
});

test('a message sent with a time of enqueueing waits for it', async () => {
  const { broker, client } = await run();
  const scheduledEnqueueTimeUtc = new Date(Date.now() + 300);
  await client.createSender('work').sendMessages([{ body: 'later', scheduledEnqueueTimeUtc }, { body: 'now' }]);
  expect(broker.counts()['work']).toMatchObject({ active: 1, scheduled: 1 });
  const messages = await receive(plainReceiver(client), 2);
  expect(messages.map((message) => message.body)).toEqual(['now', 'later']);
});

test('a cancelled scheduled message never arrives, and cannot be cancelled twice', async () => {
  const { broker, client } = await run();
  const sender = client.createSender('work');
  const sequences = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(Date.now() + 300));
  await sender.cancelScheduledMessages(sequences[0]!);
  await expect(sender.cancelScheduledMessages(sequences[0]!)).rejects.toThrow();
  const messages = await receive(plainReceiver(client), 2, 600);
  expect(messages.map((message) => message.body)).toEqual([2]);
  expect(broker.counts()['work']).toMatchObject({ scheduled: 0 });
});
