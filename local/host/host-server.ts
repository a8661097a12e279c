import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ManagementPlace } from '../durable/client-links.ts';
import type { DurableEngine } from '../durable/engine.ts';
import { type ManagementAnswer, manage } from '../durable/management-api.ts';
import { answer, readBody } from './http-answer.ts';

/** Path of the durable webhooks on the host's own port. */
export const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
/** Path of the durable API for the SDK's client, on a port of its own. */
export const RPC_PATH = '/durabletask/';

/** An HTTP server that is already listening. */
export interface Listening {
  readonly port: number;
  /** Takes no new connections, waits for the answers under way, closes idle connections. */
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens on 127.0.0.1. Throws an error with the port in its message when the port is taken. */
export async function listen(port: number, handler: Handler): Promise<Listening> {
  let closing = false;
  const server = createServer((request, response) => {
    // A connection that only now becomes idle would otherwise hold up the close.
    response.once('close', () => {
      if (closing) {
        setImmediate(() => server.closeIdleConnections());
      }
    });
    handler(request, response).catch(() => {
      if (response.headersSent) {
        response.destroy();
      } else {
        answer(response, 500);
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is already in use.`) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing = true;
      return closeServer(server);
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const last = setTimeout(() => server.closeAllConnections(), 5000);
  await closed;
  clearTimeout(last);
}

/** Serves the durable management API below a path; false when the request is for something else. */
export async function serveManagement(
  engine: DurableEngine,
  place: ManagementPlace,
  base: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const root = base.replace(/\/$/, '');
  if (!url.pathname.startsWith(`${root}/`)) {
    return false;
  }
  const path = url.pathname
    .slice(root.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const body = (await readBody(request))?.toString('utf8') ?? '';
  const continuation = request.headers['x-ms-continuation-token'];
  const result: ManagementAnswer = manage(engine, place, {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    body,
    continuation: typeof continuation === 'string' ? continuation : null,
  });
  for (const [name, value] of Object.entries(result.headers ?? {})) {
    response.setHeader(name, value);
  }
  answer(response, result.status, result.body === undefined ? undefined : JSON.stringify(result.body));
  return true;
}
