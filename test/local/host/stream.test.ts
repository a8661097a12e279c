import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

describe('an app that streams over HTTP', () => {
  let host: Host;
  let base: string;
  const lines: string[] = [];

  beforeAll(async () => {
    const appDirectory = `${import.meta.dirname}/apps`;
    host = await startHost({
      appDirectory,
      entry: 'stream.ts',
      port: 0,
      settings: {},
      log: (line) => lines.push(line),
    });
    base = `http://127.0.0.1:${host.port}/api`;
  });
  afterAll(() => host.stop());

  test('a large body passes through the function as a stream', async () => {
    const body = Buffer.alloc(3_000_000, 'abcdefg');
    const response = await fetch(`${base}/echo/Ada?q=1`, { method: 'POST', body });
    expect([response.status, response.headers.get('x-name'), response.headers.get('x-query')]).toEqual([
      202,
      'Ada',
      '1',
    ]);
    expect(response.headers.getSetCookie()).toEqual(['a=b']);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  test('parts of an answer arrive while the function still writes', async () => {
    const response = await fetch(`${base}/ticks`);
    const parts: string[] = [];
    for await (const chunk of response.body ?? []) {
      parts.push(Buffer.from(chunk).toString());
    }
    expect(parts.join('')).toBe('one two three');
    expect(parts.length).toBeGreaterThan(1);
  });

  test('a function that throws answers 500, one that returns nothing 204', async () => {
    expect((await fetch(`${base}/failing`, { method: 'POST', body: 'x' })).status).toBe(500);
    expect(lines.join('\n')).toContain('streaming function fails');
    expect((await fetch(`${base}/silent`, { method: 'POST', body: 'x' })).status).toBe(204);
  });
});
