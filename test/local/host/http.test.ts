import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

const appDirectory = `${import.meta.dirname}/apps`;

describe('HTTP functions', () => {
  let host: Host;
  let base: string;
  const lines: string[] = [];

  beforeAll(async () => {
    const settings = { GREETING: 'good day', AzureFunctionsJobHost__extensions__http__routePrefix: '' };
    host = await startHost({ appDirectory, entry: 'web.ts', port: 0, settings, log: (line) => lines.push(line) });
    base = `http://127.0.0.1:${host.port}`;
  });
  afterAll(() => host.stop());

  test('route parameters, query, headers of several values and the body reach the handler, and its answer comes back', async () => {
    const response = await fetch(`${base}/HELLO/Ada/dr?a=1&b=x%20y&b=z`, {
      method: 'POST',
      body: '123',
      headers: [
        ['x-many', 'one'],
        ['x-many', 'two'],
      ],
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-name')).toBe('Ada');
    expect(response.headers.getSetCookie()).toEqual(['seen=yes%20it%20is; Max-Age=60; Path=/; HttpOnly; SameSite=Lax']);
    expect(await response.json()).toEqual({
      params: { name: 'Ada', title: 'dr' },
      method: 'POST',
      query: { a: '1', b: 'x y,z' },
      many: 'one, two',
      body: '123',
    });
  });

  test('an optional parameter may be missing, a failed constraint is not found', async () => {
    const found = await fetch(`${base}/hello/Ada`);
    expect(await found.json()).toMatchObject({ params: { name: 'Ada' } });
    expect((await fetch(`${base}/hello/Ada9`)).status).toBe(404);
  });

  test('the most specific route answers', async () => {
    const bodyOf = async (path: string) => (await fetch(base + path)).text();
    expect(await bodyOf('/things/special')).toBe('special');
    expect(await bodyOf('/things/12')).toBe('number 12');
    expect(await bodyOf('/things/twelve')).toBe('name twelve');
    expect(await bodyOf('/files/a/b%20c.txt')).toBe('file a/b c.txt');
    expect(await bodyOf('/files')).toBe('file ');
  });

  test('a wrong method or path is not found', async () => {
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
    expect((await fetch(`${base}/nowhere`)).status).toBe(404);
  });

  test('bytes pass unchanged in both directions', async () => {
    const body = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    const response = await fetch(`${base}/bytes`, { method: 'PUT', body });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body.toReversed());
  });

  test('a handler that returns nothing answers 204, one that throws 500 without a body', async () => {
    const nothing = await fetch(`${base}/nothing`, { method: 'POST' });
    expect([nothing.status, await nothing.text()]).toEqual([204, '']);
    const broken = await fetch(`${base}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, '']);
    expect(lines.join('\n')).toContain('broken on purpose');
  });

  test('settings are the environment of the app', async () => {
    expect(await (await fetch(`${base}/setting`)).text()).toBe('good day');
  });

  test('hooks run around a call and may replace handler and result', async () => {
    expect(await (await fetch(`${base}/hooked`)).text()).toBe('pre wrapped value start');
  });

  test('a function with an unknown trigger is left out and said so', () => {
    expect(lines.find((line) => line.includes('strange'))).toContain("'queueTrigger' is not offered");
  });

  test('without --auth no key is asked for', async () => {
    expect((await fetch(`${base}/guarded`)).status).toBe(200);
  });

  test('a taken port is said in one line', async () => {
    const second = startHost({ appDirectory, entry: 'web.ts', port: host.port, settings: {} });
    await expect(second).rejects.toThrow(`Port ${host.port} is already in use.`);
  });
});

test('with auth on, keys open what their level allows', async () => {
  const host = await startHost({ appDirectory, entry: 'web.ts', port: 0, settings: {}, auth: true });
  try {
    const { master, function: key, durable } = host.keys ?? { master: '', function: '', durable: '' };
    const status = async (path: string, given?: string) =>
      (
        await fetch(
          `http://127.0.0.1:${host.port}${path}`,
          given === undefined ? {} : { headers: { 'x-functions-key': given } },
        )
      ).status;
    expect(await status('/api/things/1')).toBe(200);
    expect(await status('/api/guarded')).toBe(401);
    expect(await status('/api/guarded', key)).toBe(200);
    expect(await status(`/api/guarded?code=${key}`)).toBe(200);
    expect(await status('/api/locked', key)).toBe(401);
    expect(await status('/api/locked', master)).toBe(200);
    expect(await status('/admin/functions/x', key)).toBe(401);
    expect(await status('/admin/functions/x', master)).toBe(404);
    expect(await status('/runtime/webhooks/durabletask/instances/x')).toBe(401);
    expect(await status('/runtime/webhooks/durabletask/instances/x', durable)).toBe(404);
  } finally {
    await host.stop();
  }
});

test('a call that takes longer than functionTimeout fails; a disabled function is not there', async () => {
  const lines: string[] = [];
  const settings = { AzureFunctionsJobHost__functionTimeout: '00:00:00.050', 'AzureWebJobs.special.Disabled': 'true' };
  const host = await startHost({ appDirectory, entry: 'web.ts', port: 0, settings, log: (line) => lines.push(line) });
  try {
    expect((await fetch(`http://127.0.0.1:${host.port}/api/endless`)).status).toBe(500);
    expect(lines.join('\n')).toContain("'endless' exceeded the functionTimeout of 50 ms");
    expect(await (await fetch(`http://127.0.0.1:${host.port}/api/things/special`)).text()).toBe('name special');
  } finally {
    await host.stop();
  }
});
