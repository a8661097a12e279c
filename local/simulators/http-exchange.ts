import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimRequest, SimResponse } from './exchange.ts';

/** Reads the body and splits the address; header names are in lower case already. */
export async function readRequest(message: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    // Only the server itself may say who calls and where it is mounted.
    if (value === undefined || name === 'x-sim-user' || name === 'x-forwarded-prefix') continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers,
    body: Buffer.concat(chunks),
  };
}

/** Writes the answer; statuses without a body get none. */
export function writeResponse(response: ServerResponse, answer: SimResponse): void {
  const body = answer.status === 204 || answer.status === 304 ? Buffer.alloc(0) : Buffer.from(answer.body);
  const length: Record<string, string> =
    answer.status === 204 || answer.status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(body);
}
