import { Exact, type StoredValue } from './field-input.ts';
import type { Entity } from './metadata.ts';

/** What an X++ extension does to a field on every write: the stored value is then not the one that was sent. */
type FieldAlteration = 'upper-case' | 'lower-case' | 'collapse-blanks' | { round: number };

/** Alterations by public entity name and field name. */
export type Extensions = Record<string, Record<string, FieldAlteration>>;

function alter(value: StoredValue, alteration: FieldAlteration): StoredValue {
  if (typeof alteration === 'object') {
    return new Exact(value).toDecimalPlaces(alteration.round).toFixed();
  }
  const text = String(value);
  switch (alteration) {
    case 'upper-case':
      return text.toUpperCase();
    case 'lower-case':
      return text.toLowerCase();
    case 'collapse-blanks':
      return text.trim().replace(/\s+/g, ' ');
  }
}

/** The values after the entity's extensions have run; `{ round }` is for Real fields, the rest for strings. */
export function applyExtensions(
  extensions: Extensions,
  entity: Entity,
  values: Record<string, StoredValue>,
): Record<string, StoredValue> {
  const altered = { ...values };
  for (const [field, alteration] of Object.entries(extensions[entity.metadata.name] ?? {})) {
    const value = altered[field];
    if (value !== undefined) {
      altered[field] = alter(value, alteration);
    }
  }
  return altered;
}
