import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../../core/record/canonical-value.ts';
import type { ColumnType } from '../../core/record/column-type.ts';
import { exactNumber } from '../http/exact-json.ts';
import { quoted } from '../http/service-address.ts';

export interface FinopsField {
  name: string;
  type: ColumnType;
  /** Qualified name of the enumeration; null for other types. */
  enumName: string | null;
  /** Symbols as the metadata spell them, by their lower case form. */
  symbols: ReadonlyMap<string, string>;
  isKey: boolean;
  allowEdit: boolean;
  allowEditOnCreate: boolean;
}

/** A public data entity as its metadata tell it. */
export interface FinopsEntity {
  /** Public name of one row, as in `CustomerV3`. */
  name: string;
  /** Collection name, as in `CustomersV3`. */
  entitySet: string;
  /** Name in the application object tree in lower case: data events name the entity by it. */
  physicalName: string;
  /** By property name in lower case: maps write filter columns in any case. */
  fields: ReadonlyMap<string, FinopsField>;
  /** Key fields in the order of the metadata. */
  keys: readonly FinopsField[];
  companyColumn: string | null;
  /** Field that tells when a row was last changed; null for most entities. */
  modifiedAt: string | null;
}

/** A field without regard to case. */
export function fieldOf(entity: FinopsEntity, name: string): FinopsField | undefined {
  return entity.fields.get(name.toLowerCase());
}

const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';

/**
 * A canonical value as F&O's OData takes it ("Open Data Protocol (OData)"): dates at noon UTC so that no time zone
 * moves the day, and the type's own empty value for null, because F&O has no null. Undefined for an empty enum, which
 * has no empty value and is left out.
 */
export function wireValue(value: CanonicalValue, field: FinopsField): unknown {
  switch (field.type.kind) {
    case 'integer':
    case 'decimal':
    case 'option':
      return exactNumber(value ?? '0');
    case 'date':
      return `${value ?? '1900-01-01'}T12:00:00Z`;
    case 'instant':
      return value ?? '1900-01-01T00:00:00Z';
    case 'guid':
      return value ?? EMPTY_GUID;
    case 'enum':
      return value === null ? undefined : (field.symbols.get(value) ?? value);
    case 'boolean':
      return value === 'true';
    case 'text':
    case 'options':
      return value ?? '';
  }
}

/**
 * A value as a literal of a key or filter (OData 4.01 Part 2 section 5.1.1.6), not encoded for an URL; null where it is
 * none of the field's type, so that no row can have it. One such value must not refuse a query for many rows.
 */
export function literal(value: string, field: FinopsField): string | null {
  if (field.type.kind === 'text') return quoted(value);
  try {
    const fitting = canonicalValue(value, field.type);
    return fitting === null ? null : typedLiteral(fitting, field);
  } catch (error) {
    if (error instanceof NotCanonicalError) return null;
    throw error;
  }
}

function typedLiteral(value: string, field: FinopsField): string | null {
  if (field.type.kind === 'date') return `${value}T12:00:00Z`;
  if (field.type.kind !== 'enum') return value;
  const symbol = field.symbols.get(value);
  return symbol === undefined ? null : `${field.enumName}${quoted(symbol)}`;
}
