import type { ServiceProtection } from './switches.ts';
import { faultCodes, webFault } from './web-fault.ts';

/** Limits of one user; calls come and go in the order of their times. */
export interface ServiceProtector {
  /** Books a request, or throws 429 with `Retry-After`. */
  enter(userId: string, nowMs: number, limits: ServiceProtection): void;
  /** Books the execution time of the request that entered last and ends its concurrency. */
  leave(userId: string, nowMs: number, executionMs: number, limits: ServiceProtection): void;
}

interface UserUse {
  entries: { at: number; executionMs: number }[];
  running: number;
  /** Requests refused in a row: pushing on makes the wait longer. */
  refused: number;
}

/**
 * Service protection of one web server ("Service protection API limits"): number of requests, combined
 * execution time and concurrent requests per user in a sliding window.
 */
export function createServiceProtector(): ServiceProtector {
  const users = new Map<string, UserUse>();
  const useOf = (userId: string): UserUse => {
    let use = users.get(userId);
    if (use === undefined) {
      use = { entries: [], running: 0, refused: 0 };
      users.set(userId, use);
    }
    return use;
  };
  return {
    enter: (userId, nowMs, limits) => {
      const use = useOf(userId);
      const begin = nowMs - limits.windowMs;
      let expired = 0;
      while (expired < use.entries.length && (use.entries[expired]?.at ?? 0) <= begin) expired += 1;
      use.entries.splice(0, expired);
      if (limits.enabled) refuseAbove(use, nowMs, limits);
      use.refused = 0;
      use.running += 1;
    },
    leave: (userId, nowMs, executionMs, limits) => {
      const use = useOf(userId);
      use.running -= 1;
      if (limits.enabled) use.entries.push({ at: nowMs, executionMs });
    },
  };
}

function refuseAbove(use: UserUse, nowMs: number, limits: ServiceProtection): void {
  const seconds = Math.round(limits.windowMs / 1000);
  if (use.running >= limits.concurrent) {
    throw tooMany(
      use,
      1,
      faultCodes.concurrencyLimit,
      `Number of concurrent requests exceeded the limit of ${limits.concurrent}.`,
    );
  }
  // Requests under way are not among the entries yet, and count.
  if (use.entries.length + use.running >= limits.requests) {
    const wait = waitUntil(use, nowMs, limits, use.entries.length + use.running - limits.requests + 1);
    throw tooMany(
      use,
      wait,
      faultCodes.requestLimit,
      `Number of requests exceeded the limit of ${limits.requests} over time window of ${seconds} seconds.`,
    );
  }
  const spent = use.entries.reduce((sum, entry) => sum + entry.executionMs, 0);
  if (spent >= limits.executionMs) {
    throw tooMany(
      use,
      waitUntil(use, nowMs, limits, 1),
      faultCodes.timeLimit,
      `Combined execution time of incoming requests exceeded limit of ${limits.executionMs} milliseconds over time window of ${seconds} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
    );
  }
}

/** Seconds until so many of the oldest requests have left the window. */
function waitUntil(use: UserUse, nowMs: number, limits: ServiceProtection, count: number): number {
  const entry = use.entries[count - 1] ?? use.entries[0];
  return entry === undefined ? 1 : Math.max(1, Math.ceil((entry.at + limits.windowMs - nowMs) / 1000));
}

function tooMany(use: UserUse, waitSeconds: number, code: string, message: string): Error {
  const retryAfter = waitSeconds + use.refused;
  use.refused += 1;
  return webFault(429, code, message, { 'retry-after': String(retryAfter) });
}
