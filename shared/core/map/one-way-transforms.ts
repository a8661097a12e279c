import { Decimal } from 'decimal.js';
import { NotCanonicalError } from '../record/canonical-value.ts';
import type { ValueTransform } from './table-map.ts';

type TextTransform = Extract<ValueTransform, { type: 'case' | 'truncate' | 'substring' | 'round' }>;

const ONE_WAY: Record<ValueTransform['type'], boolean> = {
  'value-map': false,
  default: false,
  factor: false,
  'time-zone': false,
  case: true,
  truncate: true,
  substring: true,
  round: true,
  expression: true,
};

/** Whether the value before cannot be told from the value after. */
export function isOneWay(transform: ValueTransform): boolean {
  return ONE_WAY[transform.type];
}

/** @throws NotCanonicalError of the returned function, where a text to be rounded is no number. */
export function changeText(transform: TextTransform): (text: string) => string {
  switch (transform.type) {
    case 'case':
      return transform.to === 'upper' ? (text) => text.toUpperCase() : (text) => text.toLowerCase();
    case 'truncate':
      return (text) => slice(text, 0, transform.length);
    case 'substring':
      return (text) => slice(text, transform.start, transform.length);
    case 'round':
      return (text) => round(text, transform.digits);
  }
}

/** Counts UTF-16 units, as the lengths of columns do, but leaves no half of a surrogate pair behind. */
function slice(text: string, start: number, length: number | undefined): string {
  const end = length === undefined ? undefined : start + length;
  return text.slice(start, end).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}

function round(text: string, digits: number): string {
  try {
    return new Decimal(text).toDecimalPlaces(digits, Decimal.ROUND_HALF_UP).toFixed();
  } catch {
    throw new NotCanonicalError(`"${text}" is not a number`);
  }
}
