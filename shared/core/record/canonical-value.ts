import { Decimal } from 'decimal.js';
import { Temporal } from 'temporal-polyfill';
import type { ColumnType } from './column-type.ts';

/**
 * The one form in which a value of either side is compared and stored: null or text. Empty text is null, because F&O
 * has no null text; 1900-01-01 is null, because it is F&O's empty date; decimals are plain decimal strings rounded to
 * the column's scale; instants are ISO-8601 UTC to the second, dates `YYYY-MM-DD`; GUIDs, company codes and enum
 * symbols are lower case; options are their number.
 */
export type CanonicalValue = string | null;

/** Column name (F&O property, or Dataverse column or lookup path) to canonical value. */
export type Values = Readonly<Record<string, CanonicalValue>>;

/** A value that the column cannot hold: the text says what was found and what was expected. */
export class NotCanonicalError extends Error {}

/**
 * Brings a value as a system's JSON shows it into canonical form.
 * @throws NotCanonicalError when the value is no value of that type; callers at the boundary turn it into a fault.
 */
export function canonicalValue(wire: unknown, type: ColumnType): CanonicalValue {
  if (wire === null || wire === undefined || wire === '') return null;
  const text = typeof wire === 'string' ? wire.trim() : String(wire);
  if (text === '') return null;
  return CANONICAL[type.kind](text, type);
}

const CANONICAL: Record<ColumnType['kind'], (text: string, type: ColumnType) => CanonicalValue> = {
  text: (text, type) => (type.kind === 'text' && type.folded === true ? text.toLowerCase() : text),
  integer: (text) => decimalText(text, 0),
  decimal: (text, type) => decimalText(text, type.kind === 'decimal' ? type.scale : 0),
  boolean: booleanText,
  instant: instantText,
  date: dateText,
  guid: guidText,
  enum: (text) => text.toLowerCase(),
  option: (text) => decimalText(text, 0),
  options: (text) =>
    text
      .split(',')
      .map((part) => decimalText(part.trim(), 0))
      .sort((a, b) => Number(a) - Number(b))
      .join(','),
};

function decimalText(text: string, scale: number): string {
  let value: Decimal;
  try {
    value = new Decimal(text);
  } catch {
    throw new NotCanonicalError(`"${text}" is not a number`);
  }
  if (!value.isFinite()) throw new NotCanonicalError(`"${text}" is not a finite number`);
  const rounded = value.toDecimalPlaces(scale, Decimal.ROUND_HALF_UP);
  return rounded.isZero() ? '0' : rounded.toFixed();
}

function booleanText(text: string): string {
  const folded = text.toLowerCase();
  if (folded === 'true' || folded === '1' || folded === 'yes') return 'true';
  if (folded === 'false' || folded === '0' || folded === 'no') return 'false';
  throw new NotCanonicalError(`"${text}" is neither true nor false`);
}

const GUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/;
const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';

function guidText(text: string): CanonicalValue {
  const folded = text.toLowerCase();
  if (!GUID.test(folded)) throw new NotCanonicalError(`"${text}" is not a GUID`);
  const bare = folded.replace(/[{}]/g, '');
  return bare === EMPTY_GUID ? null : bare;
}

/** F&O writes a pure date as noon UTC, Dataverse as a bare date: the day is what counts. */
function dateText(text: string): CanonicalValue {
  const day = /^(\d{4}-\d{2}-\d{2})(?:T.*)?$/.exec(text)?.[1];
  if (day === undefined) throw new NotCanonicalError(`"${text}" is not a date`);
  return day === '1900-01-01' ? null : day;
}

const UTC_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

function instantText(text: string): CanonicalValue {
  if (text.startsWith('1900-01-01')) return null;
  if (UTC_SECONDS.test(text)) return text;
  try {
    return Temporal.Instant.from(text).toString({ smallestUnit: 'second' });
  } catch {
    throw new NotCanonicalError(`"${text}" is not an instant`);
  }
}
