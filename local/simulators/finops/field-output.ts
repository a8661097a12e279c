import { exactNumber } from './exact-json.ts';
import type { StoredValue } from './field-input.ts';
import type { FieldMetadata } from './metadata.ts';

/** What a field holds, ready for `JSON.stringify`: dates as noon UTC, empty ones as 1900, exact numbers digit by digit. */
export function writeField(value: StoredValue, field: FieldMetadata): unknown {
  switch (field.type) {
    case 'Int64':
    case 'Real':
      return exactNumber(String(value));
    case 'Date':
      return `${value === '' ? '1900-01-01' : value}T12:00:00Z`;
    case 'UtcDateTime':
      return value === '' ? '1900-01-01T00:00:00Z' : value;
    case 'String':
    case 'Int32':
    case 'Enum':
    case 'Guid':
      return value;
  }
}

/** Milliseconds since 1970 of a stored date (midnight UTC) or date-time; null when it is empty. */
export function storedInstant(value: StoredValue, field: FieldMetadata): number | null {
  if (value === '') {
    return null;
  }
  return Date.parse(field.type === 'Date' ? `${value}T00:00:00Z` : String(value));
}

/** The Edm type of a field in `$metadata` and PublicEntities; enumerations are named with their namespace. */
export function edmType(field: FieldMetadata): string {
  switch (field.type) {
    case 'String':
      return 'Edm.String';
    case 'Int32':
      return 'Edm.Int32';
    case 'Int64':
      return 'Edm.Int64';
    case 'Real':
      return 'Edm.Decimal';
    case 'Date':
    case 'UtcDateTime':
      return 'Edm.DateTimeOffset';
    case 'Guid':
      return 'Edm.Guid';
    case 'Enum':
      return `Microsoft.Dynamics.DataEntities.${field.enum ?? ''}`;
  }
}
