import { ownColumn } from './lookup-path.ts';
import type { KnownEntity, KnownNames, KnownTable, MapDefinition } from './map-definition.ts';
import { type FieldMapping, type TableMap, tableMapSchema } from './table-map.ts';

/** A map of ours, and in words what had to be inferred. */
export interface AdoptedMap {
  map: TableMap;
  inferred: string[];
}

/**
 * Makes a table map of a definition. What the definition does not tell is taken from the metadata, else inferred, and
 * then said so.
 */
export function adoptMap(definition: MapDefinition, known: KnownNames): AdoptedMap {
  const inferred: string[] = [];
  const entity = known.entity(definition);
  const table = known.table(definition.tableSet);
  if (entity === null) inferred.push(`the entity set of "${definition.entityLabel}", from its label`);
  if (table === null && definition.tableName === null) {
    inferred.push(`the logical name of ${definition.tableSet}, from its set name`);
  }
  const fields = definition.fields.map((field) => respelled(field, entity));
  const told = definition.key?.map((pair) => ({ ...pair, finops: spelled(pair.finops, entity) }));
  const key = told ?? alternateKey(fields, table);
  if (key === null) inferred.push('the integration key, from the names of the fields');
  const map = tableMapSchema.parse({
    id: definitionId(definition),
    version: definition.version,
    publisher: definition.publisher,
    title: definition.entityLabel,
    ...(definition.note === null ? {} : { note: definition.note }),
    finops: { entity: entity?.entitySet ?? setNameOf(definition.entityLabel), filter: definition.filters.finops },
    dataverse: {
      table: table?.logicalName ?? definition.tableName ?? singular(definition.tableSet),
      filter: definition.filters.dataverse,
    },
    key: key ?? likelyKey(fields),
    fields,
    conflict: { policy: 'finops-wins' },
    master: flows(fields, 'dataverse-to-finops') ? 'finops' : 'dataverse',
    deletes: {
      finopsToDataverse: flows(fields, 'dataverse-to-finops') ? 'propagate' : 'ignore',
      dataverseToFinops: flows(fields, 'finops-to-dataverse') ? 'propagate' : 'ignore',
    },
    ...(definition.dualWrite === undefined ? {} : { dualWrite: definition.dualWrite }),
  });
  return { map, inferred };
}

/** The map's id: entity and table as the standard maps are named, and the variant. */
function definitionId({ entityLabel, tableSet, variant }: MapDefinition): string {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
  const set = tableSet.toLowerCase().replace(/[^a-z0-9_]+/g, '');
  return [words(entityLabel) || 'map', `-${set}`, words(variant)].filter((part) => part !== '').join('-');
}

/** Whether any field flows in another direction than this one. */
function flows(fields: readonly FieldMapping[], other: FieldMapping['direction']): boolean {
  return fields.some((field) => field.direction !== other);
}

function respelled(field: FieldMapping, entity: KnownEntity | null): FieldMapping {
  return field.finops === null ? field : { ...field, finops: spelled(field.finops, entity) };
}

function spelled(name: string, entity: KnownEntity | null): string {
  return entity?.fields.find((field) => field.toLowerCase() === name.toLowerCase()) ?? name;
}

/** Entity sets are mostly named as their labels, without the spaces. */
function setNameOf(label: string): string {
  const words = label.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') || 'Unnamed';
}

/** Dataverse makes set names by English rules; only `-ses` may come from `-s` or `-se`, and is mostly the latter. */
function singular(setName: string): string {
  const name = setName.toLowerCase();
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|us|is)es$/.test(name)) return name.slice(0, -2);
  return name.endsWith('s') ? name.slice(0, -1) : name;
}

/** The first alternate key of the table that the map fills: only such a key can be an integration key. */
function alternateKey(fields: readonly FieldMapping[], table: KnownTable | null): TableMap['key'] | null {
  for (const columns of table?.keys ?? []) {
    const pairs = columns.map((column) => pairsOf(fields).filter((pair) => ownColumn(pair.dataverse) === column));
    if (columns.length > 0 && pairs.every((found) => found.length > 0)) return pairs.flat();
  }
  return null;
}

const NAMES_A_RECORD = /(?:id|code|number|name|num|type|value)$/i;

/** A column of its own that goes all ways of the map and is named as what names a record, else the first at hand. */
function likelyKey(fields: readonly FieldMapping[]): TableMap['key'] {
  const twoWay = fields.some((field) => field.direction === 'both');
  const pairs = pairsOf(fields.filter((field) => !twoWay || field.direction === 'both'));
  const own = pairs.filter((pair) => !pair.dataverse.includes('.'));
  const found = own.find((pair) => NAMES_A_RECORD.test(pair.finops)) ?? own[0] ?? pairs[0];
  return found === undefined ? [] : [found];
}

function pairsOf(fields: readonly FieldMapping[]): TableMap['key'] {
  return fields.flatMap(({ finops, dataverse }) =>
    finops === null || dataverse === null ? [] : [{ finops, dataverse }],
  );
}
