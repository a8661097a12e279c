import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';
import { otherSide, type Side } from '../record/side.ts';
import { compileExpression } from './expression.ts';
import { scaleNumber, timeZoneShift } from './invertible-transforms.ts';
import { changeText } from './one-way-transforms.ts';
import type { ValueTransform } from './table-map.ts';

/** A value of one side as the other side would hold it, or why it has no such form. */
type Converted = { ok: true; value: CanonicalValue } | { ok: false; code: 'TW301' | 'TW302'; message: string };

/** Turns a canonical value of the named side into the canonical value of the other side. */
export type Conversion = (from: Side, value: CanonicalValue) => Converted;

/** Compiles a field's transform and the two column types into one conversion for both directions. */
export function compileConversion(
  transform: ValueTransform | undefined,
  types: Readonly<Record<Side, ColumnType>>,
): Conversion {
  if (transform?.type === 'value-map') return valueMapConversion(transform.pairs, types);
  const change = compileChange(transform, types);
  return (from, value) => {
    const to = types[otherSide(from)];
    try {
      return fitted(change(from, value), to);
    } catch (error) {
      if (!(error instanceof NotCanonicalError)) throw error;
      return { ok: false, code: 'TW302', message: error.message };
    }
  };
}

/** What a transform makes of a value, before it is fitted to the column. */
type Change = (from: Side, value: CanonicalValue) => unknown;

function compileChange(
  transform: Exclude<ValueTransform, { type: 'value-map' }> | undefined,
  types: Readonly<Record<Side, ColumnType>>,
): Change {
  if (transform === undefined) return (_, value) => value;
  switch (transform.type) {
    case 'default':
      return (_, value) => value ?? transform.value;
    case 'factor':
      return scaleNumber(transform.by);
    case 'time-zone':
      return timeZoneShift(transform.zone, types);
    case 'expression': {
      const evaluate = compileExpression(transform.cel);
      return (from, value) => evaluate(value, types[from]);
    }
    case 'case':
    case 'round':
    case 'substring':
    case 'truncate': {
      const change = changeText(transform);
      return (_, value) => (value === null ? null : change(value));
    }
  }
}

/** Forwards the exact key; backwards the first listed pair wins, which is what makes the shipped maps lossless. */
function valueMapConversion(
  pairs: readonly (readonly [string, string])[],
  types: Readonly<Record<Side, ColumnType>>,
): Conversion {
  const tables: Record<Side, Map<string, CanonicalValue>> = { finops: new Map(), dataverse: new Map() };
  for (const [symbol, text] of pairs) {
    const finops = canonicalValue(symbol, types.finops);
    const dataverse = canonicalValue(text, types.dataverse);
    remember(tables.finops, finops, dataverse);
    remember(tables.dataverse, dataverse, finops);
  }
  return (from, value) => {
    const found = tables[from].get(foldedKey(value));
    if (found !== undefined) return { ok: true, value: found };
    if (value === null) return { ok: true, value: null };
    return { ok: false, code: 'TW301', message: `the value map has no entry for "${value}"` };
  };
}

function remember(table: Map<string, CanonicalValue>, key: CanonicalValue, value: CanonicalValue): void {
  if (!table.has(foldedKey(key))) table.set(foldedKey(key), value);
}

function foldedKey(value: CanonicalValue): string {
  return value === null ? '' : value.toLowerCase();
}

/** Fits a value to a column: rounds decimals to its scale, refuses what it cannot hold. */
function fitted(value: unknown, type: ColumnType): Converted {
  try {
    const held = canonicalValue(value, type);
    if (type.kind === 'text' && type.maxLength !== undefined && held !== null && held.length > type.maxLength) {
      return tooLong(held, type.maxLength);
    }
    return { ok: true, value: held };
  } catch (error) {
    if (!(error instanceof NotCanonicalError)) throw error;
    return { ok: false, code: 'TW302', message: error.message };
  }
}

function tooLong(text: string, maxLength: number): Converted {
  const message = `the text has ${text.length} characters, the column holds ${maxLength}: "${text.slice(0, 40)}…"`;
  return { ok: false, code: 'TW302', message };
}
