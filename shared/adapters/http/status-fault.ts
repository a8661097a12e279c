import type { Fault } from '../../core/fault/fault.ts';

/** What a fault is made of, whichever side answered: the answer, and what the side made of its error body. */
export interface RefusedAnswer {
  /** The system's name for a person. */
  system: string;
  status: number;
  /** The error's own text, already cleaned of noise. */
  message: string;
  /** The system's own code and request id, for support. */
  detail: string;
  retryAfterMs?: number | undefined;
  /** Whether the request was to change something. */
  writes: boolean;
}

/**
 * The fault of a status that means the same everywhere; null where only the body tells. A gateway's 502 or 504 and a
 * plain 500 leave a write's outcome open; 503 and 429 are given before anything is carried out.
 */
export function statusFault(answer: RefusedAnswer): Fault | null {
  const { system, status, message, detail } = answer;
  const wait = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  if (status === 429) {
    return { code: 'TW101', class: 'throttled', message: `${system} asks for a pause: ${message}`, detail, ...wait };
  }
  if (status === 401) {
    return { code: 'TW104', class: 'unauthorised', message: `${system} refused the sign-in: ${message}`, detail };
  }
  if (status === 403) {
    return { code: 'TW105', class: 'unauthorised', message: `${system} denied access: ${message}`, detail };
  }
  if (status < 300 && !answer.writes) {
    const text = `${system} answered ${status} to a read, without what was asked for: ${message}`;
    return { code: 'TW107', class: 'transient', message: text, detail };
  }
  if (status >= 300 && status < 400) {
    const text = `${system} answered with a redirect: compare the configured address with the environment's.`;
    return { code: 'TW109', class: 'configuration', message: text, detail };
  }
  if (status < 500 && status !== 408) return null;
  if (!answer.writes || status === 503) {
    return { code: 'TW102', class: 'transient', message: `${system} has a passing error: ${message}`, detail, ...wait };
  }
  const text = `${system} answered ${status} to a write, which may have been carried out: ${message}`;
  return { code: 'TW103', class: 'unknown', message: text, detail };
}
