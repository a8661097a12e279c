import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import rhea, { type Connection } from 'rhea';
import { expect, test } from 'vitest';
import { type Broker, startBroker } from '../../../local/broker/broker.ts';
import { afterTest, connect, pause, plainReceiver, receive, run, runInProcess } from './running-broker.ts';

/** A connection of the AMQP library itself, for what the Service Bus client would never do. */
function connectRaw(broker: Broker): Connection {
  const connection = rhea.create_container().connect({ host: '127.0.0.1', port: broker.port, reconnect: false });
  connection.on('disconnected', () => undefined);
  afterTest(() => connection.close());
  return connection;
}

/** Sends management requests of the queue `work`. */
async function openManagement(broker: Broker) {
  const connection = connectRaw(broker);
  const replies = connection.open_receiver({ source: 'work/$management', target: 'replies' });
  const requests = connection.open_sender('work/$management');
  await once(requests, 'sendable');
  return async (operation: string, body: unknown) => {
    requests.send({ message_id: 'm', reply_to: 'replies', application_properties: { operation }, body });
    const [{ message }] = await once(replies, 'message');
    return message.application_properties;
  };
}

test('a peer that does not speak AMQP is cut off and disturbs no one', async () => {
  const { broker, client } = await run();
  const sender = client.createSender('work');
  await sender.sendMessages({ body: 1 });
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'AMQP\x00\x01\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00\xff']) {
    const socket = connectSocket(broker.port, '127.0.0.1');
    socket.on('error', () => undefined);
    afterTest(() => void socket.destroy());
    await once(socket, 'connect');
    socket.end(bytes, 'latin1');
    socket.resume();
    await once(socket, 'close');
  }
  await sender.sendMessages({ body: 2 });
  expect(await receive(plainReceiver(client), 2)).toHaveLength(2);
});

test('a message that cannot be read is rejected, and the link goes on', async () => {
  const { broker } = await run();
  const link = connectRaw(broker).open_sender('work');
  await once(link, 'sendable');
  link.send(Buffer.from('no AMQP message'), undefined, 0);
  const [{ delivery }] = await once(link, 'rejected');
  expect(delivery.remote_state.error.condition).toBe('amqp:decode-error');
  link.send({ body: 1 });
  await once(link, 'accepted');
  expect(broker.counts()['work']).toMatchObject({ active: 1 });
});

test('what needs no answer is acknowledged with an empty frame, so that a client need not wait for 40 ms', async () => {
  const { broker } = await run();
  const connection = connectRaw(broker);
  const link = connection.open_receiver({ source: 'work', credit_window: 0 });
  await once(link, 'receiver_open');
  await pause(50);
  const arrived = once(Reflect.get(connection, 'socket'), 'data');
  link.add_credit(1);
  expect(await arrived).toEqual([Buffer.from('0000000802000000', 'hex')]);
});

test('management requests that are unknown or wrong are refused one by one', async () => {
  const { broker } = await run();
  const request = await openManagement(broker);
  expect(await request('com.microsoft:nonsense', {})).toMatchObject({
    statusCode: 501,
    errorCondition: 'amqp:not-implemented',
  });
  expect(await request('com.microsoft:renew-lock', { 'lock-tokens': 'none' })).toMatchObject({ statusCode: 400 });
  expect(await request('com.microsoft:schedule-message', { messages: [{ message: Buffer.from('x') }] })).toMatchObject({
    statusCode: 400,
    errorCondition: 'amqp:decode-error',
  });
  const nothing = { 'from-sequence-number': 1, 'message-count': 1 };
  expect(await request('com.microsoft:peek-message', nothing)).toMatchObject({ statusCode: 204 });
});

test('a stopped broker lets its process end, also while clients are connected and wait for a session', async () => {
  const { child, connectionString } = await runInProcess({ requiresSession: true });
  const client = connect({ connectionString });
  const waiting = client.acceptNextSession('work').catch(() => undefined);
  await client.createSender('work').sendMessages({ body: 1, sessionId: 's' });
  await waiting;
  void client.acceptNextSession('work').catch(() => undefined);
  await pause(100);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  void client.close();
});

test('the connection of a receiver breaks: its session is free at once, its locked messages when the lock runs out', async () => {
  const broker = await startBroker({
    port: 0,
    queuesFile: {
      queues: [
        { name: 'plain', lockDurationSeconds: 0.4 },
        { name: 'sessions', requiresSession: true },
      ],
    },
  });
  afterTest(() => broker.stop());
  const client = connect(broker);
  await client.createSender('plain').sendMessages({ body: 1 });
  await client.createSender('sessions').sendMessages({ body: 1, sessionId: 's' });

  const dying = connectRaw(broker);
  const filter = { 'com.microsoft:session-filter': 's' };
  const held = dying.open_receiver({ source: { address: 'sessions', filter }, autoaccept: false });
  await once(held, 'message');
  await once(dying.open_receiver({ source: 'plain', autoaccept: false }), 'message');
  Reflect.get(dying, 'socket').destroy();

  const session = await client.acceptSession('sessions', 's', { maxAutoLockRenewalDurationInMs: 0 });
  expect(await receive(session, 1)).toMatchObject([{ body: 1, deliveryCount: 0 }]);
  expect(await receive(plainReceiver(client, 'plain'), 1)).toMatchObject([{ body: 1, deliveryCount: 1 }]);
});

test('time is read from the given clock only: locks, schedules and times to live follow it', async () => {
  let clockMs = Date.UTC(2030, 0, 1);
  const broker = await startBroker({
    port: 0,
    queuesFile: { queues: [{ name: 'work', lockDurationSeconds: 300, maxDeliveryCount: 1 }] },
    now: () => clockMs,
  });
  afterTest(() => broker.stop());
  const client = connect(broker);
  const sender = client.createSender('work');
  await sender.sendMessages({ body: 'locked' });
  await sender.scheduleMessages({ body: 'scheduled' }, new Date(clockMs + 600_000));
  const [message] = await receive(plainReceiver(client), 1);
  expect(message!.enqueuedTimeUtc).toEqual(new Date(clockMs));
  expect(message!.lockedUntilUtc).toEqual(new Date(clockMs + 300_000));
  clockMs += 299_999;
  await pause(60);
  expect(broker.counts()['work']).toMatchObject({ active: 1, scheduled: 1, deadLetter: 0 });
  clockMs += 300_001;
  await expect.poll(() => broker.counts()['work']).toMatchObject({ active: 1, scheduled: 0, deadLetter: 1 });
});
