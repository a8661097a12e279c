import { createHash } from 'node:crypto';

/** Longest part of a row key: three of them stay below the 512 characters that a key may have. */
const PART_CHARS_MAX = 160;
const KEPT_CHARS = 100;

/**
 * Text as part of a partition or row key: everything but a few harmless characters becomes `=` and the four hexadecimal
 * digits of its UTF-16 unit, so `!` and `~` are free as separators. `/ \ # ?` and control characters are not allowed in
 * keys and `%` breaks some clients ("Understanding the Table service data model", "Characters disallowed in key fields").
 */
export function escapeKey(text: string): string {
  return text.replace(/[^A-Za-z0-9._|:@, -]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As `escapeKey`; a long text is cut and told apart by its hash. Its full text stands in the row. */
export function keyPart(text: string): string {
  const escaped = escapeKey(text);
  if (escaped.length <= PART_CHARS_MAX) return escaped;
  return `${escaped.slice(0, KEPT_CHARS)}~${createHash('sha256').update(escaped).digest('hex').slice(0, 40)}`;
}

/** Milliseconds since 1970 as text that sorts like the number. */
export function sortableMs(atMs: number): string {
  return String(Math.max(0, Math.floor(atMs))).padStart(16, '0');
}
