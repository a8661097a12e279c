import { expect, test } from 'vitest';
import { deadLetterReceiver, pause, plainReceiver, receive, run } from './running-broker.ts';

test('a sent message arrives with its body, properties and the annotations of the service', async () => {
  const { client } = await run();
  await client.createSender('work').sendMessages({
    body: { text: 'ä', number: 1.5 },
    messageId: 'one',
    correlationId: 'two',
    subject: 'three',
    applicationProperties: { whole: 5, fraction: 0.5, flag: true, text: 'x' },
  });
  const [message] = await receive(plainReceiver(client), 1);
  expect(message).toMatchObject({
    body: { text: 'ä', number: 1.5 },
    messageId: 'one',
    correlationId: 'two',
    subject: 'three',
    applicationProperties: { whole: 5, fraction: 0.5, flag: true, text: 'x' },
    deliveryCount: 0,
    state: 'active',
  });
  expect(message!.sequenceNumber!.toNumber()).toBe(1);
  expect(Math.abs(message!.enqueuedTimeUtc!.getTime() - Date.now())).toBeLessThan(5000);
  expect(message!.lockedUntilUtc!.getTime()).toBeGreaterThan(Date.now() + 50_000);
});

test('a completed message is gone', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await receiver.completeMessage(message!);
  expect(broker.counts()['work']).toEqual({
    active: 0,
    scheduled: 0,
    deferred: 0,
    deadLetter: 0,
    sent: 1,
    received: 1,
    settled: 1,
  });
});

test('a message without an id gets one, so that the client can settle it', async () => {
  const { client } = await run();
  await client.createSender('work').sendMessages({ body: 1, applicationProperties: { kept: 'yes' } });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  expect(message!.messageId).toMatch(/^[0-9a-f]{32}$/);
  expect(message!.applicationProperties).toEqual({ kept: 'yes' });
  await receiver.completeMessage(message!);
});

test('a batch arrives whole and in order', async () => {
  const { client } = await run();
  const sender = client.createSender('work');
  const batch = await sender.createMessageBatch();
  for (let index = 0; index < 50; index++) batch.tryAddMessage({ body: index });
  await sender.sendMessages(batch);
  const messages = await receive(plainReceiver(client), 50);
  expect(messages.map((message) => message.body)).toEqual(Array.from({ length: 50 }, (_, index) => index));
});

test('an abandoned message comes again, changed as asked, with a raised delivery count', async () => {
  const { client } = await run();
  await client.createSender('work').sendMessages({ body: 1, applicationProperties: { kept: 1, changed: 'before' } });
  const receiver = plainReceiver(client);
  const [first] = await receive(receiver, 1);
  await receiver.abandonMessage(first!, { changed: 'after', added: true });
  const [second] = await receive(receiver, 1);
  expect(second!.deliveryCount).toBe(1);
  expect(second!.applicationProperties).toEqual({ kept: 1, changed: 'after', added: true });
});

test('a dead-lettered message lies in the dead-letter queue with reason, description and properties', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages({ body: 'poison', messageId: 'p' });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await receiver.deadLetterMessage(message!, {
    deadLetterReason: 'bad',
    deadLetterErrorDescription: 'very bad',
    code: 7,
  });
  expect(broker.counts()['work']).toMatchObject({ active: 0, deadLetter: 1 });
  const dead = deadLetterReceiver(client);
  const [found] = await receive(dead, 1);
  expect(found).toMatchObject({
    body: 'poison',
    messageId: 'p',
    deadLetterReason: 'bad',
    deadLetterErrorDescription: 'very bad',
    deadLetterSource: 'work',
    applicationProperties: { code: 7 },
  });
  await dead.completeMessage(found!);
  expect(broker.counts()['work']).toMatchObject({ deadLetter: 0 });
});

test('a message that fails as often as the queue allows is dead-lettered with MaxDeliveryCountExceeded', async () => {
  const { client } = await run({ maxDeliveryCount: 2 });
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  for (const expected of [0, 1]) {
    const [message] = await receive(receiver, 1);
    expect(message!.deliveryCount).toBe(expected);
    await receiver.abandonMessage(message!);
  }
  const [dead] = await receive(deadLetterReceiver(client), 1);
  expect(dead).toMatchObject({ deadLetterReason: 'MaxDeliveryCountExceeded', deliveryCount: 2 });
});

test('a second message with the same id is dropped in the window and let through after it', async () => {
  const { broker, client } = await run({ requiresDuplicateDetection: true, duplicateDetectionWindowSeconds: 0.5 });
  const sender = client.createSender('work');
  await sender.sendMessages({ body: 1, messageId: 'same' });
  await sender.sendMessages([
    { body: 2, messageId: 'same' },
    { body: 3, messageId: 'other' },
    { body: 4, messageId: 'other' },
  ]);
  expect(broker.counts()['work']).toMatchObject({ active: 2 });
  await pause(600);
  await sender.sendMessages({ body: 5, messageId: 'same' });
  const messages = await receive(plainReceiver(client), 3);
  expect(messages.map((message) => message.body)).toEqual([1, 3, 5]);
});

test('a message of 300 kB goes both ways, and one above the limit is refused', async () => {
  const { client } = await run();
  const sender = client.createSender('work');
  const body = 'x'.repeat(300_000);
  await sender.sendMessages({ body });
  const [message] = await receive(plainReceiver(client), 1);
  expect(message!.body).toBe(body);
  await expect(sender.sendMessages({ body: 'x'.repeat(1_100_000) })).rejects.toMatchObject({
    code: 'MessageSizeExceeded',
  });
});

test('a queue that is not configured is reported as not found', async () => {
  const { client } = await run();
  await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({
    code: 'MessagingEntityNotFound',
  });
});
