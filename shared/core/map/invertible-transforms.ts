import { Decimal } from 'decimal.js';
import { Temporal } from 'temporal-polyfill';
import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';
import { otherSide, type Side } from '../record/side.ts';

/** Amounts have up to 32 digits in F&O; the default of the library, 20, would round them. */
const Exact = Decimal.clone({ precision: 64 });

/**
 * Multiplies towards Dataverse and divides back. The column's scale rounds the result, so that a value comes back as
 * it was from the side whose steps are the coarser, and rounded from the other.
 */
export function scaleNumber(by: string): (from: Side, value: CanonicalValue) => CanonicalValue {
  const factor = new Exact(by);
  return (from, value) => {
    if (value === null) return null;
    let number: Decimal;
    try {
      number = new Exact(value);
    } catch {
      throw new NotCanonicalError(`"${value}" is not a number`);
    }
    return (from === 'finops' ? number.times(factor) : number.div(factor)).toFixed();
  };
}

/**
 * A date becomes the instant at which that day begins in the zone; an instant becomes the day it falls on there.
 * The functions throw NotCanonicalError for days that the zone never had, and those that come near F&O's empty date.
 */
export function timeZoneShift(
  zone: string,
  types: Readonly<Record<Side, ColumnType>>,
): (from: Side, value: CanonicalValue) => CanonicalValue {
  return (from, value) => {
    if (value === null) return null;
    if (types[from].kind === 'instant') return dayOf(value, zone);
    const start = Temporal.PlainDate.from(value).toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'second' });
    const held = canonicalValue(start, types[otherSide(from)]);
    if (held === null || dayOf(held, zone) !== value) {
      throw new NotCanonicalError(`the day ${value} has no instant in ${zone}`);
    }
    return held;
  };
}

function dayOf(instant: string, zone: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}
