import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type AdoptedMap, adoptMap } from '../../core/map/adopt-map.ts';
import type { KnownNames, MapDefinition } from '../../core/map/map-definition.ts';
import { type TableMap, tableMapSchema } from '../../core/map/table-map.ts';
import { type XmlContent, xmlText } from './customizations-xml.ts';
import { fieldFromRow, rowFromField } from './mapping-row.ts';

/** A record of the Dataverse table `msdyn_dualwriteentitymap`, by element name. */
export type MapRecord = Record<string, XmlContent>;

/** How dual-write names the two sides of a map: the entity by its label, the table by its set. */
export interface DualWriteNames {
  entityLabel: string;
  tableSet: string;
}

type Json = Record<string, unknown>;

/** Our own member of the mapping: all of a map that dual-write has no place for. */
const OURS = 'twinwrite';

const leg = z.looseObject({
  sourceSchema: z.string().min(1),
  destinationSchema: z.string().min(1),
  sourceFilter: z.string().nullish(),
  reversedSourceFilter: z.string().nullish(),
  fieldMappings: z.array(z.record(z.string(), z.unknown())).min(1),
});
const mappingText = z.looseObject({ legs: z.array(leg).min(1) });

/**
 * Reads one record. A map that was exported by us comes back as it was; where somebody changed the exported record
 * since, what dual-write tells is taken from the record and the rest from what we sent along.
 * @throws SyntaxError and z.ZodError where the record is broken.
 */
export function mapFromRecord(record: MapRecord, known: KnownNames, publisher: string | null): AdoptedMap {
  const definition = definitionOf(record, publisher);
  const sent = sentAlong(record);
  const { fields, version, filters, dualWrite } = definition;
  if (sent === null) return adoptedWithVersion(definition, known, record);
  const { keepsDualWrite, ...rest } = sent;
  const whole = { ...rest, fields, ...keptDualWrite(keepsDualWrite, dualWrite) };
  const ours = tableMapSchema.safeParse(whole);
  if (!ours.success) return adoptedWithVersion(definition, known, record);
  const now = recordFromMap(ours.data, { entityLabel: definition.entityLabel, tableSet: definition.tableSet });
  if (sameRecord(now, record)) return { map: ours.data, inferred: [] };
  const sides = {
    finops: { ...ours.data.finops, filter: filters.finops },
    dataverse: { ...ours.data.dataverse, filter: filters.dataverse },
  };
  return { map: tableMapSchema.parse({ ...ours.data, ...sides, version, dualWrite }), inferred: [] };
}

/** What the map kept of dual-write: the record's own parts, or, where it came otherwise, what was sent along. */
function keptDualWrite(kept: unknown, ofRecord: Json | undefined): { dualWrite?: unknown } {
  if (kept === true) return { dualWrite: ofRecord };
  return typeof kept === 'object' && kept !== null ? { dualWrite: kept } : {};
}

function cameFromRecord(dualWrite: Json): boolean {
  return 'record' in dualWrite || 'mapping' in dualWrite || 'leg' in dualWrite;
}

/** Writes one record. */
export function recordFromMap(map: TableMap, names: DualWriteNames): MapRecord {
  const kept = keptParts(map);
  const { fields, dualWrite, ...sent } = map;
  const mapping: Json = {
    ...(kept.mapping ?? { ...NEW_MAPPING, name: `[${names.entityLabel}] - [${names.tableSet}]` }),
    legs: [
      {
        ...(kept.leg ?? NEW_LEG),
        sourceSchema: names.entityLabel,
        destinationSchema: names.tableSet,
        sourceFilter: map.finops.filter ?? '',
        reversedSourceFilter: map.dataverse.filter ?? '',
        fieldMappings: fields.map(rowFromField),
      },
      ...(kept.moreLegs ?? []),
    ],
    [OURS]: { ...sent, ...(dualWrite === undefined ? {} : { keepsDualWrite: cameFromRecord(dualWrite) || dualWrite }) },
  };
  return {
    ...(kept.record ?? newRecord(map, names)),
    msdyn_version: map.version,
    msdyn_mapping: JSON.stringify(mapping),
  };
}

function definitionOf(record: MapRecord, publisher: string | null): MapDefinition {
  const { msdyn_mapping: text, msdyn_version: version, ...others } = record;
  const { legs, [OURS]: _, ...mapping } = mappingText.parse(JSON.parse(textOf(text)));
  const [first, ...moreLegs] = legs as [z.infer<typeof leg>];
  const { fieldMappings, sourceFilter, reversedSourceFilter, ...restOfLeg } = first;
  const dualWrite = { record: others, mapping, leg: restOfLeg, ...(moreLegs.length > 0 ? { moreLegs } : {}) };
  return {
    entityLabel: restOfLeg.sourceSchema,
    entityName: null,
    tableSet: restOfLeg.destinationSchema,
    tableName: null,
    variant: '',
    version: fourPartVersion(textOf(version)) ?? '1.0.0.0',
    publisher: publisher ?? prefixOf(textOf(others['msdyn_name'])),
    note: null,
    filters: { finops: blankToNull(sourceFilter), dataverse: blankToNull(reversedSourceFilter) },
    fields: fieldMappings.map(fieldFromRow),
    key: null,
    dualWrite,
  };
}

function adoptedWithVersion(definition: MapDefinition, known: KnownNames, record: MapRecord): AdoptedMap {
  const { map, inferred } = adoptMap(definition, known);
  const told = fourPartVersion(textOf(record['msdyn_version'])) !== null;
  return { map, inferred: told ? inferred : [...inferred, 'the version, since the record tells none'] };
}

function sentAlong(record: MapRecord): Json | null {
  const { [OURS]: sent } = JSON.parse(textOf(record['msdyn_mapping'])) as Json;
  return typeof sent === 'object' && sent !== null ? (sent as Json) : null;
}

function sameRecord(one: MapRecord, other: MapRecord): boolean {
  const asData = (record: MapRecord): Json => ({
    ...record,
    msdyn_mapping: JSON.parse(textOf(record['msdyn_mapping'])),
  });
  return isDeepStrictEqual(asData(one), asData(other));
}

interface KeptParts {
  record?: MapRecord;
  mapping?: Json;
  leg?: Json;
  moreLegs?: Json[];
}

function keptParts(map: TableMap): KeptParts {
  return (map.dualWrite ?? {}) as KeptParts;
}

function textOf(content: XmlContent | undefined): string {
  return typeof content === 'string' ? content : '';
}

function blankToNull(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text;
}

function fourPartVersion(text: string): string | null {
  if (!/^\d+(?:\.\d+){0,3}$/.test(text.trim())) return null;
  return [...text.trim().split('.'), '0', '0', '0'].slice(0, 4).join('.');
}

/** The publisher's prefix stands before the name: `<prefix>_[<table> - <entity label>]`. */
function prefixOf(name: string): string {
  return /^([^_[\]]+)_\[/.exec(name)?.[1] ?? 'unknown';
}

const NEW_MAPPING: Json = {
  entityName: null,
  order: 0,
  connectionSetName: null,
  leftEnvironmentType: 'AX',
  centerEnvironmentType: 'CRM',
  rightEnvironmentType: 'UNDEFINED',
  leftEnvironment: '',
  centerEnvironment: '',
  leftPartitionName: null,
  centerPartitionName: null,
};
const NEW_LEG: Json = {
  id: '001',
  sourceEnvironment: '',
  sourceEnvironmentType: 'AX',
  isSourceFilterEditable: null,
  destinationEnvironment: '',
  destinationEnvironmentType: 'CRM',
  sourceMQuery: null,
  mashup: null,
  entityFile: null,
  entityFileFormat: 'CSV',
  deleteNonMatchingData: false,
};

function newRecord(map: TableMap, { entityLabel, tableSet }: DualWriteNames): MapRecord {
  const name = xmlText(`${tableSet} - ${entityLabel}`);
  const prefix = map.publisher.toLowerCase().replace(/[^a-z0-9]/g, '') || 'twinwrite';
  const properties = {
    Description: map.note ?? '',
    IsDualWriteProject: true,
    SkipInitialSync: false,
    TargetTypeList: [3, 1],
  };
  return {
    '@msdyn_dualwriteentitymapid': recordId(map),
    iscustomizable: '1',
    msdyn_displayname: name,
    msdyn_name: `${prefix}_[${name}]`,
    msdyn_properties: JSON.stringify(properties),
    statecode: '0',
    statuscode: '1',
  };
}

/** A record's id is a GUID; the same map and version is the same record. */
function recordId({ id, version }: TableMap): string {
  const digits = createHash('sha256').update(`${id}@${version}`).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}
