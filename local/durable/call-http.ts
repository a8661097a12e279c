import type { HttpCall } from './history.ts';

const TIMEOUT_MS = 100_000;

/**
 * Carries out one request of `callHttp` and returns the JSON of the SDK's `DurableHttpResponse`. Throws when no
 * answer comes at all; every status is an answer.
 */
export async function callHttp(request: HttpCall): Promise<string> {
  const response = await fetch(request.uri, {
    method: request.method,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(request.content === undefined ? {} : { body: request.content }),
  });
  return JSON.stringify({
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    content: await response.text(),
  });
}
