import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { AppFunction } from './registry.ts';

const schema = z.object({ master: z.string(), function: z.string(), durable: z.string() });

/** The host's keys: `master` opens everything, `function` the functions, `durable` the durable management API. */
export interface AccessKeys extends z.infer<typeof schema> {
  /** Whether the key in `x-functions-key` or `code=` is enough for the function's auth level. */
  admits(target: AppFunction, headers: IncomingHttpHeaders, query: URLSearchParams): boolean;
  /** Whether the key is the master key. */
  admitsAdmin(headers: IncomingHttpHeaders, query: URLSearchParams): boolean;
  /** Whether the key is enough for the durable management API. */
  admitsDurable(headers: IncomingHttpHeaders, query: URLSearchParams): boolean;
}

/**
 * The keys of a host, kept in a file so that they stay the same over restarts; without a file they are new each time.
 * Levels as in "Azure Functions HTTP trigger": anonymous needs none, function a function or master key, admin the
 * master key.
 */
export function openAccessKeys(path: string | null): AccessKeys {
  const keys = path !== null && existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, 'utf8'))) : newKeys();
  if (path !== null) {
    writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
  }
  return {
    ...keys,
    admits(target, headers, query) {
      const level = String(target.trigger['authLevel'] ?? 'function').toLowerCase();
      const allowed = level === 'admin' ? [keys.master] : [keys.master, keys.function];
      return level === 'anonymous' || allowed.some((key) => matches(key, headers, query));
    },
    admitsAdmin: (headers, query) => matches(keys.master, headers, query),
    admitsDurable: (headers, query) => [keys.master, keys.durable].some((key) => matches(key, headers, query)),
  };
}

function newKeys(): z.infer<typeof schema> {
  const key = (): string => randomBytes(32).toString('base64url');
  return { master: key(), function: key(), durable: key() };
}

function matches(key: string, headers: IncomingHttpHeaders, query: URLSearchParams): boolean {
  const given = headers['x-functions-key'] ?? query.get('code');
  if (typeof given !== 'string') {
    return false;
  }
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
