import type { BasePair, Link } from '../link/link.ts';
import type { CanonicalValue } from '../record/canonical-value.ts';
import { type RecordKey, recordKey, recordKeyParts } from '../record/record-key.ts';
import type { Row } from '../record/row.ts';
import type { Side } from '../record/side.ts';
import type { CompiledField, CompiledMap } from './compiled-map.ts';

const UNNUMBERED = 'unnumbered:';

/** Stands in a record's key for the number that F&O has not given yet. No number is as long. */
export function provisionalPart(dataverseId: string): string {
  return `${UNNUMBERED}${dataverseId.toLowerCase()}`;
}

/** Whether a value stands for the number of a record that has none yet. */
export function isProvisional(value: CanonicalValue): boolean {
  return value?.startsWith(UNNUMBERED) === true;
}

/** The Dataverse row whose record has this key until F&O has numbered it; null for every other key. */
export function unnumberedRowId({ numbering, sides }: CompiledMap, key: RecordKey): string | null {
  if (numbering === null) return null;
  const part = recordKeyParts(key)[sides.finops.keyColumns.indexOf(numbering.column)] ?? '';
  return isProvisional(part) ? part.slice(UNNUMBERED.length) : null;
}

/** The Dataverse row that an F&O row says it was created for; null where it says nothing. */
export function matchedId({ numbering }: CompiledMap, side: Side, { values }: Pick<Row, 'values'>): CanonicalValue {
  if (numbering === null || side === 'dataverse') return null;
  return values[numbering.matchColumn]?.toLowerCase() ?? null;
}

/** F&O's number goes to a row without one, whatever became of it there: without it the row is of another record. */
export function isNumberToGive(
  { numbering }: CompiledMap,
  { finops }: CompiledField,
  [given, taken]: BasePair,
): boolean {
  return finops === numbering?.column && given !== null && taken === null;
}

/** The key that a record goes by once both its rows bear the number; null while they do not, and for every other record. */
export function numberedKey(map: CompiledMap, { key, base }: Pick<Link, 'key' | 'base'>): RecordKey | null {
  const { numbering, fields, sides } = map;
  if (numbering === null || unnumberedRowId(map, key) === null) return null;
  const field = fields.find(({ finops }) => finops === numbering.column);
  const [given = null, taken = null] = base?.[field?.id ?? ''] ?? [];
  if (given === null || given !== taken) return null;
  const parts: CanonicalValue[] = recordKeyParts(key);
  parts[sides.finops.keyColumns.indexOf(numbering.column)] = given;
  return recordKey(parts);
}

/** The key that a row's record had before F&O numbered it; null for rows that were created with a key. */
export function provisionalKey(map: CompiledMap, side: Side, row: Pick<Row, 'values'>): RecordKey | null {
  const id = matchedId(map, side, row);
  if (id === null) return null;
  const { keyColumns } = map.sides.finops;
  const parts = keyColumns.map((column) => row.values[column] ?? null);
  parts[keyColumns.indexOf(map.numbering?.column ?? '')] = provisionalPart(id);
  return recordKey(parts);
}

/** The keys of the records that a row may be of. */
export function keysOf(map: CompiledMap, side: Side, row: Pick<Row, 'id' | 'values'>): RecordKey[] {
  return [map.keyOf(side, row), provisionalKey(map, side, row)].filter((key) => key !== null);
}
