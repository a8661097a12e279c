import type { TableShape } from './compiled-map.ts';
import type { MapFinding } from './map-finding.ts';
import type { TableMap } from './table-map.ts';

/** Letters of a GUID as text. */
const GUID_LENGTH = 36;

/**
 * A number sequence needs a column by which a create that timed out is found: without one it would be done twice. That
 * F&O keeps the column unique is not told by its metadata.
 */
export function checkNumbering(map: TableMap, shape: TableShape): MapFinding[] {
  const { numberSequence } = map.finops;
  if (numberSequence === undefined) return [];
  const { column, matchColumn } = numberSequence;
  return [...checkNumber(map, column), ...checkMatch(map, matchColumn, shape)].map((message) => ({
    code: 'M32',
    where: 'finops.numberSequence',
    message,
  }));
}

function checkNumber(map: TableMap, column: string): string[] {
  const pair = map.key.find(({ finops }) => finops === column);
  if (pair === undefined) return [`${column} is no column of the key`];
  const field = map.fields.find(({ finops, dataverse }) => finops === column && dataverse === pair.dataverse);
  const plain = field?.direction === 'both' && field.transform === undefined;
  return plain
    ? []
    : [`the number in ${column} has to go back to ${pair.dataverse} as it is, and numbers typed there to F&O`];
}

function checkMatch(map: TableMap, column: string, shape: TableShape): string[] {
  const type = shape.typeOf(column);
  if (type === null) return [`finops has no column ${column}`];
  if (map.fields.some(({ finops }) => finops === column)) return [`${column} is mapped, so it may hold something else`];
  const fits = type.kind === 'guid' || (type.kind === 'text' && (type.maxLength ?? GUID_LENGTH) >= GUID_LENGTH);
  return fits && !shape.computed(column) ? [] : [`${column} cannot be written a GUID`];
}
