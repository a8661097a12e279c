/** What a lookup column holds. */
export interface Reference {
  table: string;
  id: string;
}

/**
 * A column value in the store: decimals, money and big integers as exact text, dates as ISO text,
 * multi-select choices as a comma-separated text, lookups as references.
 */
export type StoredValue = string | number | boolean | Reference | null;

/** Column values by logical name. */
export type Values = Record<string, StoredValue>;

/** True for the value of a lookup column. */
export function isReference(value: StoredValue | undefined): value is Reference {
  return typeof value === 'object' && value !== null;
}

/** JSON text that keeps a number's digits; TypeScript's library of ES2024 does not know `JSON.rawJSON` yet. */
export function rawNumber(text: string): unknown {
  return (JSON as unknown as { rawJSON(source: string): unknown }).rawJSON(text);
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for the text form of a GUID without braces. */
export function isGuid(text: string): boolean {
  return guidPattern.test(text);
}

/** A version-4 GUID drawn from a seedable source of numbers in [0, 1). */
export function randomGuid(random: () => number): string {
  let hex = '';
  while (hex.length < 32) {
    hex += Math.floor(random() * 0x100000000)
      .toString(16)
      .padStart(8, '0');
  }
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Folds text as the database's collation compares it: without case and accents, trailing blanks ignored. */
export function fold(text: string): string {
  // Most texts are ASCII; normalising those would cost more than the comparison itself.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().trimEnd();
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trimEnd();
}
