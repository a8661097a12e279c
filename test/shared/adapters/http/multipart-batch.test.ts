import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BatchItem,
  type BatchRequest,
  batchAnswers,
  batchContentType,
  parseBatch,
  writeBatch,
} from '../../../../shared/adapters/http/multipart-batch.ts';

const request: fc.Arbitrary<BatchRequest> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
    url: fc.webPath().map((path) => `http://127.0.0.1/data${path}`),
    headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[!-~]{1,12}$/), { maxKeys: 3 }),
    body: fc.option(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      { nil: undefined },
    ),
  })
  .map(({ body, ...rest }) => (body === undefined ? rest : { ...rest, body }));

const item: fc.Arbitrary<BatchItem> = fc.oneof(
  request,
  fc.array(request, { minLength: 1, maxLength: 4 }).map((changeset) => ({ changeset })),
);

test('what the writer writes, the parser reads back: lines, headers, bodies and change sets', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), (items) => {
      const boundary = 'batch_4b0c1d';
      const parsed = parseBatch(batchContentType(boundary), writeBatch(items, boundary));
      let contentId = 0;
      const part = (sent: BatchRequest) => {
        contentId += 1;
        return {
          startLine: `${sent.method} ${sent.url} HTTP/1.1`,
          headers: {
            ...sent.headers,
            ...(sent.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
          },
          body: sent.body ?? '',
          contentId: String(contentId),
        };
      };
      expect(parsed).toEqual(
        items.map((sent) => ('changeset' in sent ? { changeset: sent.changeset.map(part) } : part(sent))),
      );
    }),
    { numRuns: 200 },
  );
});

test('a body that is cut off anywhere before its end is not taken for a shorter batch', () => {
  const text = writeBatch(
    [
      { method: 'POST', url: '/a', body: '{"a":1}' },
      { method: 'GET', url: '/b' },
    ],
    'batch_1',
  );
  const closing = text.lastIndexOf('--');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: closing - 1 }), (length) => {
      expect(parseBatch(batchContentType('batch_1'), text.slice(0, length))).toBeNull();
    }),
  );
});

test('answers are read from plain parts, change sets and a quoted boundary', () => {
  const text = [
    '--resp',
    'Content-Type: multipart/mixed; boundary=set1',
    '',
    '--set1',
    'Content-Type: application/http',
    'Content-ID: 1',
    '',
    'HTTP/1.1 204 No Content',
    'OData-Version: 4.0',
    '',
    '',
    '--set1--',
    '--resp',
    'Content-Type: application/http',
    '',
    'HTTP/1.1 412 Precondition Failed',
    'Content-Type: application/json',
    '',
    '{"error":{"code":"0x80060882","message":"changed"}}',
    '--resp--',
    '',
  ].join('\r\n');
  const items = parseBatch('multipart/mixed; boundary="resp"', text);
  expect(batchAnswers(items ?? [])).toEqual([
    { status: 204, headers: { 'odata-version': '4.0' }, text: '' },
    {
      status: 412,
      headers: { 'content-type': 'application/json' },
      text: '{"error":{"code":"0x80060882","message":"changed"}}',
    },
  ]);
});
