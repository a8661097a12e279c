import { expect, test } from 'vitest';
import { deadLetterReceiver, pause, plainReceiver, receive, run } from './running-broker.ts';

test('a message whose lock runs out comes again and can no longer be settled with the old lock', async () => {
  const { client } = await run({ lockDurationSeconds: 0.3 });
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [lost] = await receive(receiver, 1);
  const [again] = await receive(plainReceiver(client), 1);
  expect(again!.deliveryCount).toBe(1);
  await expect(receiver.completeMessage(lost!)).rejects.toMatchObject({ code: 'MessageLockLost' });
  await receiver.completeMessage(again!).catch(() => undefined);
});

test('a lock that runs out too often moves the message to the dead-letter queue', async () => {
  const { client } = await run({ lockDurationSeconds: 0.1, maxDeliveryCount: 1 });
  await client.createSender('work').sendMessages({ body: 1 });
  await receive(plainReceiver(client), 1);
  const [dead] = await receive(deadLetterReceiver(client), 1);
  expect(dead).toMatchObject({ deadLetterReason: 'MaxDeliveryCountExceeded', deliveryCount: 1 });
});

test('a renewed lock holds for another lock duration', async () => {
  const { broker, client } = await run({ lockDurationSeconds: 0.5 });
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  const lockedUntil = message!.lockedUntilUtc!.getTime();
  for (let round = 0; round < 3; round++) {
    await pause(250);
    const renewed = await receiver.renewMessageLock(message!);
    expect(renewed.getTime()).toBeGreaterThan(lockedUntil);
  }
  await receiver.completeMessage(message!);
  expect(broker.counts()['work']).toMatchObject({ active: 0, settled: 1 });
});

test('a lost lock cannot be renewed', async () => {
  const { client } = await run({ lockDurationSeconds: 0.1 });
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await pause(200);
  await expect(receiver.renewMessageLock(message!)).rejects.toMatchObject({ code: 'MessageLockLost' });
});

test('a locked message is not given to a second receiver', async () => {
  const { client } = await run();
  await client.createSender('work').sendMessages({ body: 1 });
  await receive(plainReceiver(client), 1);
  expect(await receive(plainReceiver(client), 1, 200)).toEqual([]);
});

test('a message can be completed after its receiver was closed, as long as the lock holds', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages({ body: 1 });
  const first = plainReceiver(client);
  const [message] = await receive(first, 1);
  await first.close();
  const second = plainReceiver(client);
  await second.completeMessage(message!);
  expect(broker.counts()['work']).toMatchObject({ active: 0 });
});
