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
   * Sends each item, a lone one as a plain request and several as one `$batch`, and gives one answer per item. Where
   * the whole batch was refused, that answer stands for every item; an item that the answer leaves out has status 0.
   * Faults: as for `HttpClient.send`, and an answer that cannot be read.
   */
  send(items: readonly BatchItem[], writes: boolean): Promise<Result<HttpResponse[]>>;
}

/** A longer URL is sent inside a batch: servers and gateways cut the first line of a request at 8 to 16 KB. */
const URL_LIMIT = 8_000;

export function createBatchSender(options: BatchSenderOptions): BatchSender {
  return {
    async send(items, writes) {
      const [first] = items;
      if (first === undefined) return success([]);
      const lone = items.length === 1 ? loneRequest(first) : null;
      if (lone !== null) {
        const answer = await options.client.send(plainRequest(options, lone, writes));
        return answer.ok ? success([answer.value]) : answer;
      }
      return sendBatch(options, items, writes);
    },
  };
}

function loneRequest(item: BatchItem): BatchRequest | null {
  const [request, ...others] = 'changeset' in item ? item.changeset : [item];
  return request !== undefined && others.length === 0 && request.url.length <= URL_LIMIT ? request : null;
}

function plainRequest(options: BatchSenderOptions, request: BatchRequest, writes: boolean): HttpRequest {
  const { method, url, body } = request;
  const headers = { ...options.headers, ...request.headers };
  if (body === undefined) return { method: method as HttpRequest['method'], url, headers, writes };
  const typed = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  return { method: method as HttpRequest['method'], url, headers: typed, body, writes };
}

async function sendBatch(
  options: BatchSenderOptions,
  items: readonly BatchItem[],
  writes: boolean,
): Promise<Result<HttpResponse[]>> {
  const boundary = `batch_${options.identifiers.guid()}`;
  const answer = await options.client.send({
    method: 'POST',
    url: options.batchUrl,
    headers: { ...options.headers, ...options.batchHeaders, 'content-type': batchContentType(boundary) },
    body: writeBatch(items, boundary),
    writes,
  });
  if (!answer.ok) return answer;
  const { status, headers, text } = answer.value;
  const parsed = parseBatch(headers['content-type'] ?? '', text);
  if (parsed === null && status < 400) return failure(unreadable(options.batchUrl, writes));
  if (parsed === null) return success(items.map(() => answer.value));
  const parts = batchAnswers(parsed).map((part) => withWait(part, options.clock.nowMs()));
  return success(items.map((_, index) => parts[index] ?? UNANSWERED));
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
