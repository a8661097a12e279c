import { z } from 'zod';
import type { AdoptedMap } from '../../core/map/adopt-map.ts';
import type { KnownNames } from '../../core/map/map-definition.ts';
import type { TableMap } from '../../core/map/table-map.ts';
import { recordsFromXml, xmlFromRecords } from './customizations-xml.ts';
import { type DualWriteNames, type MapRecord, mapFromRecord, recordFromMap } from './map-record.ts';
import { NotASolutionError, openSolutions, solutionArchive } from './solution-archive.ts';

/** A record that could not be read; the others were. */
interface BrokenRecord {
  record: string;
  problem: string;
}

export interface ReadSolution {
  maps: (AdoptedMap & { record: string })[];
  broken: BrokenRecord[];
}

/**
 * Reads all maps of a dual-write solution (zip, or its `customizations.xml` alone).
 * @throws NotASolutionError
 */
export function readSolution(file: Uint8Array, known: KnownNames): ReadSolution {
  const read: ReadSolution = { maps: [], broken: [] };
  for (const { customizations, publisher } of openSolutions(file)) {
    for (const record of recordsIn(customizations)) readRecord(record, known, publisher, read);
  }
  return read;
}

function recordsIn(customizations: string): MapRecord[] {
  try {
    return recordsFromXml(customizations);
  } catch (error) {
    throw new NotASolutionError(
      `its customizations are no XML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function readRecord(record: MapRecord, known: KnownNames, publisher: string | null, into: ReadSolution): void {
  const name = [record['msdyn_displayname'], record['msdyn_name'], record['@msdyn_dualwriteentitymapid']].find(
    (each) => typeof each === 'string' && each !== '',
  );
  const named = typeof name === 'string' ? name : 'a record without a name';
  try {
    into.maps.push({ record: named, ...mapFromRecord(record, known, publisher) });
  } catch (error) {
    if (error instanceof SyntaxError) {
      into.broken.push({ record: named, problem: `its mapping is no JSON: ${error.message}` });
    } else if (error instanceof z.ZodError) {
      const problem = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
      into.broken.push({ record: named, problem });
    } else throw error;
  }
}

/** Writes maps as a solution zip that dual-write, and we, can import. `namesOf` tells how dual-write names the sides. */
export function writeSolution(
  maps: readonly TableMap[],
  namesOf: (map: TableMap) => DualWriteNames,
  name = 'TwinwriteMaps',
): Uint8Array {
  const records = maps.map((map) => recordFromMap(map, namesOf(map)));
  return solutionArchive(xmlFromRecords(records), name, maps[0]?.publisher ?? 'twinwrite');
}
