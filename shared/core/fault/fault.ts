import type { FaultCode } from './fault-codes.ts';

/**
 * How the pipeline treats a fault: `throttled` and `transient` are tried again, `unknown` may have been committed
 * (read before trying again), `offline` waits for the side to come back, `stale` and `exists` are planned again from fresh rows, `missing-reference` waits for
 * the referenced record, `business`, `mapping`, `unauthorised` and `configuration` wait, parked, for a person
 * to mend their cause.
 */
export type FaultClass =
  | 'throttled'
  | 'transient'
  | 'offline'
  | 'unknown'
  | 'stale'
  | 'exists'
  | 'gone'
  | 'missing-reference'
  | 'business'
  | 'mapping'
  | 'unauthorised'
  | 'configuration';

/** A failure as data: it survives serialisation, so it can cross activities, queues and tables. */
export interface Fault {
  code: FaultCode;
  class: FaultClass;
  /** For a person: what happened, to which record, and what to do next. */
  message: string;
  /** Milliseconds that the other system asked us to wait, where it did. */
  retryAfterMs?: number;
  /** The column or field concerned, where known. */
  field?: string;
  /** The other system's own code and status, for support. */
  detail?: string;
}

/** A value, or the fault that came instead of it. */
export type Result<T> = { ok: true; value: T } | { ok: false; fault: Fault };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure<T>(fault: Fault): Result<T> {
  return { ok: false, fault };
}
