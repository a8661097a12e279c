import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { isAuthentic } from '../../../functions/ingress/reject.ts';

const NEW = 'the-new-key-of-some-length';
const OLD = 'the-old-key-of-some-length';

function request(key: string | null, place: 'header' | 'query' = 'header'): HttpRequest {
  const url = new URL('https://app.example.com/api/ingress/finops');
  if (key !== null && place === 'query') url.searchParams.set('key', key);
  const headers: Record<string, string> = key !== null && place === 'header' ? { 'x-twinwrite-key': key } : {};
  return new HttpRequest({ method: 'POST', url: url.href, headers });
}

describe('whether a request is authentic', () => {
  it('S2: takes the new key and the one before it while senders change over, and the leaked one no longer afterwards', () => {
    for (const place of ['header', 'query'] as const) {
      expect(isAuthentic(request(NEW, place), [NEW, OLD])).toBe(true);
      expect(isAuthentic(request(OLD, place), [NEW, OLD])).toBe(true);
      expect(isAuthentic(request(OLD, place), [NEW])).toBe(false);
    }
  });

  it('S1: refuses what is missing, empty, longer, shorter, or both keys at once', () => {
    for (const key of [null, '', `${NEW} x`, NEW.slice(1), `${NEW},${OLD}`, NEW.toUpperCase()]) {
      expect(isAuthentic(request(key), [NEW, OLD])).toBe(false);
    }
  });
});
