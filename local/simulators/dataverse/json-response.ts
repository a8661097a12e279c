import type { SimResponse } from '../exchange.ts';

/** A JSON answer with the headers of the Web API. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): SimResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0', ...headers },
    body: JSON.stringify(body),
  };
}

/** An answer without a body. */
export function emptyResponse(status: number, headers: Record<string, string> = {}): SimResponse {
  return { status, headers: { 'odata-version': '4.0', ...headers }, body: '' };
}
