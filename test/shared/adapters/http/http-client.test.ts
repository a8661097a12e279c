import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTokenSource } from '../../../../shared/adapters/http/bearer-token.ts';
import { createClientCredential } from '../../../../shared/adapters/http/client-credentials.ts';
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from '../../../../shared/adapters/http/http-client.ts';
import { retryAfterMs } from '../../../../shared/adapters/http/retry-after.ts';
import { success } from '../../../../shared/core/fault/fault.ts';
import { identifiers } from '../../../contracts/record-stores.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let nowMs = Date.UTC(2026, 0, 1);
const clock = { nowMs: () => nowMs };

function client(options: Partial<HttpClientOptions> = {}) {
  const limits = { timeoutMs: 5_000, responseLimitBytes: 1_000 };
  let own: HttpClient | undefined;
  const at = (url: string): HttpClient => {
    own ??= createHttpClient({
      origin: URL.parse(url)?.origin ?? '',
      token: null,
      clock,
      identifiers,
      ...limits,
      ...options,
    });
    return own;
  };
  return { send: (request: HttpRequest) => at(request.url).send(request), counts: () => own?.counts() ?? {} };
}

describe('an HTTP client', () => {
  test('names every request, keeps no cookies and counts by method', async () => {
    const seen: Record<string, unknown>[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers);
      response.setHeader('set-cookie', 'ARRAffinity=1').end('yes');
    });
    const own = client();
    for (const method of ['GET', 'GET', 'POST'] as const) {
      expect(await own.send({ method, url, writes: false })).toMatchObject({ ok: true, value: { text: 'yes' } });
    }
    expect(own.counts()).toEqual({ GET: 2, POST: 1 });
    expect(new Set(seen.map((headers) => headers['x-ms-client-request-id'])).size).toBe(3);
    expect(seen.every((headers) => headers['cookie'] === undefined)).toBe(true);
  });

  test.each([
    ['another host', 'http://localhost:1/data'],
    ['another port', 'http://127.0.0.1:1/data'],
    ['a host before which ours stands as a user', 'http://127.0.0.1:8080@127.0.0.2/data'],
    ['no address', 'data/Customers'],
  ])('S7: %s is not called, and gets no token', async (_, url) => {
    const current = vi.fn(async () => success('token'));
    const token = { current, renewed: current };
    const own = client({ origin: 'http://127.0.0.1:8080', token });
    const answer = await own.send({ method: 'GET', url, writes: false });
    expect(answer).toMatchObject({ ok: false, fault: { code: 'TW107', class: 'configuration' } });
    expect(current).not.toHaveBeenCalled();
  });

  test('S7: a redirect is an answer, so that no token is carried to another host', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect(await client().send({ method: 'GET', url, writes: false })).toMatchObject({ value: { status: 302 } });
  });

  test('a refused connection is passing even for a write: nothing was sent', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    const answer = await client().send({ method: 'POST', url, body: '{}', writes: true });
    expect(answer).toMatchObject({
      ok: false,
      fault: { class: 'transient', detail: expect.stringContaining('ECONNREFUSED') },
    });
  });

  test.each([
    ['no answer in time', (() => undefined) as RequestListener],
    ['a broken connection', ((_, response) => response.destroy()) as RequestListener],
    [
      'half an answer',
      ((_, response) => response.writeHead(200, { 'content-length': 10 }).write('12')) as RequestListener,
    ],
  ])('%s leaves a write unknown and makes a read try again', async (_, listener) => {
    const url = await serve(listener);
    const own = client({ timeoutMs: 60 });
    const write = await own.send({ method: 'PATCH', url, body: '{}', writes: true });
    expect(write).toMatchObject({ ok: false, fault: { class: 'unknown', code: 'TW103' } });
    const read = await own.send({ method: 'GET', url, writes: false });
    expect(read).toMatchObject({ ok: false, fault: { class: 'transient', code: 'TW102' } });
  });

  test('R7: nothing is begun once its time is over', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.end();
    });
    const request = { method: 'POST', url, writes: true } as const;
    expect(await client().send({ ...request, notAfterMs: nowMs - 1 })).toMatchObject({
      ok: false,
      fault: { code: 'TW102', class: 'transient' },
    });
    expect(asked).toBe(0);
    expect(await client().send({ ...request, notAfterMs: nowMs })).toMatchObject({ ok: true });
  });

  test('an answer beyond the limit is not taken in', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(1_001)));
    expect(await client().send({ method: 'GET', url, writes: false })).toMatchObject({ fault: { code: 'TW107' } });
    expect(await client().send({ method: 'POST', url, writes: true })).toMatchObject({ fault: { class: 'unknown' } });
  });

  test('a wait is told in milliseconds, given as seconds or as a date', async () => {
    const url = await serve((_, response) => response.writeHead(429, { 'retry-after': '12' }).end());
    const answer = await client().send({ method: 'GET', url, writes: false });
    expect(answer).toMatchObject({ value: { status: 429, retryAfterMs: 12_000 } });
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', nowMs)).toBe(5_000);
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', nowMs)).toBe(0);
    for (const unreadable of [undefined, '', 'soon', '-5', '1.5', 'Thu, 99 Foo 2026']) {
      expect(retryAfterMs(unreadable, nowMs), unreadable).toBeUndefined();
    }
  });

  test.each(['900', '86400', '9'.repeat(400), 'Fri, 01 Jan 2100 00:00:00 GMT'])(
    'I6: whoever asks for a wait of %s is asked again after a quarter of an hour',
    (header) => expect(retryAfterMs(header, nowMs)).toBe(900_000),
  );
});

describe('bearer tokens of a plain endpoint', () => {
  async function tokenServer(answer: (form: URLSearchParams, asked: number) => { status: number; body: object }) {
    let asked = 0;
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        asked += 1;
        const { status, body: json } = answer(new URLSearchParams(body), asked);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      });
    });
    const credential = createClientCredential({
      tokenUrl: `${url}/token`,
      clientId: 'app',
      clientSecret: 'secret',
      clock,
      timeoutMs: 1_000,
    });
    return { token: createTokenSource(credential, 'https://org/.default', clock), asked: () => asked };
  }
  const hour = (asked: number) => ({ status: 200, body: { access_token: `t${asked}`, expires_in: 3600 } });

  test('one token serves until five minutes before its end, and callers at once share the asking', async () => {
    const { token, asked } = await tokenServer((form, count) => {
      expect(Object.fromEntries(form)).toEqual({
        grant_type: 'client_credentials',
        client_id: 'app',
        client_secret: 'secret',
        scope: 'https://org/.default',
      });
      return hour(count);
    });
    expect(await Promise.all([token.current(), token.current()])).toEqual([
      { ok: true, value: 't1' },
      { ok: true, value: 't1' },
    ]);
    nowMs += 3_299_000;
    expect(await token.current()).toEqual({ ok: true, value: 't1' });
    nowMs += 2_000;
    expect(await token.current()).toEqual({ ok: true, value: 't2' });
    expect(asked()).toBe(2);
  });

  test('a 401 is answered with one new token and one more attempt, a second 401 stands', async () => {
    const { token, asked } = await tokenServer((_, count) => hour(count));
    const seen: (string | undefined)[] = [];
    let accepted = 't2';
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(request.headers.authorization === `Bearer ${accepted}` ? 200 : 401).end();
    });
    const own = client({ token });
    const patch = { method: 'PATCH', url, body: '{}', writes: true } as const;
    expect(await own.send(patch)).toMatchObject({ value: { status: 200 } });
    expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
    expect(own.counts()).toEqual({ PATCH: 2 });
    accepted = 'none';
    expect(await own.send(patch)).toMatchObject({ value: { status: 401 } });
    expect(asked()).toBe(3);
  });

  test('a refused secret stops with an authorisation fault, a failing endpoint is tried again', async () => {
    const refused = await tokenServer(() => ({ status: 401, body: { error: 'invalid_client' } }));
    expect(await refused.token.current()).toMatchObject({
      fault: { code: 'TW104', class: 'unauthorised', detail: expect.stringContaining('invalid_client') },
    });
    const failing = await tokenServer(() => ({ status: 503, body: {} }));
    expect(await failing.token.current()).toMatchObject({ fault: { code: 'TW102', class: 'transient' } });
  });
});
