import { expect, test } from 'vitest';
import { plainReceiver, receive, run } from './running-broker.ts';

const many = (count: number): { body: number }[] => Array.from({ length: count }, (_, body) => ({ body }));

test('a receiver in the mode receiveAndDelete takes messages away as it gets them', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages(many(10));
  const receiver = client.createReceiver('work', { receiveMode: 'receiveAndDelete' });
  const messages = await receive(receiver, 10);
  expect(messages.map((message) => message.body)).toEqual(many(10).map(({ body }) => body));
  expect(broker.counts()['work']).toMatchObject({ active: 0, received: 10, settled: 0 });
});

test('a subscriber with many calls at a time gets every message once and completes it', async () => {
  const { broker, client } = await run();
  const seen = new Set<unknown>();
  let running = 0;
  let most = 0;
  const subscription = plainReceiver(client).subscribe(
    {
      processMessage: async ({ body }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.add(body);
        running -= 1;
      },
      processError: async ({ error }) => expect.fail(String(error)),
    },
    { maxConcurrentCalls: 64 },
  );
  const sender = client.createSender('work');
  for (let group = 0; group < 10; group++)
    await sender.sendMessages(many(100).map(({ body }) => ({ body: body + group * 100 })));
  await expect.poll(() => broker.counts()['work']!.settled, { timeout: 8000 }).toBe(1000);
  await subscription.close();
  expect(seen.size).toBe(1000);
  expect(most).toBeGreaterThan(16);
  expect(broker.counts()['work']).toMatchObject({ active: 0, received: 1000 });
});

test('a subscriber whose handler throws abandons the message, up to the dead-letter queue', async () => {
  const { broker, client } = await run({ maxDeliveryCount: 3 });
  await client.createSender('work').sendMessages({ body: 1 });
  let calls = 0;
  plainReceiver(client).subscribe({
    processMessage: async () => {
      calls += 1;
      throw new Error('cannot handle it');
    },
    processError: async () => undefined,
  });
  await expect.poll(() => broker.counts()['work']!.deadLetter, { timeout: 5000 }).toBe(1);
  expect(calls).toBe(3);
});

test('a drained receiver can go on: asking for more than there is returns what there is, again and again', async () => {
  const { client } = await run();
  const sender = client.createSender('work');
  const receiver = plainReceiver(client);
  for (let round = 0; round < 2; round++) {
    await sender.sendMessages(many(3));
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 2000 });
    expect(messages).toHaveLength(3);
    for (const message of messages) await receiver.completeMessage(message);
  }
});

test('a link does not stall: 2,500 messages are received and completed over one link, in order', async () => {
  const { broker, client } = await run();
  const sender = client.createSender('work');
  const startedMs = performance.now();
  for (let group = 0; group < 25; group++)
    await sender.sendMessages(many(100).map(({ body }) => ({ body: body + group * 100 })));
  const receiver = plainReceiver(client);
  const bodies: unknown[] = [];
  while (bodies.length < 2500) {
    const messages = await receiver.receiveMessages(250, { maxWaitTimeInMs: 3000 });
    expect(messages.length).toBeGreaterThan(0);
    bodies.push(...messages.map((message) => message.body));
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
  }
  const seconds = (performance.now() - startedMs) / 1000;
  expect(bodies).toEqual(many(2500).map(({ body }) => body));
  expect(broker.counts()['work']).toMatchObject({ active: 0, settled: 2500 });
  expect(seconds).toBeLessThan(10);
});

test('a message that is held does not hinder 1,500 others on its link', async () => {
  const { broker, client } = await run();
  const sender = client.createSender('work');
  for (let group = 0; group < 15; group++) await sender.sendMessages(many(100));
  await sender.sendMessages({ body: 'last' });
  const receiver = plainReceiver(client);
  const held = await receive(receiver, 1);
  for (let received = 0; received < 1500; ) {
    const messages = await receiver.receiveMessages(Math.min(300, 1500 - received), { maxWaitTimeInMs: 3000 });
    expect(messages.length).toBeGreaterThan(0);
    received += messages.length;
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
  }
  await receiver.completeMessage(held[0]!);
  expect(broker.counts()['work']).toMatchObject({ active: 0 });
});

test('large messages over a link with much credit arrive whole although they fill the window', async () => {
  const { client } = await run();
  const sender = client.createSender('work');
  for (let index = 0; index < 30; index++) await sender.sendMessages({ body: 'x'.repeat(300_000) + index });
  const messages = await receive(plainReceiver(client), 30);
  expect(messages.map((message) => String(message.body).slice(300_000))).toEqual(
    many(30).map(({ body }) => String(body)),
  );
});
