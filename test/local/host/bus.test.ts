import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../../local/broker/broker.ts';
import { type Host, startHost } from '../../../local/host/host.ts';

interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly metadata: Record<string, unknown> | null;
  readonly at: number;
}

describe('Service Bus and timer functions', () => {
  let broker: Broker;
  let host: Host;
  let client: ServiceBusClient;

  beforeAll(async () => {
    const queuesFile = {
      queues: [{ name: 'ones' }, { name: 'many' }, { name: 'sessions', requiresSession: true }],
    };
    broker = await startBroker({ port: 0, queuesFile });
    client = new ServiceBusClient(broker.connectionString);
    host = await startHost({
      appDirectory: `${import.meta.dirname}/apps`,
      entry: 'bus.ts',
      port: 0,
      settings: {
        Bus: broker.connectionString,
        OneQueue: 'ones',
        AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '40',
        AzureFunctionsJobHost__extensions__serviceBus__sessionIdleTimeout: '00:00:00.100',
      },
    });
  });
  afterAll(async () => {
    await host.stop();
    await client.close();
    await broker.stop();
  });

  const calls = async (name: string): Promise<Call[]> => {
    const all = (await (await fetch(`http://127.0.0.1:${host.port}/api/calls`)).json()) as Call[];
    return all.filter((call) => call.name === name);
  };
  const waitFor = async (name: string, done: (found: Call[]) => boolean): Promise<Call[]> => {
    for (;;) {
      const found = await calls(name);
      if (done(found)) {
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  test('a message reaches its function with its metadata and is completed', async () => {
    await client.createSender('ones').sendMessages({
      body: { a: 1 },
      messageId: 'm-1',
      subject: 'news',
      applicationProperties: { Kind: 'test' },
    });
    const [call] = await waitFor('one', (found) => found.length === 1);
    expect(call?.input).toEqual({ a: 1 });
    expect(call?.metadata).toMatchObject({
      messageId: 'm-1',
      subject: 'news',
      label: 'news',
      deliveryCount: 1,
      sequenceNumber: 1,
      applicationProperties: { kind: 'test' },
      enqueuedTimeUtc: expect.stringMatching(/^20.*Z$/),
    });
    await host.idle();
    expect(broker.counts()['ones']?.active).toBe(0);
  });

  test.each(['ones', 'many'])('a single message in %s reaches its function well within 50 ms', async (queue) => {
    const name = queue === 'ones' ? 'one' : 'many';
    const sender = client.createSender(queue);
    const delays: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const before = (await calls(name)).length;
      const sentAt = Date.now();
      await sender.sendMessages({ body: { round } });
      const found = await waitFor(name, (all) => all.length > before);
      delays.push((found.at(-1)?.at ?? Number.POSITIVE_INFINITY) - sentAt);
    }
    // Other tests share the machine, so the quickest tells.
    expect(Math.min(...delays)).toBeLessThan(50);
  });

  test('a message whose function throws comes again', async () => {
    await client.createSender('ones').sendMessages({ body: 'poor' });
    const found = await waitFor('one', (all) => all.filter(({ input }) => input === 'poor').length === 2);
    expect(found.at(-1)?.metadata).toMatchObject({ deliveryCount: 2 });
    await host.idle();
    expect(broker.counts()['ones']?.active).toBe(0);
  });

  test('batches come one at a time, no larger than allowed, with arrays in step with the messages', async () => {
    const sender = client.createSender('many');
    const bodies = Array.from({ length: 100 }, (_, index) => ({ n: index }));
    const messages = bodies.map((body, index) => ({
      body,
      messageId: `id-${index}`,
      ...(index % 2 ? { subject: 's' } : {}),
    }));
    const sizeOf = ({ input }: Call) => (input as { messages: unknown[] }).messages.length;
    const before = (await calls('many')).length;
    await sender.sendMessages(messages);
    const found = (
      await waitFor('many', (all) => all.slice(before).reduce((sum, call) => sum + sizeOf(call), 0) >= 100)
    ).slice(before);
    expect(found.flatMap(({ input }) => (input as { messages: unknown[] }).messages)).toEqual(bodies);
    expect(Math.max(...found.map(sizeOf))).toBeLessThanOrEqual(40);
    expect(found.length).toBeLessThan(8);
    expect(found.map(({ input }) => (input as { running: number }).running)).toEqual(found.map(() => 1));
    const metadata = found[0]?.metadata ?? {};
    const size = sizeOf(found[0] as Call);
    expect(metadata['messageIdArray']).toEqual(Array.from({ length: size }, (_, index) => `id-${index}`));
    expect(metadata['subjectArray']).toEqual(Array.from({ length: size }, (_, index) => (index % 2 ? 's' : '')));
    expect(metadata['deliveryCountArray']).toEqual(Array.from({ length: size }, () => 1));
    expect((metadata['sequenceNumberArray'] as unknown[])[0]).toEqual({ low: 9, high: 0, unsigned: false });
    await host.idle();
    expect(broker.counts()['many']?.active).toBe(0);
  });

  test('a failed batch comes again as a whole', async () => {
    const before = (await calls('many')).length;
    await client.createSender('many').sendMessages([{ body: 'good' }, { body: 'bad' }]);
    const found = (await waitFor('many', (all) => all.length >= before + 2)).slice(before);
    const seen = found.flatMap(({ input }) => (input as { messages: unknown[] }).messages);
    expect(seen.toSorted()).toEqual(['bad', 'bad', 'good', 'good']);
    await host.idle();
    expect(broker.counts()['many']?.active).toBe(0);
  });

  test('sessions are worked through in order, each message once', async () => {
    const sender = client.createSender('sessions');
    const messages = Array.from({ length: 60 }, (_, index) => ({ body: index, sessionId: `s${index % 12}` }));
    await sender.sendMessages(messages);
    const found = await waitFor('session', (all) => all.length >= 60);
    for (const session of new Set(messages.map(({ sessionId }) => sessionId))) {
      const own = found.filter(({ metadata }) => (metadata as unknown) === session).map(({ input }) => input);
      expect(own).toEqual(messages.filter(({ sessionId }) => sessionId === session).map(({ body }) => body));
    }
  });

  test('an output binding sends one message per element', async () => {
    const before = (await calls('one')).length;
    const send = (body: unknown) =>
      fetch(`http://127.0.0.1:${host.port}/api/send`, { method: 'POST', body: JSON.stringify(body) });
    expect((await send([{ x: 1 }, 'two'])).status).toBe(202);
    expect((await send('single')).status).toBe(202);
    const found = await waitFor('one', (all) => all.length === before + 3);
    expect(found.slice(before).map(({ input }) => input)).toEqual([{ x: 1 }, 'two', 'single']);
  });

  test('a timer runs by its schedule, one with runOnStartup at once and again by its retry policy', async () => {
    const [tick] = await waitFor('everySecond', (all) => all.length > 0);
    expect(tick?.input).toMatchObject({ ticks: 1, isPastDue: false, next: expect.stringContaining('T') });
    const admin = `http://127.0.0.1:${host.port}/admin/functions`;
    expect((await fetch(`${admin}/nowhere`, { method: 'POST' })).status).toBe(404);
    const tries = await waitFor('atStart', (all) => all.length === 3);
    expect(tries.map(({ input }) => input)).toEqual([
      { tries: 1, retryCount: 0 },
      { tries: 2, retryCount: 1 },
      { tries: 3, retryCount: 2 },
    ]);
    expect((await fetch(`${admin}/atStart`, { method: 'POST', body: '{}' })).status).toBe(202);
    await waitFor('atStart', (all) => all.length === 4);
  });
});

test('a stopping host finishes the messages it has taken and leaves the others to the next', async () => {
  const broker = await startBroker({
    port: 0,
    queuesFile: { queues: [{ name: 'ones' }, { name: 'many' }, { name: 'sessions', requiresSession: true }] },
  });
  const client = new ServiceBusClient(broker.connectionString);
  const start = () =>
    startHost({
      appDirectory: `${import.meta.dirname}/apps`,
      entry: 'bus.ts',
      port: 0,
      settings: {
        Bus: broker.connectionString,
        OneQueue: 'ones',
        AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '5',
      },
    });
  const first = await start();
  const bodies = Array.from({ length: 60 }, (_, index) => `drain ${index}`);
  await client.createSender('many').sendMessages(bodies.map((body) => ({ body })));
  while ((first.counts().invocations['many'] ?? 0) < 3) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await first.stop();
  expect(broker.counts()['many']?.active).toBeGreaterThan(0);
  const second = await start();
  const all = async () => {
    const calls = (await (await fetch(`http://127.0.0.1:${second.port}/api/calls`)).json()) as Call[];
    return calls.flatMap(({ name, input }) => (name === 'many' ? (input as { messages: unknown[] }).messages : []));
  };
  while (broker.counts()['many']?.active !== 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seen = (await all()).filter((body) => String(body).startsWith('drain'));
  expect(seen.toSorted()).toEqual(bodies.toSorted());
  await second.stop();
  await client.close();
  await broker.stop();
});

test('a missing connection setting is named at the start', async () => {
  const started = startHost({
    appDirectory: `${import.meta.dirname}/apps`,
    entry: 'bus.ts',
    port: 0,
    settings: { OneQueue: 'ones' },
  });
  await expect(started).rejects.toThrow("The setting 'Bus' with the Service Bus connection string is missing.");
});
