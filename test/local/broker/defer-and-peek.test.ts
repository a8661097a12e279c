import { expect, test } from 'vitest';
import { deadLetterReceiver, pause, plainReceiver, receive, run } from './running-broker.ts';

test('a deferred message is received by its sequence number only, and can then be completed', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages({ body: 'put off' });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await receiver.deferMessage(message!, { note: 'later' });
  expect(broker.counts()['work']).toMatchObject({ active: 0, deferred: 1 });
  expect(await receive(receiver, 1, 200)).toEqual([]);
  const [found] = await receiver.receiveDeferredMessages(message!.sequenceNumber!);
  expect(found).toMatchObject({ body: 'put off', state: 'deferred', applicationProperties: { note: 'later' } });
  await receiver.completeMessage(found!);
  expect(broker.counts()['work']).toMatchObject({ deferred: 0 });
});

test('a deferred message that is abandoned stays deferred, and one that is dead-lettered moves', async () => {
  const { broker, client } = await run();
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await receiver.deferMessage(message!);
  const [second] = await receiver.receiveDeferredMessages(message!.sequenceNumber!);
  await receiver.abandonMessage(second!);
  expect(broker.counts()['work']).toMatchObject({ deferred: 1 });
  const [third] = await receiver.receiveDeferredMessages(message!.sequenceNumber!);
  expect(third!.deliveryCount).toBe(1);
  await receiver.deadLetterMessage(third!, { deadLetterReason: 'no', deadLetterErrorDescription: 'never' });
  const [dead] = await receive(deadLetterReceiver(client), 1);
  expect(dead).toMatchObject({ deadLetterReason: 'no', deadLetterErrorDescription: 'never' });
});

test('asking for a message that is not deferred is refused', async () => {
  const { client } = await run();
  await client.createSender('work').sendMessages({ body: 1 });
  const receiver = plainReceiver(client);
  const [peeked] = await receiver.peekMessages(1);
  await expect(receiver.receiveDeferredMessages(peeked!.sequenceNumber!)).rejects.toMatchObject({
    code: 'MessageNotFound',
  });
});

test('peeking shows messages of every state in order, locks none and goes on where it stopped', async () => {
  const { client } = await run();
  const sender = client.createSender('work');
  await sender.sendMessages([{ body: 'deferred' }, { body: 'locked' }, { body: 'active' }]);
  await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 60_000));
  const receiver = plainReceiver(client);
  const [first] = await receive(receiver, 2);
  await receiver.deferMessage(first!);
  const peeker = plainReceiver(client);
  const peeked = [...(await peeker.peekMessages(3)), ...(await peeker.peekMessages(3))];
  expect(peeked.map((message) => [message.body, message.state])).toEqual([
    ['deferred', 'deferred'],
    ['locked', 'active'],
    ['active', 'active'],
    ['scheduled', 'scheduled'],
  ]);
  expect(await peeker.peekMessages(3)).toEqual([]);
  expect((await receive(receiver, 1))[0]!.body).toBe('active');
});

test('a message past its time to live is dead-lettered with TTLExpiredException where the queue asks for it', async () => {
  const { client } = await run({ deadLetteringOnExpiration: true });
  await client.createSender('work').sendMessages({ body: 1, timeToLive: 200 });
  const [dead] = await receive(deadLetterReceiver(client), 1);
  expect(dead).toMatchObject({ body: 1, deadLetterReason: 'TTLExpiredException' });
});

test("a message past the queue's default time to live is dropped where the queue does not keep it", async () => {
  const { broker, client } = await run({ defaultTimeToLiveSeconds: 0.2 });
  await client.createSender('work').sendMessages({ body: 1, timeToLive: 60_000 });
  expect(broker.counts()['work']).toMatchObject({ active: 1 });
  await pause(300);
  expect(broker.counts()['work']).toMatchObject({ active: 0, deadLetter: 0 });
});

test('a locked message can be completed after its time to live', async () => {
  const { broker, client } = await run({ deadLetteringOnExpiration: true });
  await client.createSender('work').sendMessages({ body: 1, timeToLive: 200 });
  const receiver = plainReceiver(client);
  const [message] = await receive(receiver, 1);
  await pause(300);
  await receiver.completeMessage(message!);
  expect(broker.counts()['work']).toMatchObject({ active: 0, deadLetter: 0 });
});
