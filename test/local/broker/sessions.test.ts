import { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { afterTest, pause, receive, run } from './running-broker.ts';

const plain = { maxAutoLockRenewalDurationInMs: 0 };

test('a session receiver gets the messages of its session only, in order', async () => {
  const { client } = await run({ requiresSession: true });
  const sender = client.createSender('work');
  await sender.sendMessages([1, 2, 3, 4].map((body) => ({ body, sessionId: body % 2 === 0 ? 'even' : 'odd' })));
  const receiver = await client.acceptSession('work', 'even', plain);
  const messages = await receive(receiver, 2);
  expect(messages.map((message) => [message.body, message.sessionId])).toEqual([
    [2, 'even'],
    [4, 'even'],
  ]);
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 200 })).toEqual([]);
});

test('the next session is the free one with the oldest message, and it is told until when it is locked', async () => {
  const { client } = await run({ requiresSession: true, lockDurationSeconds: 30 });
  await client.createSender('work').sendMessages([
    { body: 1, sessionId: 'a' },
    { body: 2, sessionId: 'b' },
  ]);
  const first = await client.acceptNextSession('work', plain);
  const second = await client.acceptNextSession('work', plain);
  expect([first.sessionId, second.sessionId]).toEqual(['a', 'b']);
  expect(first.sessionLockedUntilUtc.getTime() - Date.now()).toBeGreaterThan(28_000);
  expect(first.sessionLockedUntilUtc.getTime() - Date.now()).toBeLessThan(31_000);
});

test('a receiver that waits for the next session gets one as soon as a message arrives', async () => {
  const { client } = await run({ requiresSession: true });
  const waiting = client.acceptNextSession('work', plain);
  await pause(200);
  await client.createSender('work').sendMessages({ body: 1, sessionId: 'late' });
  const receiver = await waiting;
  expect(receiver.sessionId).toBe('late');
  expect(await receive(receiver, 1)).toMatchObject([{ body: 1 }]);
});

test('waiting for the next session ends with a timeout', async () => {
  const { broker } = await run({ requiresSession: true });
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 500 } });
  afterTest(() => client.close());
  await expect(client.acceptNextSession('work', plain)).rejects.toMatchObject({ code: 'ServiceTimeout' });
});

test('a session is held by one receiver at a time, and free again when that one is closed', async () => {
  const { client } = await run({ requiresSession: true });
  const first = await client.acceptSession('work', 's', plain);
  await expect(client.acceptSession('work', 's', plain)).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
  await first.close();
  const second = await client.acceptSession('work', 's', plain);
  expect(second.sessionId).toBe('s');
});

test('closing a session receiver returns its messages without raising their delivery count', async () => {
  const { client } = await run({ requiresSession: true });
  await client.createSender('work').sendMessages([
    { body: 1, sessionId: 's' },
    { body: 2, sessionId: 's' },
  ]);
  const first = await client.acceptSession('work', 's', plain);
  await receive(first, 2);
  await first.close();
  const messages = await receive(await client.acceptSession('work', 's', plain), 2);
  expect(messages.map((message) => [message.body, message.deliveryCount])).toEqual([
    [1, 0],
    [2, 0],
  ]);
});

test('a session lock that runs out raises the delivery count, frees the session and refuses the old holder', async () => {
  const { client } = await run({ requiresSession: true, lockDurationSeconds: 0.3 });
  await client.createSender('work').sendMessages({ body: 1, sessionId: 's' });
  const first = await client.acceptSession('work', 's', plain);
  const [lost] = await receive(first, 1);
  const second = await client.acceptNextSession('work', plain);
  const [again] = await receive(second, 1);
  expect(again!.deliveryCount).toBe(1);
  await expect(first.completeMessage(lost!)).rejects.toMatchObject({ code: 'SessionLockLost' });
  await expect(first.renewSessionLock()).rejects.toThrow();
});

test('a renewed session lock keeps its messages settleable', async () => {
  const { broker, client } = await run({ requiresSession: true, lockDurationSeconds: 0.5 });
  await client.createSender('work').sendMessages({ body: 1, sessionId: 's' });
  const receiver = await client.acceptSession('work', 's', plain);
  const [message] = await receive(receiver, 1);
  for (let round = 0; round < 3; round++) {
    await pause(250);
    const until = await receiver.renewSessionLock();
    expect(until.getTime()).toBeGreaterThan(Date.now() + 300);
  }
  await receiver.completeMessage(message!);
  expect(broker.counts()['work']).toMatchObject({ active: 0, settled: 1 });
});

test('an abandoned message of a session comes again before the ones after it', async () => {
  const { client } = await run({ requiresSession: true });
  await client.createSender('work').sendMessages([1, 2, 3].map((body) => ({ body, sessionId: 's' })));
  const receiver = await client.acceptSession('work', 's', plain);
  const [first] = await receive(receiver, 1);
  await receiver.abandonMessage(first!);
  const messages = await receive(receiver, 3);
  expect(messages.map((message) => message.body)).toEqual([1, 2, 3]);
});

test('the state of a session is kept from one receiver to the next, until it is removed', async () => {
  const { client } = await run({ requiresSession: true });
  const first = await client.acceptSession('work', 's', plain);
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ step: 3 });
  await first.close();
  const second = await client.acceptSession('work', 's', plain);
  expect(await second.getSessionState()).toEqual({ step: 3 });
  await second.setSessionState(null);
  expect(await second.getSessionState()).toBeNull();
});

test('a message without a session id is refused by a queue with sessions', async () => {
  const { client } = await run({ requiresSession: true });
  await expect(client.createSender('work').sendMessages({ body: 1 })).rejects.toThrow('SessionId');
});

test('a receiver without sessions is refused by a queue with sessions, and the other way round', async () => {
  const { client } = await run({ requiresSession: true });
  await expect(client.createReceiver('work').receiveMessages(1)).rejects.toThrow('requires a session receiver');
  const { client: other } = await run();
  await expect(other.acceptNextSession('work', plain)).rejects.toThrow('does not use sessions');
});

test('ten workers over twenty sessions handle every message once and each session in order', async () => {
  const { broker, client } = await run({ requiresSession: true });
  const messages = Array.from({ length: 400 }, (_, index) => ({ body: index, sessionId: `s${index % 20}` }));
  await client.createSender('work').sendMessages(messages);
  const seen = new Map<string, number[]>();
  async function work(): Promise<void> {
    for (;;) {
      const receiver = await client.acceptNextSession('work', plain).catch(() => null);
      if (receiver === null) return;
      for (const message of await receiver.receiveMessages(20, { maxWaitTimeInMs: 200 })) {
        seen.set(receiver.sessionId, [...(seen.get(receiver.sessionId) ?? []), Number(message.body)]);
        await receiver.completeMessage(message);
      }
      await receiver.close();
    }
  }
  for (let worker = 0; worker < 10; worker++) void work().catch(() => undefined);
  await expect.poll(() => broker.counts()['work'], { timeout: 8000 }).toMatchObject({ active: 0, settled: 400 });
  for (const [sessionId, bodies] of seen) {
    const first = Number(sessionId.slice(1));
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, index) => first + 20 * index));
  }
});
