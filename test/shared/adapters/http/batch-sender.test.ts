import { expect, test } from 'vitest';
import { createBatchSender } from '../../../../shared/adapters/http/batch-sender.ts';
import type { HttpRequest, HttpResponse } from '../../../../shared/adapters/http/http-client.ts';
import { success } from '../../../../shared/core/fault/fault.ts';
import { clock, identifiers } from '../../../contracts/record-stores.ts';

/** A sender whose requests are kept and answered by one given answer. */
function senderAnswered(answer: HttpResponse) {
  const sent: HttpRequest[] = [];
  const sender = createBatchSender({
    client: {
      send: (request) => {
        sent.push(request);
        return Promise.resolve(success(answer));
      },
      counts: () => ({}),
    },
    clock,
    identifiers,
    batchUrl: 'http://127.0.0.1/$batch',
    headers: { 'odata-version': '4.0' },
    batchHeaders: { prefer: 'odata.continue-on-error' },
  });
  return { sender, sent };
}

const get = (url: string) => ({ method: 'GET', url, headers: { accept: 'application/json' } });
const pair = [get('http://127.0.0.1/a'), get('http://127.0.0.1/b')];
const OK: HttpResponse = { status: 200, headers: {}, text: '{}' };

function batchOf(...parts: string[]): HttpResponse {
  const text = parts.map((part) => `--r\r\nContent-Type: application/http\r\n\r\n${part}\r\n`).join('');
  return { status: 200, headers: { 'content-type': 'multipart/mixed; boundary=r' }, text: `${text}--r--\r\n` };
}

test('nothing to send is no call', async () => {
  const { sender, sent } = senderAnswered(OK);
  expect(await sender.send([], true)).toEqual({ ok: true, value: [] });
  expect(sent).toEqual([]);
});

test('a lone request goes as it is, unless its address is too long for the first line of a request', async () => {
  const { sender, sent } = senderAnswered(OK);
  await sender.send([get('http://127.0.0.1/a')], false);
  expect(sent).toMatchObject([{ method: 'GET', url: 'http://127.0.0.1/a', headers: { 'odata-version': '4.0' } }]);
  await sender.send([get(`http://127.0.0.1/a?${'x'.repeat(8_000)}`)], false);
  expect(sent[1]).toMatchObject({ method: 'POST', url: 'http://127.0.0.1/$batch' });
});

test('a refused batch is the answer to every item', async () => {
  const refused: HttpResponse = { status: 429, headers: {}, text: 'busy', retryAfterMs: 4_000 };
  const { sender } = senderAnswered(refused);
  expect(await sender.send(pair, true)).toEqual({ ok: true, value: [refused, refused] });
});

test('each part tells its own wait, and an item without an answer has status 0', async () => {
  const { sender } = senderAnswered(batchOf('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\n\r\n'));
  expect(await sender.send(pair, true)).toMatchObject({
    ok: true,
    value: [{ status: 429, retryAfterMs: 3_000 }, { status: 0 }],
  });
});

test('a success that is no batch leaves writes unknown and makes reads try again', async () => {
  const { sender } = senderAnswered({ status: 200, headers: { 'content-type': 'text/html' }, text: '<p>Sign in</p>' });
  expect(await sender.send(pair, true)).toMatchObject({ ok: false, fault: { code: 'TW103', class: 'unknown' } });
  expect(await sender.send(pair, false)).toMatchObject({ ok: false, fault: { code: 'TW107', class: 'transient' } });
});
