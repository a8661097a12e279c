import { parseLookupPath } from '../../core/map/lookup-path.ts';
import type { Finding } from '../../core/map/map-codes.ts';
import type { FieldMapping, SyncDirection } from '../../core/map/table-map.ts';
import { type DocumentedRow, documentedRow, unknownMembers } from './documented-map.ts';
import { readTransform } from './documented-transform.ts';
import { shapeFindings } from './shape-findings.ts';

interface ReadField {
  field: FieldMapping | null;
  findings: Finding[];
}

/** Reads a row; null where it has not the shape of one or names no column. */
export function readField(row: unknown, path: string): ReadField {
  const parsed = documentedRow.safeParse(row);
  if (!parsed.success) return { field: null, findings: shapeFindings(parsed.error, path) };
  const { fo, dataverse } = parsed.data;
  if (fo === null && dataverse === null) {
    return { field: null, findings: [{ code: 'C01', path, message: 'the row names a column of neither side' }] };
  }
  const { direction, findings } = readDirection(parsed.data, path);
  if (direction === null) return { field: null, findings };
  const { transform, findings: ofTransform } = readTransform(parsed.data, path);
  const kept = unknownMembers(parsed.data, documentedRow);
  return {
    field: {
      finops: fo,
      dataverse,
      direction,
      ...(transform === undefined ? {} : { transform }),
      ...(kept.length === 0 ? {} : { dualWrite: Object.fromEntries(kept) }),
    },
    findings: [
      ...findings,
      ...ofTransform,
      ...pathFindings(dataverse, path),
      ...kept.map(
        ([name, value]): Finding => ({
          code: 'C02',
          path: `${path}.${name}`,
          message: `"${name}" is kept as it is: ${JSON.stringify(value)}`,
        }),
      ),
    ],
  };
}

const DIRECTIONS: Readonly<Record<string, SyncDirection>> = {
  bidirectional: 'both',
  both: 'both',
  'fo-to-dataverse': 'finops-to-dataverse',
  'finops-to-dataverse': 'finops-to-dataverse',
  'dataverse-to-fo': 'dataverse-to-finops',
  'dataverse-to-finops': 'dataverse-to-finops',
};
const SYMBOLS: Readonly<Record<string, SyncDirection>> = {
  '=': 'both',
  '><': 'both',
  '<>': 'both',
  '>': 'finops-to-dataverse',
  '>>': 'finops-to-dataverse',
  '<': 'dataverse-to-finops',
  '<<': 'dataverse-to-finops',
};

function readDirection(row: DocumentedRow, path: string): { direction: SyncDirection | null; findings: Finding[] } {
  const told: SyncDirection | 'unknown' | null =
    row.direction == null ? null : (DIRECTIONS[row.direction.trim().toLowerCase()] ?? 'unknown');
  const drawn: SyncDirection | 'unknown' | null =
    row.mapType == null ? null : (SYMBOLS[row.mapType.trim()] ?? 'unknown');
  const findings: Finding[] = [];
  if (told === 'unknown') {
    findings.push({ code: 'C01', path: `${path}.direction`, message: `"${row.direction}" is no direction` });
  }
  if (drawn === 'unknown') {
    findings.push({ code: 'C01', path: `${path}.mapType`, message: `"${row.mapType}" is no symbol of a direction` });
  }
  const known = [told, drawn].filter((each) => each !== null && each !== 'unknown');
  const [direction, other] = known;
  if (direction === undefined && findings.length === 0) {
    findings.push({ code: 'C01', path, message: 'the row has neither a direction nor a symbol of one' });
  }
  if (other !== undefined && other !== direction) {
    const message = `the direction "${row.direction}" contradicts the symbol ${row.mapType}`;
    findings.push({ code: 'C04', path: `${path}.mapType`, message });
  }
  return { direction: direction ?? null, findings };
}

const NAME = /^[A-Za-z_]\w*$/;

/** A path that the engine would take for another column than the one that is meant. */
function pathFindings(dataverse: string | null, path: string): Finding[] {
  if (dataverse === null) return [];
  const { hops, column, targets } = parseLookupPath(dataverse);
  const names = [...hops, column, ...(targets ?? []).flatMap((target) => [target.table, target.column])];
  const said = (targets?.length ?? 0) + hops.length + (targets === undefined ? 1 : 0);
  if (names.every((name) => NAME.test(name)) && said === dataverse.split('.').length) return [];
  return [{ code: 'C07', path: `${path}.dataverse`, message: `"${dataverse}" is no path through lookups` }];
}
