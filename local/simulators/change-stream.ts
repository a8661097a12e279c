import type { ServerResponse } from 'node:http';
import type { SimChange, SimRequest } from './exchange.ts';

/** Server-sent events of committed changes ("Server-sent events" in the HTML standard). */
export interface ChangeStream {
  /**
   * Sends changes from now on. A listener that names the last change it knows (header `Last-Event-ID`, which browsers
   * send when they reconnect, or query `after`) gets the later ones first, as far back as they are kept.
   */
  attach(request: SimRequest, response: ServerResponse): void;
  publish(change: SimChange): void;
  /** Drops what is kept; listeners are not told. */
  forget(): void;
  close(): void;
}

const heartbeatMs = 15_000;
/** Changes kept for listeners that come later. */
const keptChanges = 1000;

/** A stream without listeners; `firstId` must be above every id that an earlier stream gave out. */
export function createChangeStream(firstId: number): ChangeStream {
  const listeners = new Set<ServerResponse>();
  let kept: { id: number; text: string }[] = [];
  let nextId = firstId;
  // Comments keep proxies and browsers from taking a quiet stream for a dead one.
  const heartbeat = setInterval(() => {
    for (const response of listeners) response.write(':\n\n');
  }, heartbeatMs);
  heartbeat.unref();
  return {
    attach: (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      const known = request.headers['last-event-id'] ?? request.query.get('after');
      if (known !== null) for (const { id, text } of kept) if (id > Number(known)) response.write(text);
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    publish: (change) => {
      const id = nextId;
      nextId += 1;
      const text = `id: ${id}\ndata: ${JSON.stringify(change)}\n\n`;
      kept.push({ id, text });
      // Cut in large steps: a shift per change would move the whole list each time.
      if (kept.length > 2 * keptChanges) kept = kept.slice(-keptChanges);
      for (const response of listeners) response.write(text);
    },
    forget: () => {
      kept = [];
    },
    close: () => {
      clearInterval(heartbeat);
      for (const response of listeners) response.end();
      listeners.clear();
    },
  };
}
