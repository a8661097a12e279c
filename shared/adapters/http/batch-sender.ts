import { failure, type Result, success } from '../../core/fault/fault.ts';
import type { Clock, Identifiers } from '../../ports/clock.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.ts';
import {
  type BatchAnswer,
  type BatchItem,
  type BatchRequest,
  batchAnswers,
  batchContentType,
  parseBatch,
  writeBatch,
} from './multipart-batch.ts';
import { retryAfterMs } from './retry-after.ts';

export interface BatchSenderOptions {
  client: HttpClient;
  clock: Clock;
  identifiers: Identifiers;
  /** Absolute address of the service's `$batch`. */
  batchUrl: string;
  /** Sent with plain requests and with batches. */
  headers: Readonly<Record<string, string>>;
  /** Sent with batches only. */
  batchHeaders: Readonly<Record<string, string>>;
}

/** Requests in few calls. */
export interface BatchSender {
  /**
   * Sends each item, a lone one as a plain request and several as one `$batch`, and gives one answer per item; an item
   * that an answer leaves out has status 0. A batch that is refused as a whole, and so was not carried out, is halved
   * until the item that is to blame stands alone: the others are answered as if it had not been among them. That takes
   * two calls for each halving; where nothing at all is taken, it is given up after a number of calls that grows with
   * the logarithm of the items. A batch whose outcome is unknown is not sent again here. Nothing is begun after
   * `notAfterMs`. Faults: as for `HttpClient.send`, and an answer that cannot be read.
   */
  send(items: readonly BatchItem[], writes: boolean, notAfterMs?: number): Promise<Result<HttpResponse>[]>;
}

/** A longer URL is sent inside a batch: servers and gateways cut the first line of a request at 8 to 16 KB. */
const URL_LIMIT = 8_000;

/** One use of the sender. */
interface Sending {
  options: BatchSenderOptions;
  writes: boolean;
  notAfterMs: number | undefined;
  /** Calls refused one after the other: a culprit at the bottom costs one for each halving; three are always found. */
  refusedInARow: number;
  refusedInARowMax: number;
}

export function createBatchSender(options: BatchSenderOptions): BatchSender {
  return {
    async send(items, writes, notAfterMs) {
      const refusedInARowMax = 3 * Math.ceil(Math.log2(Math.max(1, items.length))) + 2;
      return sendItems({ options, writes, notAfterMs, refusedInARow: 0, refusedInARowMax }, items, null);
    },
  };
}

/** The end of the time in which a call of these writes may begin. */
export function latestStart(writes: readonly { notAfterMs?: number }[]): number {
  return Math.min(...writes.map(({ notAfterMs }) => notAfterMs ?? Number.POSITIVE_INFINITY));
}

/** All answers, or the first fault among them. */
export function allAnswers(answers: readonly Result<HttpResponse>[]): Result<HttpResponse[]> {
  const values: HttpResponse[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    values.push(answer.value);
  }
  return success(values);
}

async function sendItems(
  sending: Sending,
  items: readonly BatchItem[],
  enclosing: HttpResponse | null,
): Promise<Result<HttpResponse>[]> {
  const [first] = items;
  if (first === undefined) return [];
  if (enclosing !== null && sending.refusedInARow >= sending.refusedInARowMax)
    return items.map(() => success(enclosing));
  const lone = items.length === 1 ? loneRequest(first) : null;
  const answer = lone === null ? await sendBatch(sending, items) : await sendLone(sending, lone);
  if (!answer.ok) return items.map(() => answer);
  if ('parts' in answer.value) {
    sending.refusedInARow = 0;
    return answer.value.parts.map(success);
  }
  const { whole } = answer.value;
  const refused = isRefused(whole, sending.writes);
  sending.refusedInARow = refused ? sending.refusedInARow + 1 : 0;
  if (!refused || items.length === 1) return items.map(() => success(whole));
  const half = Math.ceil(items.length / 2);
  const answers = await sendItems(sending, items.slice(0, half), whole);
  return [...answers, ...(await sendItems(sending, items.slice(half), whole))];
}

/** Statuses that would come again whatever is sent: they are about the caller, or about the time. */
const ABOUT_THE_CALLER = new Set([401, 403, 408, 429]);

/**
 * Refused before anything was carried out, on account of what was sent. Should a server have carried out some of it
 * nevertheless, the condition of each write keeps it from happening twice. A read may always be repeated.
 */
function isRefused({ status }: HttpResponse, writes: boolean): boolean {
  return (status >= 400 && status < 500 && !ABOUT_THE_CALLER.has(status)) || (status === 500 && !writes);
}

function loneRequest(item: BatchItem): BatchRequest | null {
  const [request, ...others] = 'changeset' in item ? item.changeset : [item];
  return request !== undefined && others.length === 0 && request.url.length <= URL_LIMIT ? request : null;
}

/** An answer for each item, or one answer that stands for all of them. */
type Answered = { parts: HttpResponse[] } | { whole: HttpResponse };

async function sendLone(sending: Sending, request: BatchRequest): Promise<Result<Answered>> {
  const { options, writes, notAfterMs } = sending;
  const answer = await options.client.send({ ...plainRequest(options, request), writes, ...until(notAfterMs) });
  return answer.ok ? success({ whole: answer.value }) : answer;
}

function until(notAfterMs: number | undefined): Pick<HttpRequest, 'notAfterMs'> {
  return notAfterMs === undefined ? {} : { notAfterMs };
}

function plainRequest(options: BatchSenderOptions, request: BatchRequest): Omit<HttpRequest, 'writes'> {
  const { method, url, body } = request;
  const headers = { ...options.headers, ...request.headers };
  if (body === undefined) return { method: method as HttpRequest['method'], url, headers };
  const typed = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  return { method: method as HttpRequest['method'], url, headers: typed, body };
}

async function sendBatch(sending: Sending, items: readonly BatchItem[]): Promise<Result<Answered>> {
  const { options, writes, notAfterMs } = sending;
  const boundary = `batch_${options.identifiers.guid()}`;
  const answer = await options.client.send({
    method: 'POST',
    url: options.batchUrl,
    headers: { ...options.headers, ...options.batchHeaders, 'content-type': batchContentType(boundary) },
    body: writeBatch(items, boundary),
    writes,
    ...until(notAfterMs),
  });
  if (!answer.ok) return answer;
  const { status, headers, text } = answer.value;
  const parsed = parseBatch(headers['content-type'] ?? '', text);
  if (parsed === null && status < 400) return failure(unreadable(options.batchUrl, writes));
  if (parsed === null) return success({ whole: answer.value });
  const parts = batchAnswers(parsed).map((part) => withWait(part, options.clock.nowMs()));
  return success({ parts: items.map((_, index) => parts[index] ?? UNANSWERED) });
}

const UNANSWERED: HttpResponse = { status: 0, headers: {}, text: '' };

function withWait(part: BatchAnswer, nowMs: number): HttpResponse {
  const waitMs = retryAfterMs(part.headers['retry-after'], nowMs);
  return waitMs === undefined ? part : { ...part, retryAfterMs: waitMs };
}

function unreadable(url: string, writes: boolean) {
  const message = `The answer to POST ${url} is no batch answer.`;
  return writes
    ? ({ code: 'TW103', class: 'unknown', message } as const)
    : ({ code: 'TW107', class: 'transient', message } as const);
}
