import type { CanonicalValue } from './canonical-value.ts';

/**
 * The identity of a record within its map: its integration key values, company first where the map has one, as one
 * reversible text. Case is folded, because both systems' keys ignore it.
 */
export type RecordKey = string;

/** Composes a key; null when a part is empty, because a record without its whole key cannot be linked. */
export function recordKey(parts: readonly CanonicalValue[]): RecordKey | null {
  const escaped: string[] = [];
  for (const part of parts) {
    if (part === null) return null;
    escaped.push(escapedPart(part.toLowerCase()));
  }
  return escaped.join('|');
}

function escapedPart(part: string): string {
  return /[\\|]/.test(part) ? part.replace(/[\\|]/g, (mark) => `\\${mark}`) : part;
}

/** The parts of a key, as composed. */
export function recordKeyParts(key: RecordKey): string[] {
  const parts: string[] = [''];
  let escaped = false;
  for (const mark of key) {
    if (!escaped && mark === '|') parts.push('');
    else if (!escaped && mark === '\\') escaped = true;
    else {
      parts[parts.length - 1] += mark;
      escaped = false;
    }
  }
  return parts;
}
