import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableMap } from '../../shared/core/map/table-map.ts';

/** On which side a seeded record exists before the first synchronisation. */
export type SeedSide = 'finops' | 'dataverse' | 'both';

/** One record, in F&O's terms: `values` are OData properties of the entity of the map with that identifier. */
export interface SeedRow {
  map: string;
  side: SeedSide;
  values: Record<string, unknown>;
}

/**
 * A reference to a row by an alternate key, as the value of `<lookup column>@key`: key column to value, where a key
 * column that is a lookup itself (the company) holds such a reference in turn. `@table` names the table where the
 * lookup may point to several.
 */
type KeyReference = { [column: string]: string | number | KeyReference };

interface EntityMetadata {
  entitySetName: string;
  fields: { name: string; type: string; enum?: string }[];
}

interface TableMetadata {
  logicalName: string;
  companyColumn: string | null;
  columns: { logicalName: string; type: string; targets?: string[] }[];
}

interface Metadata {
  enums: Record<string, { name: string }[]>;
  entities: Map<string, EntityMetadata>;
  tables: Map<string, TableMetadata>;
}

const mapsFolder = join(import.meta.dirname, '../../maps');
const read = (path: string): unknown => JSON.parse(readFileSync(join(mapsFolder, path), 'utf8'));

/** Writes the row that Dataverse holds for a row of F&O, as the map has it. */
export interface Twin {
  map: TableMap;
  /** The row with every number and enum that the map names filled in, as F&O itself does on insert. */
  complete(values: Record<string, unknown>): Record<string, unknown>;
  /** The Dataverse row of the same record: logical names, and `<lookup>@key` for lookups. */
  toDataverse(values: Record<string, unknown>): Record<string, unknown>;
}

/** Reads the shipped maps, with the metadata of both their sides, by the map's identifier. */
export function readTwins(): Map<string, Twin> {
  const metadata = {
    enums: read('metadata/finops/enums.json') as Record<string, { name: string }[]>,
    entities: byName<EntityMetadata>('metadata/finops/*.json', (entity) => entity.entitySetName),
    tables: byName<TableMetadata>('metadata/dataverse/*.json', (table) => table.logicalName),
  };
  const maps = globSync('*/*.json', { cwd: mapsFolder }).filter((path) => !path.startsWith('metadata'));
  return new Map(
    maps.map((path) => {
      const map = read(path) as TableMap;
      return [map.id, twinOf(map, metadata)];
    }),
  );
}

function byName<T>(pattern: string, nameOf: (content: T) => string): Map<string, T> {
  return new Map(
    globSync(pattern, { cwd: mapsFolder }).map((path) => {
      const content = read(path) as T;
      return [nameOf(content), content];
    }),
  );
}

function twinOf(map: TableMap, { enums, entities, tables }: Metadata): Twin {
  const entity = entities.get(map.finops.entity);
  if (entity === undefined) throw new Error(`${map.id}: no entity ${map.finops.entity}`);
  const complete = (values: Record<string, unknown>): Record<string, unknown> => {
    const filled = { ...values };
    for (const row of map.fields) {
      const field = entity.fields.find((candidate) => candidate.name === row.finops);
      if (field === undefined || row.direction === 'dataverse-to-finops' || field.name in filled) continue;
      if (field.type === 'Enum') filled[field.name] = enums[field.enum ?? '']?.[0]?.name;
      if (['Int32', 'Int64', 'Real'].includes(field.type)) filled[field.name] = 0;
    }
    return filled;
  };
  return { map, complete, toDataverse: (values) => twinRow(map, tables, complete(values)) };
}

function twinRow(
  map: TableMap,
  tables: Map<string, TableMetadata>,
  values: Record<string, unknown>,
): Record<string, unknown> {
  const table = tableOf(tables, map.dataverse.table);
  const row: Record<string, unknown> = {};
  const company = String(values['dataAreaId'] ?? '');
  if (table.companyColumn !== null) row[`${table.companyColumn}@key`] = companyKey(company);
  for (const field of map.fields) {
    if (field.dataverse === null || field.direction === 'dataverse-to-finops') continue;
    const text = dataverseText(field.finops === null ? '' : values[field.finops], field.transform);
    if (text === '') continue;
    const [name = '', segment] = field.dataverse.split('.');
    const column = columnOf(table, name);
    if (segment === undefined) row[name] = typedValue(text, column.type);
    else row[`${name}@key`] = lookupKey(segment, column.targets ?? [], text, company, tables);
  }
  return row;
}

function columnOf(table: TableMetadata, logicalName: string): TableMetadata['columns'][number] {
  const column = table.columns.find((candidate) => candidate.logicalName === logicalName);
  if (column === undefined) throw new Error(`${table.logicalName} has no column ${logicalName}`);
  return column;
}

function dataverseText(value: unknown, transform: TableMap['fields'][number]['transform']): string {
  const text = value === undefined || value === null ? '' : String(value);
  if (transform?.type === 'default') return text === '' ? transform.value : text;
  if (transform?.type !== 'value-map') return text;
  const pair = transform.pairs.find(([symbol]) => symbol.toLowerCase() === text.toLowerCase());
  if (pair === undefined) throw new Error(`the value map has no "${text}"`);
  return pair[1];
}

function typedValue(text: string, type: string): unknown {
  switch (type) {
    case 'Boolean':
      return text.toLowerCase() === 'true';
    case 'Integer':
    case 'Picklist':
    case 'Decimal':
    case 'Double':
    case 'Money':
      return Number(text);
    case 'DateTime':
      return text.slice(0, 10);
    default:
      return text;
  }
}

/** A polymorphic path (`account(accountnumber).contact(…)`) is taken to mean its first table. */
function lookupKey(
  segment: string,
  targets: readonly string[],
  text: string,
  company: string,
  tables: Map<string, TableMetadata>,
): KeyReference {
  const [, table = targets[0] ?? '', column = segment] = /^(\w+)\((\w+)\)$/.exec(segment) ?? [];
  const companyColumn = tableOf(tables, table).companyColumn;
  return {
    ...(targets.length > 1 ? { '@table': table } : {}),
    [column]: text,
    ...(companyColumn === null ? {} : { [companyColumn]: companyKey(company) }),
  };
}

function tableOf(tables: Map<string, TableMetadata>, logicalName: string): TableMetadata {
  const table = tables.get(logicalName);
  if (table === undefined) throw new Error(`no table ${logicalName}`);
  return table;
}

function companyKey(company: string): KeyReference {
  return { cdm_companycode: company };
}
