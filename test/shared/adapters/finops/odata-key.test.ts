import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keySegment, recIdOfEtag } from '../../../../shared/adapters/finops/odata-key.ts';

const etag = (pairs: string) => `W/"${Buffer.from(pairs).toString('base64')}"`;

test.each([
  ["'1,68719482833'", '68719482833'],
  ["'346565290,68719482833'", '68719482833'],
  ["'0,5637153602;0,5637153775'", '5637153602'],
  ["'0,5637171528;0,0;0,0;0,0'", '5637171528'],
])('the etag of %s names the root record', (pairs, recId) => {
  expect(recIdOfEtag(etag(pairs))).toBe(recId);
});

test('an etag of another form names no record', () => {
  for (const other of ['', '*', 'W/""', 'W/"abc"', etag('0,0'), etag("'x,1'"), '"12"']) {
    expect(recIdOfEtag(other)).toBeNull();
  }
});

test('a key with any text survives the two decodings of the server', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const predicate = `Name='${value.replaceAll("'", "''")}'`;
      const once = decodeURIComponent(keySegment(predicate));
      expect(once).not.toMatch(/[/\\+]/);
      const twice = once.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
      expect(twice).toBe(`(${predicate})`);
    }),
  );
});
