import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { Clock, Identifiers } from '../../ports/clock.ts';
import type { TokenSource } from './bearer-token.ts';
import { readLimited } from './read-limited.ts';
import { retryAfterMs } from './retry-after.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Whether the request may have changed something when no answer comes: its fault is then `unknown`. */
  writes: boolean;
  /** Milliseconds since 1970 after which it is not begun any more: the answer is then `transient`. */
  notAfterMs?: number;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** What `Retry-After` asks for, where it does. */
  retryAfterMs?: number;
}

export interface HttpClient {
  /**
   * Sends one request. Every status is an answer; faults are: `transient` (never reached the server, or a read without
   * answer), `unknown` (a write without answer), `unauthorised` (no token to be had), `configuration` (an address
   * elsewhere than `origin`; nothing was sent).
   */
  send(request: HttpRequest): Promise<Result<HttpResponse>>;
  /** Requests sent so far by method, a request repeated with a new token counted twice. */
  counts(): Readonly<Record<string, number>>;
}

export interface HttpClientOptions {
  /** Where requests may go, as in `https://contoso.operations.dynamics.com`; whatever an answer names, the token goes nowhere else. */
  origin: string;
  /** Null for a server that asks for no token. */
  token: TokenSource | null;
  clock: Clock;
  identifiers: Identifiers;
  /** Milliseconds from sending to the last byte of the answer. */
  timeoutMs: number;
  /** Bytes of an answer beyond which it is not read on. */
  responseLimitBytes: number;
}

/**
 * An HTTP client over `fetch`: it keeps no cookies, so that Dataverse spreads the load over its web servers ("Service
 * protection API limits"), follows no redirects, and names every request in `x-ms-client-request-id`.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const counts: Record<string, number> = {};
  const once = (request: HttpRequest, token: string | null): Promise<Result<HttpResponse>> => {
    counts[request.method] = (counts[request.method] ?? 0) + 1;
    return sendOnce(options, request, token);
  };
  return {
    counts: () => ({ ...counts }),
    async send(request) {
      if (URL.parse(request.url)?.origin !== options.origin) return failure(elsewhere(request, options.origin));
      if (options.token === null) return once(request, null);
      const first = await options.token.current();
      if (!first.ok) return first;
      const answer = await once(request, first.value);
      if (!answer.ok || answer.value.status !== 401) return answer;
      // A 401 is given before anything is carried out, so even a write may be repeated.
      const second = await options.token.renewed(first.value);
      return second.ok ? once(request, second.value) : second;
    },
  };
}

async function sendOnce(
  options: HttpClientOptions,
  request: HttpRequest,
  token: string | null,
): Promise<Result<HttpResponse>> {
  if (options.clock.nowMs() > (request.notAfterMs ?? Number.POSITIVE_INFINITY)) return failure(tooLate(request));
  const requestId = options.identifiers.guid();
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: {
        ...request.headers,
        'x-ms-client-request-id': requestId,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: request.body ?? null,
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const text = await readLimited(response.body, options.responseLimitBytes);
    if (text === null) return failure(tooLarge(request, requestId, options.responseLimitBytes));
    const headers = Object.fromEntries(response.headers);
    const waitMs = retryAfterMs(headers['retry-after'], options.clock.nowMs());
    return success({
      status: response.status,
      headers,
      text,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    });
  } catch (error) {
    return failure(unanswered(request, requestId, error));
  }
}

function elsewhere(request: HttpRequest, origin: string): Fault {
  const message = `An address elsewhere than at ${origin} was to be called. Nothing was sent; look who named it.`;
  return { code: 'TW107', class: 'configuration', message, detail: `${request.method} ${pathOf(request.url)}` };
}

/** Errors before the connection stood: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function unanswered(request: HttpRequest, requestId: string, error: unknown): Fault {
  const reason = reasonOf(error);
  const what = `${request.method} ${pathOf(request.url)} got no answer (${reason}).`;
  const detail = `${reason}; request ${requestId}`;
  if (NEVER_SENT.has(reason) || !request.writes) {
    return { code: 'TW102', class: 'transient', message: `${what} It is tried again.`, detail };
  }
  return {
    code: 'TW103',
    class: 'unknown',
    message: `${what} It may have been carried out, so the row is read before anything else is written to it.`,
    detail,
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // A host with several addresses gives one error per address.
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(first instanceof Error)) return String(first);
  return 'code' in first && typeof first.code === 'string' ? first.code : first.name;
}

function tooLate(request: HttpRequest): Fault {
  const message = `${request.method} ${pathOf(request.url)} was not sent: too little time was left for it. It is planned again.`;
  return { code: 'TW102', class: 'transient', message };
}

function tooLarge(request: HttpRequest, requestId: string, limitBytes: number): Fault {
  const message = `The answer to ${request.method} ${pathOf(request.url)} has more than ${limitBytes} bytes.`;
  const detail = `request ${requestId}`;
  return request.writes
    ? { code: 'TW103', class: 'unknown', message, detail }
    : { code: 'TW107', class: 'transient', message, detail };
}

/** Without the query: filters hold key values. */
function pathOf(url: string): string {
  return url.split('?')[0] ?? url;
}
