import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessKeys } from './access-keys.ts';
import { answer } from './http-answer.ts';
import type { TimerListener } from './timer-trigger.ts';

/**
 * Answers the host's administration API: `GET /admin/host/status`, and `POST /admin/functions/<name>` runs a timer
 * function now ("Manually run a non HTTP-triggered function"). With keys in force the master key is asked for. Of our
 * own is `GET /admin/host/counts`: operations since the start, for measuring.
 */
export function serveAdmin(
  options: {
    readonly timers: ReadonlyMap<string, TimerListener>;
    readonly keys: AccessKeys | null;
    readonly counts: () => unknown;
  },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'GET' && url.pathname === '/admin/host/status') {
    answer(response, 200, JSON.stringify({ state: 'Running' }));
    return;
  }
  if (options.keys !== null && !options.keys.admitsAdmin(request.headers, url.searchParams)) {
    answer(response, 401);
    return;
  }
  if (request.method === 'GET' && url.pathname === '/admin/host/counts') {
    answer(response, 200, JSON.stringify(options.counts()));
    return;
  }
  const name = /^\/admin\/functions\/([^/]+)$/.exec(url.pathname)?.[1];
  const timer = name === undefined ? undefined : options.timers.get(decodeURIComponent(name));
  if (request.method !== 'POST' || timer === undefined) {
    answer(response, 404);
    return;
  }
  void timer.fire();
  answer(response, 202);
}
