const DIGITS = /^\s*\d+\s*$/;

/**
 * Milliseconds to wait by a `Retry-After` header, given as seconds or as a date (RFC 9110 section 10.2.3); undefined
 * when it is absent or says nothing readable. A date that has passed is no wait.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (DIGITS.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
