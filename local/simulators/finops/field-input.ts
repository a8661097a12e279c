import { Decimal } from 'decimal.js';
import { isExactNumber } from './exact-json.ts';
import { odataFault } from './faults.ts';
import type { EnumMember, FieldMetadata } from './metadata.ts';
import { dataNamespace } from './metadata.ts';
import type { FinopsSwitches } from './switches.ts';

/**
 * A value as it rests in a row: text for strings, symbols, GUIDs, dates (`2015-01-15`), date-times
 * (`2015-01-15T16:26:20Z`) and exact numbers (Int64, Real); a number for Int32. Empty dates are empty text.
 */
export type StoredValue = string | number;

export const Exact = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60 });

export const emptyGuid = '00000000-0000-0000-0000-000000000000';

export interface InputRules {
  enums: Readonly<Record<string, readonly EnumMember[]>>;
  switches: FinopsSwitches;
}

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const firstDay = '1900-01-01';
const lastSecond = Date.UTC(2154, 11, 31, 23, 59, 59);

/** The X++ default of a field: what a row holds that was never given a value. */
export function emptyValue(field: FieldMetadata, rules: InputRules): StoredValue {
  switch (field.type) {
    case 'Int32':
      return 0;
    case 'Int64':
    case 'Real':
      return '0';
    case 'Guid':
      return emptyGuid;
    case 'Enum':
      return enumMembers(field, rules)[0]?.name ?? '';
    case 'String':
    case 'Date':
    case 'UtcDateTime':
      return '';
  }
}

function enumMembers(field: FieldMetadata, rules: InputRules): readonly EnumMember[] {
  return rules.enums[field.enum ?? ''] ?? [];
}

function misfit(value: unknown, field: FieldMetadata, edm: string): Error {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return odataFault(`Cannot convert the literal '${text}' to the expected type '${edm}' of property '${field.name}'.`);
}

function readInteger(value: unknown, field: FieldMetadata, bits: 32 | 64): string {
  const text = isExactNumber(value) ? value.rawJSON : '';
  const bound = 2n ** BigInt(bits - 1);
  if (!/^-?\d+$/.test(text) || BigInt(text) >= bound || BigInt(text) < -bound) {
    throw misfit(value, field, `Edm.Int${bits}`);
  }
  return BigInt(text).toString();
}

function readReal(value: unknown, field: FieldMetadata): string {
  if (!isExactNumber(value)) {
    throw misfit(value, field, 'Edm.Decimal');
  }
  const rounded = new Exact(value.rawJSON).toDecimalPlaces(field.decimals ?? 6, Decimal.ROUND_HALF_UP);
  if (rounded.abs().greaterThanOrEqualTo('1e26')) {
    throw misfit(value, field, 'Edm.Decimal');
  }
  return rounded.isZero() ? '0' : rounded.toFixed();
}

/** Milliseconds since 1970 of an Edm.DateTimeOffset text; a text without a zone is refused. */
function readInstant(value: unknown, field: FieldMetadata): number {
  const text = typeof value === 'string' ? value : '';
  const at = instantForm.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw misfit(value, field, 'Edm.DateTimeOffset');
  }
  return at;
}

/** The day on which an instant falls for the caller: noon UTC is safe in every zone, midnight UTC is not. */
function dayOf(atMs: number, rules: InputRules): string {
  const day = new Date(atMs + rules.switches.timeZoneOffsetMinutes * 60_000).toISOString().slice(0, 10);
  return day === firstDay ? '' : day;
}

function readDateTime(value: unknown, field: FieldMetadata): string {
  const at = readInstant(value, field);
  if (at > lastSecond + 999 || at < Date.UTC(1900, 0, 1)) {
    throw misfit(value, field, 'Edm.DateTimeOffset');
  }
  const text = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return text.startsWith(`${firstDay}T00:00:00`) ? '' : text;
}

function readEnum(value: unknown, field: FieldMetadata, rules: InputRules): string {
  const member = enumMembers(field, rules).find(({ name }) => name === value);
  if (member === undefined) {
    throw misfit(value, field, `${dataNamespace}.${field.enum ?? ''}`);
  }
  return member.name;
}

function readString(value: unknown, field: FieldMetadata, rules: InputRules): string {
  if (typeof value !== 'string') {
    throw misfit(value, field, 'Edm.String');
  }
  const kept = rules.switches.trailingBlanks === 'trimmed' ? value.replace(/ +$/, '') : value;
  const text = field.name === 'dataAreaId' ? kept.toLowerCase() : kept;
  const limit = field.maxLength ?? Number.POSITIVE_INFINITY;
  if (text.length <= limit) {
    return text;
  }
  if (rules.switches.longStrings === 'truncated') {
    return text.slice(0, limit);
  }
  throw odataFault(`The value of property '${field.name}' is longer than its maximum length of ${limit} characters.`);
}

function readGuid(value: unknown, field: FieldMetadata): string {
  if (typeof value !== 'string' || !guidForm.test(value)) {
    throw misfit(value, field, 'Edm.Guid');
  }
  return value.toLowerCase();
}

/** Turns a value of a request body into its stored form; throws a 400 fault when it does not fit the field. */
export function readField(value: unknown, field: FieldMetadata, rules: InputRules): StoredValue {
  if (value === null) {
    if (field.type !== 'String' && rules.switches.nullValues === 'refused') {
      throw odataFault(`A null value was found for the property named '${field.name}', which does not allow null.`);
    }
    return emptyValue(field, rules);
  }
  switch (field.type) {
    case 'String':
      return readString(value, field, rules);
    case 'Int32':
      return Number(readInteger(value, field, 32));
    case 'Int64':
      return readInteger(value, field, 64);
    case 'Real':
      return readReal(value, field);
    case 'Date':
      return dayOf(readInstant(value, field), rules);
    case 'UtcDateTime':
      return readDateTime(value, field);
    case 'Enum':
      return readEnum(value, field, rules);
    case 'Guid':
      return readGuid(value, field);
  }
}
