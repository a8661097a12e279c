import type { TableShape } from './compiled-map.ts';
import { areDisjoint } from './filter/filter-values.ts';
import { isLookup } from './lookup-path.ts';
import type { MapFinding } from './map-finding.ts';
import type { TableMap } from './table-map.ts';
import { certainOf } from './validate-writes.ts';

/** A map of a set, with what is known of its Dataverse table. */
export interface MapOfSet {
  map: TableMap;
  dataverse: TableShape | null;
}

/** A finding, and which of the maps it is of. */
interface SetFinding extends MapFinding {
  index: number;
}

/**
 * Checks maps that are to run together. Of two maps that get in each other's way, the later bears the finding. An id
 * names a map; documents of one id by several publishers, or of several versions, are alternatives of which one runs.
 */
export function validateSet(maps: readonly MapOfSet[]): SetFinding[] {
  const filled = new Set(maps.map(({ map }) => map.dataverse.table));
  return maps.flatMap((own, index): SetFinding[] => {
    const earlier = maps.slice(0, index).map(({ map }) => map);
    const findings = [...sameIds(own.map, earlier), ...overlaps(own.map, earlier), ...missingMaps(own, filled)];
    return findings.map((finding) => ({ ...finding, index }));
  });
}

function sameIds(map: TableMap, earlier: readonly TableMap[]): MapFinding[] {
  const { id, version, publisher } = map;
  const twin = earlier.some((other) => other.id === id && other.version === version && other.publisher === publisher);
  if (!twin) return [];
  return [{ code: 'M29', where: 'id', message: `another file is ${id} ${version} of ${publisher} as well` }];
}

/** Two maps of one table are told apart by filters; where both may take a row, both would write it. */
function overlaps(map: TableMap, earlier: readonly TableMap[]): MapFinding[] {
  return earlier
    .filter((other) => other.id !== map.id && other.dataverse.table === map.dataverse.table)
    .filter((other) => !areDisjoint(certainOf(other, 'dataverse'), certainOf(map, 'dataverse')))
    .map((other) => ({
      code: 'M22',
      where: 'dataverse.filter',
      message: `a row of ${map.dataverse.table} may pass the filter of ${other.id} and this one`,
    }));
}

function missingMaps({ map, dataverse }: MapOfSet, filled: ReadonlySet<string>): MapFinding[] {
  if (dataverse === null) return [];
  return map.fields.flatMap((field, index): MapFinding[] => {
    if (field.dataverse === null || !isLookup(field.dataverse)) return [];
    const tables = dataverse.lookupTables(field.dataverse);
    if (tables.length === 0 || tables.some((table) => filled.has(table))) return [];
    const message = `no map here fills ${tables.join(' or ')}, which ${field.dataverse} refers to`;
    return [{ code: 'M23', where: `fields[${index}]`, message }];
  });
}
