const DIGITS = /^\s*\d+\s*$/;
/** Dates name their month; `Date.parse` takes a negative number for a year. */
const NAMED = /[a-z]{3}/i;

/** Whatever a side asks for, it is asked again after this long: a header that is wrong must not end everything. */
const RETRY_AFTER_MAX_MS = 15 * 60_000;

/**
 * Milliseconds to wait by a `Retry-After` header, given as seconds or as a date (RFC 9110 section 10.2.3), at most
 * `RETRY_AFTER_MAX_MS`; undefined when it is absent or says nothing readable. A date that has passed is no wait.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const dateMs = NAMED.test(header) ? Date.parse(header) : Number.NaN;
  const askedMs = DIGITS.test(header) ? Number(header) * 1_000 : dateMs - nowMs;
  return Number.isNaN(askedMs) ? undefined : Math.min(RETRY_AFTER_MAX_MS, Math.max(0, askedMs));
}
