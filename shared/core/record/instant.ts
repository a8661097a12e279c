import { Temporal } from 'temporal-polyfill';

/** ISO-8601 UTC text of an instant given in milliseconds since 1970. */
export function isoInstant(epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.trunc(epochMs)).toString({ smallestUnit: 'millisecond' });
}

/**
 * Milliseconds since 1970 of an ISO-8601 text with `Z` or an offset; null when the text is not an instant.
 * More than three fractional digits are cut, not rounded (F&O business events carry seven).
 */
export function epochMs(iso: string): number | null {
  try {
    return Temporal.Instant.from(iso).epochMilliseconds;
  } catch {
    return null;
  }
}
