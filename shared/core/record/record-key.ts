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
    escaped.push(part.toLowerCase().replace(/[\\|]/g, (mark) => `\\${mark}`));
  }
  return escaped.join('|');
}

/** The parts of a key, as composed. */
export function recordKeyParts(key: RecordKey): string[] {
  const parts: string[] = [''];
  for (let index = 0; index < key.length; index += 1) {
    const mark = key.charAt(index);
    if (mark === '|') parts.push('');
    else parts[parts.length - 1] += mark === '\\' ? key.charAt((index += 1)) : mark;
  }
  return parts;
}
