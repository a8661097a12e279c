import type { SimRequest, SimResponse } from '../exchange.ts';
import { odataFault } from './faults.ts';

/** One operation inside a batch. */
export interface BatchOperation {
  contentId: string | null;
  request: SimRequest;
}

export type BatchPart =
  | { kind: 'single'; operation: BatchOperation }
  | { kind: 'changeset'; operations: BatchOperation[] };

/** One answered operation; a null content id is left out. */
export interface AnsweredOperation {
  contentId: string | null;
  response: SimResponse;
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

function splitHead(text: string): { headers: Record<string, string>; body: string } {
  const match = /\r?\n\r?\n/.exec(text);
  const head = match === null ? text : text.slice(0, match.index);
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) {
      headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
  }
  return { headers, body: match === null ? '' : text.slice(match.index + match[0].length) };
}

/** The boundary of a multipart content type; throws a 400 fault when there is none. */
function boundaryOf(contentType: string | undefined): string {
  const boundary = /^multipart\/mixed\s*;.*\bboundary="?([^";,]+)"?/i.exec(contentType ?? '')?.[1];
  if (boundary === undefined) {
    throw odataFault('A batch needs the content type multipart/mixed with a boundary.');
  }
  return boundary.trim();
}

function splitParts(text: string, boundary: string): string[] {
  const pieces = `\r\n${text}`.split(new RegExp(`\\r?\\n--${boundary.replace(/[^\w]/g, '\\$&')}`));
  if (pieces.length < 2 || !pieces.at(-1)?.startsWith('--')) {
    throw odataFault('The batch message does not end with its closing boundary.');
  }
  return pieces.slice(1, -1).map((piece) => piece.replace(/^[ \t]*\r?\n/, ''));
}

function parseOperation(headers: Record<string, string>, text: string, outer: SimRequest): BatchOperation {
  const [line = ''] = text.split(/\r?\n/, 1);
  const match = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(line.trim());
  if (match === null) {
    throw odataFault(`The batch part does not start with a request line: '${line}'.`);
  }
  const [, method = '', target = ''] = match;
  const inner = splitHead(text.slice(line.length).replace(/^\r?\n/, ''));
  const [location = '', rawQuery = ''] = target.replace(/^https?:\/\/[^/]+/, '').split(/\?(.*)/s);
  const root = location.indexOf('/data/');
  const path = root >= 0 ? location.slice(root) : `/data/${location.replace(/^\/+/, '')}`;
  const user = outer.headers['x-sim-user'];
  return {
    contentId: headers['content-id'] ?? inner.headers['content-id'] ?? null,
    request: {
      method,
      path,
      query: new URLSearchParams(rawQuery),
      rawQuery,
      headers: {
        host: outer.headers['host'] ?? '127.0.0.1',
        ...inner.headers,
        ...(user === undefined ? {} : { 'x-sim-user': user }),
      },
      body: Buffer.from(inner.body.replace(/\r?\n$/, '')),
    },
  };
}

/** Takes a batch request apart; throws a 400 fault on a malformed one or a read inside a changeset. */
export function parseBatch(outer: SimRequest): BatchPart[] {
  const boundary = boundaryOf(outer.headers['content-type']);
  return splitParts(outer.body.toString('utf8'), boundary).map((part) => {
    const { headers, body } = splitHead(part);
    if (!/^multipart\/mixed/i.test(headers['content-type'] ?? '')) {
      return { kind: 'single', operation: parseOperation(headers, body, outer) };
    }
    const operations = splitParts(body, boundaryOf(headers['content-type'])).map((inner) => {
      const piece = splitHead(inner);
      return parseOperation(piece.headers, piece.body, outer);
    });
    if (operations.some(({ request }) => request.method === 'GET')) {
      throw odataFault('A changeset of a batch must not hold a read.');
    }
    return { kind: 'changeset', operations };
  });
}

function renderOperation({ contentId, response }: AnsweredOperation): string {
  const status = `HTTP/1.1 ${response.status} ${reasons[response.status] ?? 'Unknown'}`;
  const outer = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];
  if (contentId !== null) {
    outer.push(`Content-ID: ${contentId}`);
  }
  const inner = Object.entries(response.headers).map(([name, value]) => `${headerName(name)}: ${value}`);
  return [...outer, '', status, ...inner, '', response.body.toString()].join('\r\n');
}

function headerName(lower: string): string {
  return lower === 'etag' ? 'ETag' : lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Writes one part of the answer: a bare operation, or a changeset under a boundary of its own. */
export function renderPart(answers: AnsweredOperation[], changesetBoundary: string | null): string {
  const parts = answers.map(renderOperation);
  if (changesetBoundary === null) {
    return parts.join('');
  }
  const inner = parts.map((part) => `--${changesetBoundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/mixed; boundary=${changesetBoundary}\r\n\r\n${inner}--${changesetBoundary}--`;
}
