import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessKeys } from './access-keys.ts';
import { answer, answerFromFunction, readBody } from './http-answer.ts';
import { compileRoute, type Route } from './http-routes.ts';
import { forwardToWorker } from './http-stream.ts';
import type { Invoker } from './invocation.ts';
import type { AppFunction } from './registry.ts';
import type { NullableString, RpcHttp } from './typed-data.ts';

/** A function reachable over HTTP. */
export interface HttpEndpoint {
  readonly target: AppFunction;
  readonly route: Route;
  /** Path as printed, without parameters filled in. */
  readonly path: string;
  readonly methods: readonly string[];
}

/** What the endpoints need to answer. `streamBase` is the library's own server when the app streams. */
export interface HttpTriggerOptions {
  readonly endpoints: readonly HttpEndpoint[];
  readonly invoker: Invoker;
  readonly keys: AccessKeys | null;
  readonly streamBase: string | null;
  readonly log: (line: string) => void;
}

/** The endpoints of the app's HTTP functions, the most specific route first. */
export function httpEndpoints(functions: Iterable<AppFunction>, routePrefix: string): HttpEndpoint[] {
  const prefix = routePrefix.replaceAll(/^\/+|\/+$/g, '');
  return [...functions]
    .filter(({ trigger }) => trigger.type.toLowerCase() === 'httptrigger')
    .map((target) => {
      const route = typeof target.trigger['route'] === 'string' ? target.trigger['route'] : target.name;
      const path = [prefix, route.replace(/^\/+/, '')].filter((part) => part !== '').join('/');
      const methods = Array.isArray(target.trigger['methods']) ? target.trigger['methods'].map(String) : [];
      return {
        target,
        route: compileRoute(path),
        path: `/${path}`,
        methods: methods.map((name) => name.toUpperCase()),
      };
    })
    .sort((a, b) => (a.route.order < b.route.order ? -1 : a.route.order > b.route.order ? 1 : 0));
}

/**
 * Answers a request by the function it is for. As in the real host a path with the wrong method is simply not found,
 * and an exception is a 500 without a body.
 */
export async function serveFunction(
  options: HttpTriggerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  const found = findEndpoint(options.endpoints, request.method ?? 'GET', url.pathname);
  if (found === null) {
    answer(response, 404);
    return;
  }
  const { endpoint, params } = found;
  if (options.keys !== null && !options.keys.admits(endpoint.target, request.headers, url.searchParams)) {
    answer(response, 401);
    return;
  }
  try {
    if (options.streamBase !== null) {
      await forwardToWorker({ ...options, streamBase: options.streamBase }, endpoint.target, params, request, response);
      return;
    }
    const body = await readBody(request);
    if (body === null) {
      answer(response, 413);
      return;
    }
    const http = requestData(request, url, params, body);
    const invocationId = randomUUID();
    const { response: result } = await options.invoker.invoke(endpoint.target, { data: { http }, invocationId });
    answerFromFunction(response, result.returnValue?.http);
  } catch (error) {
    options.log(
      `error ${endpoint.target.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    if (response.headersSent) {
      response.destroy();
    } else {
      answer(response, 500);
    }
  }
}

function findEndpoint(
  endpoints: readonly HttpEndpoint[],
  method: string,
  path: string,
): { endpoint: HttpEndpoint; params: Record<string, string> } | null {
  for (const endpoint of endpoints) {
    const allowed = endpoint.methods.length === 0 || endpoint.methods.includes(method);
    const params = allowed ? endpoint.route.match(path) : null;
    if (params !== null) {
      return { endpoint, params };
    }
  }
  return null;
}

function requestData(request: IncomingMessage, url: URL, params: Record<string, string>, body: Buffer): RpcHttp {
  return {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headerEntries(request)),
    nullableQuery: nullable(queryEntries(url)),
    nullableParams: nullable(Object.entries(params)),
    ...(body.length === 0 ? {} : { body: { bytes: body } }),
  };
}

function nullable(entries: Iterable<readonly [string, string]>): Record<string, NullableString> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}

/** Several values of one name travel joined by commas. */
function headerEntries(request: IncomingMessage): [string, string][] {
  return Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]);
}

function queryEntries(url: URL): [string, string][] {
  return [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]);
}
