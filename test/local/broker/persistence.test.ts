import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { startBroker } from '../../../local/broker/broker.ts';
import {
  afterTest,
  connect,
  deadLetterReceiver,
  plainReceiver,
  receive,
  run,
  runInProcess,
  temporaryStatePath,
} from './running-broker.ts';

test('messages of every state, session states and seen ids survive a stop and a start', async () => {
  const statePath = temporaryStatePath();
  const settings = { requiresDuplicateDetection: true };
  const { broker, client } = await run(settings, { statePath });
  const sender = client.createSender('work');
  await sender.sendMessages(['dead', 'deferred', 'abandoned', 'waiting'].map((body) => ({ body, messageId: body })));
  const [sequence] = await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 100_000));
  const receiver = plainReceiver(client);
  const [dead, deferred, abandoned] = await receive(receiver, 3);
  await receiver.deadLetterMessage(dead!, { deadLetterReason: 'why', deadLetterErrorDescription: 'because' });
  await receiver.deferMessage(deferred!);
  await receiver.abandonMessage(abandoned!);
  const before = broker.counts()['work'];
  await client.close();
  await broker.stop();

  const second = await run(settings, { statePath });
  const { active, scheduled, deferred: put, deadLetter } = second.broker.counts()['work']!;
  expect({ active, scheduled, deferred: put, deadLetter }).toEqual({
    active: 2,
    scheduled: 1,
    deferred: 1,
    deadLetter: 1,
  });
  expect(before).toMatchObject({ active, scheduled, deferred: put, deadLetter });
  const messages = await receive(plainReceiver(second.client), 2);
  expect(messages.map((message) => [message.body, message.deliveryCount])).toEqual([
    ['abandoned', 1],
    ['waiting', 0],
  ]);
  expect((await receive(deadLetterReceiver(second.client), 1))[0]).toMatchObject({
    body: 'dead',
    deadLetterReason: 'why',
  });
  const [found] = await second.client.createReceiver('work').receiveDeferredMessages([deferred!.sequenceNumber!]);
  expect(found!.body).toBe('deferred');
  await second.client.createSender('work').sendMessages({ body: 'again', messageId: 'waiting' });
  expect(second.broker.counts()['work']).toMatchObject({ active: 2 });
  const [next] = await second.client
    .createSender('work')
    .scheduleMessages({ body: 'new' }, new Date(Date.now() + 100_000));
  expect(next!.toNumber()).toBeGreaterThan(sequence!.toNumber());
});

test('what a sender was told to be stored survives a SIGKILL of the broker, and held locks are released', async () => {
  const statePath = temporaryStatePath();
  const { child, connectionString } = await runInProcess({}, { statePath });
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } });
  const sender = client.createSender('work');
  for (let group = 0; group < 20; group++) {
    await sender.sendMessages(Array.from({ length: 50 }, (_, index) => ({ body: group * 50 + index })));
  }
  const receiver = plainReceiver(client);
  const held = await receive(receiver, 100);
  for (const message of held.slice(0, 10)) await receiver.completeMessage(message);
  const stored: number[] = [];
  async function sendUntilItFails(first: number): Promise<void> {
    for (let body = first; ; body++) {
      await sender.sendMessages({ body });
      stored.push(body);
    }
  }
  const sending = [2000, 20_000, 200_000].map((first) => sendUntilItFails(first).catch(() => undefined));
  await expect.poll(() => stored.length, { interval: 5 }).toBeGreaterThan(100);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  await Promise.all(sending);
  await client.close();

  const { client: secondClient, broker } = await run({}, { statePath });
  const { active } = broker.counts()['work']!;
  const bodies = (await receive(plainReceiver(secondClient), active)).map((message) => Number(message.body));
  expect(bodies.slice(0, 990)).toEqual(Array.from({ length: 990 }, (_, index) => index + 10));
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(stored.filter((body) => !bodies.includes(body))).toEqual([]);
  // Each of the three may have had one message on its way, of which it never heard.
  expect(bodies.length - 990 - stored.length).toBeLessThanOrEqual(3);
});

test('a client goes on with the same sender and receiver after the broker was started again', async () => {
  const statePath = temporaryStatePath();
  const { broker, client } = await run({}, { statePath });
  const sender = client.createSender('work');
  const receiver = plainReceiver(client);
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  await receiver.completeMessage((await receive(receiver, 1))[0]!);
  await broker.stop();
  await run({}, { statePath, port: broker.port });
  const retrying = new ServiceBusClient(broker.connectionString, {
    retryOptions: { maxRetries: 5, retryDelayInMs: 100 },
  });
  afterTest(() => retrying.close());
  await retrying.createSender('work').sendMessages({ body: 3 });
  await sender.sendMessages({ body: 4 }).catch(() => sender.sendMessages({ body: 4 }));
  const messages = await receive(receiver, 3);
  expect(messages.map((message) => message.body)).toEqual([2, 3, 4]);
  for (const message of messages) await receiver.completeMessage(message);
  await client.close();
});

test('a subscriber keeps receiving after the broker was started again', async () => {
  const statePath = temporaryStatePath();
  const { broker } = await run({}, { statePath });
  const client = new ServiceBusClient(broker.connectionString, {
    retryOptions: { maxRetries: 10, retryDelayInMs: 100 },
  });
  afterTest(() => client.close());
  const bodies: unknown[] = [];
  client.createReceiver('work').subscribe({
    processMessage: async ({ body }) => void bodies.push(body),
    processError: async () => undefined,
  });
  await client.createSender('work').sendMessages({ body: 1 });
  await expect.poll(() => bodies, { timeout: 5000 }).toEqual([1]);
  await expect.poll(() => broker.counts()['work']!.settled).toBe(1);
  await broker.stop();
  const second = await run({}, { statePath, port: broker.port });
  await connect(second.broker).createSender('work').sendMessages({ body: 2 });
  await expect.poll(() => bodies, { timeout: 10_000 }).toEqual([1, 2]);
});

test('a port that is taken is named in the fault', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  afterTest(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address!.port : 0;
  await expect(startBroker({ port, queuesFile: { queues: [{ name: 'work' }] } })).rejects.toThrow(
    `cannot listen on port ${port}: it is already in use`,
  );
});

test('a state file that another broker has open is named in the fault', async () => {
  const statePath = temporaryStatePath();
  await run({}, { statePath });
  await expect(startBroker({ port: 0, queuesFile: { queues: [{ name: 'work' }] }, statePath })).rejects.toThrow(
    statePath,
  );
});

test('the queue settings of the project are accepted', async () => {
  const path = new URL('../../../infra/queues.json', import.meta.url);
  const broker = await startBroker({ port: 0, queuesFile: JSON.parse(readFileSync(path, 'utf8')) });
  afterTest(() => broker.stop());
  expect(broker.counts()).toMatchObject({ changes: { active: 0 } });
});

test('wrong settings are refused', async () => {
  await expect(startBroker({ port: 0, queuesFile: { queues: [{ name: 'work', lockDuration: 5 }] } })).rejects.toThrow(
    'lockDuration',
  );
  await expect(startBroker({ port: 0, queuesFile: { queues: [{ name: 'a' }, { name: 'A' }] } })).rejects.toThrow(
    'same name',
  );
});
