import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TableMap, tableMapSchema } from '../../shared/core/map/table-map.ts';

export interface DataverseColumn {
  logicalName: string;
  type: string;
  maxLength?: number;
  behavior?: string;
  required: string;
  validForCreate: boolean;
  validForUpdate: boolean;
  default?: unknown;
  options?: { value: number; label: string }[];
  targets?: string[];
  navigation?: string;
  navigations?: Record<string, string>;
  source: string;
}

export interface DataverseTable {
  logicalName: string;
  entitySetName: string;
  primaryIdAttribute: string;
  primaryNameAttribute: string;
  companyColumn: string | null;
  columns: DataverseColumn[];
  keys: { name: string; columns: string[] }[];
}

export interface FinopsField {
  name: string;
  type: string;
  enum?: string;
  maxLength?: number;
  isKey: boolean;
  isMandatory: boolean;
  allowEdit: boolean;
  allowEditOnCreate: boolean;
  source: string;
}

export interface FinopsEntity {
  name: string;
  entitySetName: string;
  aotName: string;
  companySpecific: boolean;
  numberSequence?: { field: string };
  fields: FinopsField[];
  references: { field: string; entity: string; targetField: string }[];
  dataSources?: { name: string; fields: string[] }[];
}

interface CatalogueMap {
  application: string;
  fileName: string;
  map: TableMap;
}

export interface Catalogue {
  maps: CatalogueMap[];
  tables: Map<string, DataverseTable>;
  entities: Map<string, FinopsEntity>;
  enums: Record<string, { name: string; value: number }[]>;
  /** Name in the file to name of the file, where the two must agree. */
  metadataFiles: { file: string; name: string }[];
}

const mapsFolder = join(import.meta.dirname, '../../maps');

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function jsonFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: mapsFolder }).sort();
}

/** Reads the shipped maps and metadata; throws with zod's whole list where a map has not the shape of a map. */
export function readCatalogue(): Catalogue {
  const maps = jsonFiles('*/*.json')
    .filter((path) => dirname(path) !== 'metadata')
    .map((path) => ({
      application: dirname(path),
      fileName: basename(path, '.json'),
      map: tableMapSchema.parse(readJson(join(mapsFolder, path))),
    }));
  const metadataFiles: Catalogue['metadataFiles'] = [];
  const tables = new Map<string, DataverseTable>();
  for (const path of jsonFiles('metadata/dataverse/*.json')) {
    const table = readJson(join(mapsFolder, path)) as DataverseTable;
    tables.set(table.logicalName, table);
    metadataFiles.push({ file: basename(path, '.json'), name: table.logicalName });
  }
  const entities = new Map<string, FinopsEntity>();
  for (const path of jsonFiles('metadata/finops/*.json').filter((name) => !name.endsWith('enums.json'))) {
    const entity = readJson(join(mapsFolder, path)) as FinopsEntity;
    entities.set(entity.entitySetName, entity);
    metadataFiles.push({ file: basename(path, '.json'), name: entity.name });
  }
  const enums = readJson(join(mapsFolder, 'metadata/finops/enums.json')) as Catalogue['enums'];
  return { maps, tables, entities, enums, metadataFiles };
}
