import { Temporal } from 'temporal-polyfill';
import type { ColumnType } from '../record/column-type.ts';
import { SIDES, type Side } from '../record/side.ts';
import { expressionError } from './expression.ts';
import type { ValueTransform } from './table-map.ts';

/** Why a transform cannot work between columns of these types, or at all; null where it can. */
export function transformMisfit(transform: ValueTransform, types: Readonly<Record<Side, ColumnType>>): string | null {
  const kinds = SIDES.map((side) => types[side].kind);
  switch (transform.type) {
    case 'factor':
      return kinds.every((kind) => kind === 'decimal' || kind === 'integer')
        ? null
        : 'a factor needs two number columns';
    case 'time-zone':
      if (!isZone(transform.zone)) return `"${transform.zone}" is no time zone of the IANA database`;
      return kinds.includes('date') && kinds.includes('instant') ? null : 'a time zone needs a date and an instant';
    case 'expression':
      return expressionError(transform.cel);
    case 'case':
    case 'default':
    case 'round':
    case 'substring':
    case 'truncate':
    case 'value-map':
      return null;
  }
}

function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}
