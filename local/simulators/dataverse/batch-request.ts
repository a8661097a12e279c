import type { SimResponse } from '../exchange.ts';
import {
  boundaryOf,
  type EmbeddedRequest,
  type MultipartPart,
  parseEmbeddedRequest,
  parseMultipart,
  writeMultipart,
} from './multipart.ts';
import { badRequest, faultResponse, isWebFault } from './web-fault.ts';

/** Answers one embedded request; addresses of earlier parts go by their Content-ID. May throw a Web API fault. */
type PartHandler = (request: EmbeddedRequest, references: Map<string, string>) => SimResponse;

/** What a batch needs of its surroundings. */
export interface BatchScope {
  contentType: string | undefined;
  body: string;
  continueOnError: boolean;
  handle: PartHandler;
  /** Runs a change set as one transaction. */
  transact<T>(work: () => T): T;
  newBoundary(): string;
}

const maxRequests = 1000;

/**
 * Runs a `$batch` ("Execute batch operations using the Web API"): parts in order, change sets as transactions;
 * it stops at the first error and answers its status unless the caller prefers to continue.
 */
export function runBatch(scope: BatchScope): SimResponse {
  const boundary = boundaryOf(scope.contentType);
  if (boundary === undefined) throw badRequest('The content type of a batch must be multipart/mixed with a boundary.');
  const items = parseMultipart(scope.body, boundary).map(readItem);
  const total = items.reduce((sum, item) => sum + item.requests.length, 0);
  if (total > maxRequests) {
    throw badRequest(
      `The maximum number of change sets and query operations allowed in a batch message is ${maxRequests}.`,
    );
  }
  const parts: MultipartPart[] = [];
  let failed: SimResponse | undefined;
  for (const item of items) {
    const outcome = item.changeSet ? runChangeSet(scope, item.requests) : runSingle(scope, item.requests);
    parts.push(outcome.part);
    if (outcome.fault === undefined) continue;
    if (scope.continueOnError) continue;
    failed = outcome.fault;
    break;
  }
  const answerBoundary = `batchresponse_${scope.newBoundary()}`;
  return {
    status: failed?.status ?? 200,
    headers: { 'content-type': `multipart/mixed; boundary=${answerBoundary}`, 'odata-version': '4.0' },
    body: writeMultipart(answerBoundary, parts),
  };
}

interface BatchItem {
  changeSet: boolean;
  requests: { contentId: string | undefined; request: EmbeddedRequest }[];
}

interface Outcome {
  part: MultipartPart;
  fault: SimResponse | undefined;
}

function readItem(part: MultipartPart): BatchItem {
  const inner = boundaryOf(part.headers['content-type']);
  if (inner === undefined) return { changeSet: false, requests: [readRequest(part)] };
  const requests = parseMultipart(part.body, inner).map(readRequest);
  for (const { contentId, request } of requests) {
    if (request.method === 'GET') throw badRequest('A change set may not hold retrieve operations.');
    if (contentId === undefined) throw badRequest('Content-ID header not present in a change set request.');
  }
  return { changeSet: true, requests };
}

function readRequest(part: MultipartPart): BatchItem['requests'][number] {
  if (!/^application\/http\b/i.test(part.headers['content-type'] ?? '')) {
    throw badRequest('Every part of a batch must be application/http or a change set.');
  }
  const request = parseEmbeddedRequest(part.body);
  if (/\$batch(\?|$)/.test(request.url)) throw badRequest('A batch may not hold another batch.');
  return { contentId: part.headers['content-id'] ?? request.headers['content-id'], request };
}

function runSingle(scope: BatchScope, requests: BatchItem['requests']): Outcome {
  const item = requests[0];
  if (item === undefined) throw badRequest('An empty part in the batch.');
  try {
    const response = scope.handle(item.request, new Map());
    return { part: responsePart(response, item.contentId), fault: response.status >= 400 ? response : undefined };
  } catch (error) {
    return faultOutcome(error, item.contentId);
  }
}

function runChangeSet(scope: BatchScope, requests: BatchItem['requests']): Outcome {
  const references = new Map<string, string>();
  let current: string | undefined;
  try {
    const parts = scope.transact(() =>
      requests.map(({ contentId, request }) => {
        current = contentId;
        const response = scope.handle(request, references);
        const address = response.headers['odata-entityid'];
        if (contentId !== undefined && address !== undefined) references.set(contentId, address);
        return responsePart(response, contentId);
      }),
    );
    const boundary = `changesetresponse_${scope.newBoundary()}`;
    const headers = { 'Content-Type': `multipart/mixed; boundary=${boundary}` };
    return { part: { headers, body: writeMultipart(boundary, parts) }, fault: undefined };
  } catch (error) {
    // A failed change set is answered by one part that stands for all of it.
    return faultOutcome(error, current);
  }
}

function faultOutcome(error: unknown, contentId: string | undefined): Outcome {
  if (!isWebFault(error)) throw error;
  const fault = faultResponse(error);
  return { part: responsePart(fault, contentId), fault };
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
};

function responsePart(response: SimResponse, contentId: string | undefined): MultipartPart {
  const headers: Record<string, string> = {
    'Content-Type': 'application/http',
    'Content-Transfer-Encoding': 'binary',
  };
  if (contentId !== undefined) headers['Content-ID'] = contentId;
  const lines = Object.entries(response.headers).map(([name, value]) => `${headerName(name)}: ${value}\r\n`);
  const statusLine = `HTTP/1.1 ${response.status} ${reasons[response.status] ?? 'Unknown'}\r\n`;
  return { headers, body: `${statusLine}${lines.join('')}\r\n${response.body.toString()}` };
}

function headerName(name: string): string {
  if (name === 'odata-entityid') return 'OData-EntityId';
  if (name === 'odata-version') return 'OData-Version';
  return name.replace(/(^|-)([a-z])/g, (text) => text.toUpperCase());
}
