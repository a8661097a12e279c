import type { RowChange } from './row-writes.ts';

/** An activated event: nothing is sent without one. */
export interface EventActivation {
  kind: 'business' | 'data';
  /** Business event id, or the public name of the entity. */
  event: string;
  /** Changes a data event is activated for; business events ignore it. */
  operations: RowChange['operation'][];
  /** Legal entity, or null for all; shared entities can be activated for all only. */
  company: string | null;
  /** URL that gets the events, any secret included. */
  endpoint: string;
}

/** One event on its way out; whoever posts it reports back with `settle`. */
export interface OutgoingEvent {
  id: number;
  kind: 'business' | 'data' | 'test';
  event: string;
  company: string | null;
  endpoint: string;
  headers: Record<string, string>;
  body: string;
  /** Attempts in all, the first one included. */
  attempts: number;
  waitMs: number;
  timeoutMs: number;
}

/** An entry of the Errors tab, kept until an operator resends it. */
export interface FailedEvent {
  event: OutgoingEvent;
  reason: string;
  /** ISO 8601 in UTC. */
  at: string;
}

export interface OutboxState {
  activations: EventActivation[];
  pending: OutgoingEvent[];
  failed: FailedEvent[];
  nextId: number;
  controlNumber: number;
}

/** An event before it has a place in the queue. */
export type UnsentEvent = Pick<OutgoingEvent, 'kind' | 'event' | 'company' | 'endpoint' | 'body' | 'headers'>;
