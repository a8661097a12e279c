import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Invoker } from './invocation.ts';
import type { AppFunction } from './registry.ts';
import type { TypedData } from './typed-data.ts';

/**
 * Serves a request of an app that streams (`app.setup({ enableHttpStream: true })`): the raw request goes to the
 * library's own server, the call goes the usual way with empty HTTP data, and the library joins both by the id in
 * `x-ms-invocation-id`. Throws what the function threw.
 */
export async function forwardToWorker(
  options: { readonly invoker: Invoker; readonly streamBase: string },
  target: AppFunction,
  params: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const invocationId = randomUUID();
  const stopForwarding = new AbortController();
  const forwarded = forward(options.streamBase, invocationId, request, response, stopForwarding.signal);
  forwarded.catch(() => undefined);
  try {
    const triggerMetadata = metadataOf(request, params);
    const call = { data: { http: {} }, triggerMetadata, invocationId };
    const { response: result } = await options.invoker.invoke(target, call);
    if (result.returnValue === undefined && (await nothingComes(forwarded)) && !response.headersSent) {
      stopForwarding.abort();
      response.statusCode = 204;
      response.end();
      return;
    }
  } catch (error) {
    stopForwarding.abort();
    throw error;
  }
  await forwarded;
}

/** A function that returned nothing leaves the library's server without an answer. */
async function nothingComes(forwarded: Promise<void>): Promise<boolean> {
  const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 50));
  return await Promise.race([forwarded.then(() => false), pause]);
}

function metadataOf(request: IncomingMessage, params: Record<string, string>): Record<string, TypedData> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  return {
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(request.headers) },
    Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) },
  };
}

async function forward(
  streamBase: string,
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { hostname, port } = new URL(streamBase);
  const { connection: _connection, ...headers } = request.headers;
  const upstream = openRequest({
    hostname,
    port,
    method: request.method,
    path: request.url,
    signal,
    headers: {
      ...headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': request.headers.host ?? 'localhost',
      'x-forwarded-proto': 'http',
    },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve);
    upstream.once('error', reject);
  });
  const [incoming] = await Promise.all([answered, pipeline(request, upstream)]);
  const { 'x-ms-invocation-id': _id, ...shown } = incoming.headers;
  response.writeHead(incoming.statusCode ?? 500, shown);
  await pipeline(incoming, response);
}
