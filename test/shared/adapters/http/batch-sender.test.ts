import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createBatchSender } from '../../../../shared/adapters/http/batch-sender.ts';
import type { HttpRequest, HttpResponse } from '../../../../shared/adapters/http/http-client.ts';
import { failure, type Result, success } from '../../../../shared/core/fault/fault.ts';
import { clock, identifiers } from '../../../contracts/record-stores.ts';

/** A sender whose requests are kept and answered by one given answer, or as it is told for each. */
function senderAnswered(answer: HttpResponse | ((request: HttpRequest) => Result<HttpResponse>)) {
  const sent: HttpRequest[] = [];
  const sender = createBatchSender({
    client: {
      send: (request) => {
        sent.push(request);
        return Promise.resolve(typeof answer === 'function' ? answer(request) : success(answer));
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
const UNKNOWN = { ok: false, fault: { code: 'TW103', class: 'unknown' } };
const PASSING = { ok: false, fault: { code: 'TW107', class: 'transient' } };
const OK: HttpResponse = { status: 200, headers: {}, text: '{}' };

function batchOf(...parts: string[]): HttpResponse {
  const text = parts.map((part) => `--r\r\nContent-Type: application/http\r\n\r\n${part}\r\n`).join('');
  return { status: 200, headers: { 'content-type': 'multipart/mixed; boundary=r' }, text: `${text}--r--\r\n` };
}

test('nothing to send is no call', async () => {
  const { sender, sent } = senderAnswered(OK);
  expect(await sender.send([], true)).toEqual([]);
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
  expect(await sender.send(pair, true)).toEqual([success(refused), success(refused)]);
});

test('each part tells its own wait, and an item without an answer has status 0', async () => {
  const { sender } = senderAnswered(batchOf('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\n\r\n'));
  expect(await sender.send(pair, true)).toMatchObject([
    { value: { status: 429, retryAfterMs: 3_000 } },
    { value: { status: 0 } },
  ]);
});

test('a success that is no batch leaves writes unknown and makes reads try again', async () => {
  const { sender } = senderAnswered({ status: 200, headers: { 'content-type': 'text/html' }, text: '<p>Sign in</p>' });
  expect(await sender.send(pair, true)).toMatchObject([UNKNOWN, UNKNOWN]);
  expect(await sender.send(pair, false)).toMatchObject([PASSING, PASSING]);
});

describe('a batch that is refused as a whole', () => {
  const addressesIn = ({ url, body = '' }: HttpRequest): string[] =>
    url.endsWith('$batch') ? [...body.matchAll(/^GET (\S+)/gm)].map(([, address]) => address ?? '') : [url];
  const many = (count: number) => Array.from({ length: count }, (_, index) => get(`http://127.0.0.1/${index}.`));
  const isOneOf = (culprits: readonly number[]) => (address: string) =>
    culprits.some((culprit) => address.endsWith(`/${culprit}.`));

  /** A server that refuses whatever holds a culprit. */
  function refusing(culprits: readonly number[], status = 400) {
    const refused = { status, headers: {}, text: 'no' };
    return senderAnswered((request) => {
      const addresses = addressesIn(request);
      if (addresses.some(isOneOf(culprits))) return success(refused);
      return success(request.url.endsWith('$batch') ? batchOf(...addresses.map(() => 'HTTP/1.1 200 OK\r\n\r\n')) : OK);
    });
  }
  const statuses = (answers: readonly Result<HttpResponse>[]) =>
    answers.map((answer) => (answer.ok ? answer.value.status : 0));

  it.each([400, 404, 405, 409, 413, 414, 431])('with %i is halved until the culprit stands alone', async (status) => {
    for (const culprit of [0, 41, 99]) {
      const { sender, sent } = refusing([culprit], status);
      const answers = statuses(await sender.send(many(100), true));
      expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => (index === culprit ? status : 200)));
      expect(sent.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(100)));
    }
  });

  it('finds up to three culprits wherever they are, each at two calls for a halving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 100 }).chain((count) => {
          const culprits = fc.uniqueArray(fc.nat(count - 1), { maxLength: 3 });
          return fc.tuple(fc.constant(count), culprits);
        }),
        async ([count, culprits]) => {
          const { sender, sent } = refusing(culprits);
          const answers = statuses(await sender.send(many(count), true));
          expect(answers).toEqual(answers.map((_, index) => (culprits.includes(index) ? 400 : 200)));
          expect(sent.length).toBeLessThanOrEqual(1 + 2 * culprits.length * Math.ceil(Math.log2(count)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is given up where nothing at all is taken, after calls that grow with the logarithm', async () => {
    const { sender, sent } = senderAnswered({ status: 400, headers: {}, text: 'no' });
    expect(statuses(await sender.send(many(100), true))).toEqual(many(100).map(() => 400));
    expect(sent.length).toBeLessThanOrEqual(2 + 3 * Math.ceil(Math.log2(100)));
  });

  it.each([401, 403, 408, 429, 500, 502, 503, 504])(
    'with %i is not sent again, as others fare no better',
    async (status) => {
      const { sender, sent } = refusing([1], status);
      expect(statuses(await sender.send(many(4), true))).toEqual([status, status, status, status]);
      expect(sent).toHaveLength(1);
    },
  );

  it('with 500 is halved only if nothing was to be written', async () => {
    const { sender, sent } = refusing([1], 500);
    expect(statuses(await sender.send(many(4), false))).toEqual([200, 500, 200, 200]);
    expect(sent).toHaveLength(5);
  });

  it('I9: is not sent again after a time-out, and what another half answered stands', async () => {
    const timeout = { code: 'TW103', class: 'unknown', message: 'No answer came in time.' } as const;
    const { sender, sent } = senderAnswered((request) => {
      const addresses = addressesIn(request);
      if (addresses.length === 4) return success({ status: 413, headers: {}, text: 'no' });
      if (addresses.some(isOneOf([3]))) return failure(timeout);
      return success(batchOf(...addresses.map(() => 'HTTP/1.1 200 OK\r\n\r\n')));
    });
    const answers = await sender.send(many(4), true, 7);
    expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: false, fault: timeout }, { ok: false }]);
    expect(sent).toHaveLength(3);
    expect(sent.every(({ notAfterMs }) => notAfterMs === 7)).toBe(true);
  });
});
