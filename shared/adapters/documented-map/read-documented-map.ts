import type { Finding } from '../../core/map/map-codes.ts';
import type { MapDefinition } from '../../core/map/map-definition.ts';
import type { FieldMapping } from '../../core/map/table-map.ts';
import { readField } from './documented-field.ts';
import { readFilter } from './documented-filter.ts';
import { readKey } from './documented-key.ts';
import { type DocumentedMap, documentedMap, unknownMembers } from './documented-map.ts';
import { shapeFindings } from './shape-findings.ts';

export interface ReadDefinition {
  /** Null where the document is no map at all. */
  definition: MapDefinition | null;
  /** What was lost, guessed or contradictory; paths lead into the source. */
  findings: Finding[];
}

/**
 * Reads a table map in the shape in which the documentation's maps are kept (an object with `fo`, `dataverse`,
 * `fields`, `filters` and `keys`). Rows that are no rows are left out and reported. What tells variants of a map apart is
 * the member `variant` where it is a word, else what stands in the file's name between two points.
 */
export function readDocumentedMap(text: string, fileName = ''): ReadDefinition {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = `it is no JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { definition: null, findings: [{ code: 'C01', path: '', message }] };
  }
  const parsed = documentedMap.safeParse(json);
  return parsed.success
    ? definitionOf(parsed.data, fileName)
    : { definition: null, findings: shapeFindings(parsed.error) };
}

function definitionOf(map: DocumentedMap, fileName: string): ReadDefinition {
  const rows = map.fields.map((row, index) => readField(row, `fields[${index}]`));
  const fields = rows.flatMap(({ field }): FieldMapping[] => (field === null ? [] : [field]));
  const finops = readFilter(map, 'finops');
  const dataverse = readFilter(map, 'dataverse');
  const { key, findings: ofKey } = readKey(map, fields);
  const kept = keptMembers(map);
  const findings = [
    ...rows.flatMap((row) => row.findings),
    ...finops.findings,
    ...dataverse.findings,
    ...ofKey,
    ...kept.map(
      ({ path, value }): Finding => ({ code: 'C02', path, message: `kept as it is: ${JSON.stringify(value)}` }),
    ),
    ...(map.unparsed ?? []).map(
      (row, index): Finding => ({
        code: 'C10',
        path: `unparsed[${index}]`,
        message: `the source could not be read here: ${JSON.stringify(row)}`,
      }),
    ),
  ];
  if (fields.length === 0) return { definition: null, findings };
  const major = dataverse.major ?? finops.major;
  const definition: MapDefinition = {
    entityLabel: map.fo.label ?? map.fo.entity ?? '',
    entityName: map.fo.entity ?? null,
    tableSet: map.dataverse.table,
    tableName: map.dataverse.logicalName ?? null,
    variant: variantOf(map, fileName),
    version: map.version ?? (major === null ? '1.0.0.0' : `${major}.0.0.0`),
    publisher: map.publisher ?? 'Microsoft',
    note: noteOf(map),
    filters: { finops: finops.filter, dataverse: dataverse.filter },
    fields,
    key,
    ...(kept.length === 0
      ? {}
      : { dualWrite: { documented: Object.fromEntries(kept.map((each) => [each.path, each.value])) } }),
  };
  return { definition, findings };
}

const WORD = /^[\w-]{1,40}$/;

function variantOf({ variant }: DocumentedMap, fileName: string): string {
  if (variant == null || WORD.test(variant)) return variant ?? '';
  return /\.([\w-]+)\.json$/i.exec(fileName)?.[1] ?? 'variant';
}

function noteOf({ variant, source }: DocumentedMap): string | null {
  const parts = [source == null ? '' : `Source: ${source}`, variant == null || WORD.test(variant) ? '' : variant];
  return parts.filter((part) => part !== '').join('; ') || null;
}

/** Members that no part of the reader knows, each by its path. */
function keptMembers(map: DocumentedMap): { path: string; value: unknown }[] {
  const { fo, dataverse, filters, keys } = documentedMap.shape;
  const parts = [
    ['', map, documentedMap],
    ['fo.', map.fo, fo],
    ['dataverse.', map.dataverse, dataverse],
    ['filters.', map.filters ?? {}, filters.unwrap().unwrap()],
    ['keys.', map.keys ?? {}, keys.unwrap().unwrap()],
  ] as const;
  return parts.flatMap(([prefix, part, schema]) =>
    unknownMembers(part, schema).map(([name, value]) => ({ path: `${prefix}${name}`, value })),
  );
}
