import type { Result } from '../../core/fault/fault.ts';
import type { HttpResponse } from './http-client.ts';

/** Calls in a row without an answer of the system itself, over at least so long, are an outage. */
const SILENT_CALLS = 8;
const SILENT_MS = 10_000;
/** What stands before a system gives when the system itself is not there. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** Tells an outage from passing errors. */
export interface OutageDetector {
  /** Takes in how a call ended; true when with it the side counts as gone. */
  note(answer: Result<HttpResponse>, nowMs: number): boolean;
}

/** A 503 with `Retry-After` is a request for a pause, and a plain 500 an answer; a token that cannot be had says nothing. */
export function createOutageDetector(): OutageDetector {
  let silent: { calls: number; sinceMs: number } | null = null;
  return {
    note(answer, nowMs) {
      if (!answer.ok && answer.fault.class === 'unauthorised') return false;
      if (answer.ok && !isGone(answer.value)) {
        silent = null;
        return false;
      }
      silent = { calls: (silent?.calls ?? 0) + 1, sinceMs: silent?.sinceMs ?? nowMs };
      return silent.calls >= SILENT_CALLS && nowMs - silent.sinceMs >= SILENT_MS;
    },
  };
}

function isGone({ status, retryAfterMs }: HttpResponse): boolean {
  return GATEWAY_STATUSES.has(status) && retryAfterMs === undefined;
}
