import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Counts what this process sends by `node:http`, as the clients of tables and durable functions do; not `fetch`. */
export interface OutgoingRequests {
  /** Requests since the start, repeated ones too, by host and port. */
  counts(): Record<string, number>;
  stop(): void;
}

const CHANNEL = 'http.client.request.start';

/** Counts from now on ("Diagnostics Channel", HTTP: `http.client.request.start`). */
export function countOutgoingRequests(): OutgoingRequests {
  const counts = new Map<string, number>();
  const note = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    const place = String(request.getHeader('host') ?? request.host);
    counts.set(place, (counts.get(place) ?? 0) + 1);
  };
  subscribe(CHANNEL, note);
  return {
    counts: () => Object.fromEntries(counts),
    stop: () => void unsubscribe(CHANNEL, note),
  };
}
