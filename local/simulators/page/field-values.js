import { findLookupId } from './lookups.js';

/** What a field of a raw row looks like in an input: text, never null. */
export function shownValue(field, side, raw) {
  const value = raw[field[side]];
  if (value === null || value === undefined) return '';
  if (field.kind === 'lookup') return side === 'finops' ? value : (value[field.lookup.key] ?? '');
  if (field.kind === 'choice' && side === 'dataverse') {
    return field.choices.find(([, option]) => option === value)?.[0] ?? String(value);
  }
  return String(value);
}

/** Whether two shown values mean the same: F&O has no empty number, and both sides trim and ignore the kind of line end. */
export function meansSame(field, one, other) {
  if (field.kind === 'number') return Number(one || 0) === Number(other || 0);
  if (field.kind === 'lookup') return one.toLowerCase() === other.toLowerCase();
  return clean(one) === clean(other);
}

function clean(value) {
  return value.replaceAll('\r\n', '\n').trim();
}

/** The body of a write: what was typed, by field, in the words of one side. Throws for a lookup that leads nowhere. */
export async function encodeValues(side, typed, company) {
  const body = {};
  for (const [field, value] of typed) {
    if (field.kind === 'lookup' && side === 'dataverse') {
      const id = value === '' ? null : await findLookupId(field.lookup, value, company);
      body[`${field.dataverse}@odata.bind`] = id === null ? null : `/${field.lookup.set}(${id})`;
    } else {
      body[field[side]] = encodeValue(field, side, value);
    }
  }
  return body;
}

function encodeValue(field, side, value) {
  if (field.kind === 'number') {
    if (value === '') return side === 'finops' ? 0 : null;
    return Number(value);
  }
  if (field.kind === 'choice' && side === 'dataverse') {
    return field.choices.find(([symbol]) => symbol === value)?.[1] ?? null;
  }
  return value === '' && side === 'dataverse' ? null : value;
}
