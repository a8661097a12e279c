import type { ServerResponse } from 'node:http';
import type { SimChange } from './exchange.ts';

/** Server-sent events of committed changes ("Server-sent events" in the HTML standard). */
export interface ChangeStream {
  attach(response: ServerResponse): void;
  publish(change: SimChange): void;
  close(): void;
}

const heartbeatMs = 15_000;

/** A stream without listeners. */
export function createChangeStream(): ChangeStream {
  const listeners = new Set<ServerResponse>();
  let nextId = 1;
  // Comments keep proxies and browsers from taking a quiet stream for a dead one.
  const heartbeat = setInterval(() => {
    for (const response of listeners) response.write(':\n\n');
  }, heartbeatMs);
  heartbeat.unref();
  return {
    attach: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    publish: (change) => {
      const id = nextId;
      nextId += 1;
      if (listeners.size === 0) return;
      const text = `id: ${id}\ndata: ${JSON.stringify(change)}\n\n`;
      for (const response of listeners) response.write(text);
    },
    close: () => {
      clearInterval(heartbeat);
      for (const response of listeners) response.end();
      listeners.clear();
    },
  };
}
