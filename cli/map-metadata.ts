import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableShape } from '../shared/adapters/dataverse/dataverse-metadata.ts';
import type { DataverseTable } from '../shared/adapters/dataverse/dataverse-table.ts';
import { tableFromDefinition } from '../shared/adapters/dataverse/table-definition.ts';
import { type EnumMembers, entityFromDefinition } from '../shared/adapters/finops/entity-definition.ts';
import type { FinopsEntity } from '../shared/adapters/finops/finops-entity.ts';
import { entityShape } from '../shared/adapters/finops/finops-metadata.ts';
import type { TableShape } from '../shared/core/map/compiled-map.ts';
import { isLookup, ownColumn } from '../shared/core/map/lookup-path.ts';
import type { KnownEntity, KnownNames, KnownTable } from '../shared/core/map/map-definition.ts';
import { TEXT } from '../shared/core/record/column-type.ts';
import type { Side } from '../shared/core/record/side.ts';

interface ColumnFile {
  logicalName: string;
  type: string;
  source?: string;
  maxLength?: number;
  precision?: number;
  behavior?: string;
  validForCreate?: boolean;
  validForUpdate?: boolean;
  targets?: string[];
  required?: string;
  default?: unknown;
}

interface TableFile {
  logicalName: string;
  entitySetName: string;
  primaryIdAttribute: string;
  companyColumn: string | null;
  columns: ColumnFile[];
  keys: { columns: string[] }[];
}

interface EntityFile {
  name: string;
  entitySetName: string;
  aotName: string;
  label?: string;
  numberSequence?: { field: string };
  fields: Record<string, unknown>[];
}

/** Metadata of both sides from files, as far as there are any. */
export interface MapMetadata extends KnownNames {
  /** Null where no file tells of the table or entity. */
  shape(side: Side, name: string): TableShape | null;
  /** Whether a file tells the column, and does not mark it as inferred. */
  documents(side: Side, name: string, column: string): boolean;
  /** Label of an entity set and set name of a table, as dual-write names them; null where no file tells. */
  labelOf(entitySet: string): string | null;
  setNameOf(table: string): string | null;
}

export const NO_METADATA: MapMetadata = {
  entity: () => null,
  table: () => null,
  shape: () => null,
  documents: () => false,
  labelOf: () => null,
  setNameOf: () => null,
};

/** Reads a folder with `dataverse/<table>.json` and `finops/<entity>.json`, of which each may be missing. */
export function readMetadata(folder: string): MapMetadata {
  const tableFiles = filesIn<TableFile>(join(folder, 'dataverse'));
  const entityFiles = filesIn<EntityFile>(join(folder, 'finops')).filter((file) => Array.isArray(file.fields));
  const tables = new Map(tableFiles.flatMap((file) => named(tableFrom(file))));
  const enums = enumsIn(join(folder, 'finops', 'enums.json'));
  const entities = new Map(entityFiles.map((file) => [file.entitySetName, entityFrom(file, enums)]));
  const columnSource = (side: Side, name: string, column: string): unknown => {
    const lower = ownColumn(column);
    if (side === 'dataverse') {
      const file = tableFiles.find((each) => each.logicalName === name);
      return file?.columns.find((each) => each.logicalName === lower)?.source;
    }
    const file = entityFiles.find((each) => each.entitySetName === name);
    return file?.fields.find((each) => String(each['name']).toLowerCase() === lower)?.['source'];
  };
  return {
    entity: (wanted) => knownEntity(entityFiles, wanted),
    table: (setName) => knownTable(tableFiles, setName),
    shape: (side, name) => {
      if (side === 'finops') {
        const file = entityFiles.find((each) => each.entitySetName === name);
        const entity = entities.get(name);
        return file && entity ? { ...entityShape(entity), mandatory: mandatoryFields(file) } : null;
      }
      const file = tableFiles.find((each) => each.logicalName === name);
      const table = tables.get(name);
      if (file === undefined || table === undefined) return null;
      return { ...tolerant(tableShape(tables, table), table, tables), mandatory: mandatoryColumns(file) };
    },
    documents: (side, name, column) => columnSource(side, name, column) === 'documented',
    labelOf: (entitySet) => entityFiles.find((file) => file.entitySetName === entitySet)?.label ?? null,
    setNameOf: (name) => tables.get(name)?.entitySetName ?? null,
  };
}

function mandatoryFields({ fields, numberSequence }: EntityFile): string[] {
  const wanted = fields.filter((field) => field['isMandatory'] === true && field['allowEditOnCreate'] !== false);
  return wanted.map((field) => String(field['name'])).filter((name) => name !== numberSequence?.field);
}

function mandatoryColumns({ columns }: TableFile): string[] {
  return columns
    .filter((column) => column.required === 'ApplicationRequired' && column.default === undefined)
    .map(({ logicalName }) => logicalName);
}

/** A path that leads to a table without a file is taken on trust. */
function tolerant(shape: TableShape, table: DataverseTable, tables: ReadonlyMap<string, DataverseTable>): TableShape {
  const trusted = (path: string): boolean => {
    const targets = table.columns.get(ownColumn(path))?.targets ?? [];
    return isLookup(path) && targets.length > 0 && targets.some((target) => !tables.has(target.table));
  };
  return { ...shape, typeOf: (path) => shape.typeOf(path) ?? (trusted(path) ? TEXT : null) };
}

function filesIn<T>(folder: string): T[] {
  const names = globSync('*.json', { cwd: folder }).sort();
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);
}

function named(table: DataverseTable | null): [string, DataverseTable][] {
  return table === null ? [] : [[table.logicalName, table]];
}

/** The files have another form than the service's answers, from which the adapter builds a table. */
function tableFrom(file: TableFile): DataverseTable | null {
  const details = file.columns.map((column) => ({
    LogicalName: column.logicalName,
    MaxLength: column.maxLength,
    Precision: column.precision,
    DateTimeBehavior: { Value: column.behavior },
  }));
  const definition = {
    LogicalName: file.logicalName,
    EntitySetName: file.entitySetName,
    PrimaryIdAttribute: file.primaryIdAttribute,
    Attributes: file.columns.map((column) => ({
      LogicalName: column.logicalName,
      AttributeType: column.type,
      IsValidForCreate: column.validForCreate ?? true,
      IsValidForUpdate: column.validForUpdate ?? true,
    })),
    Keys: file.keys.map((key) => ({ KeyAttributes: key.columns, EntityKeyIndexStatus: 'Active' })),
    ManyToOneRelationships: file.columns.flatMap((column) =>
      (column.targets ?? []).map((target) => ({
        ReferencingAttribute: column.logicalName,
        ReferencedEntity: target,
        ReferencingEntityNavigationPropertyName: column.logicalName,
      })),
    ),
  };
  return tableFromDefinition([JSON.stringify(definition), JSON.stringify({ value: details })]);
}

function entityFrom(file: EntityFile, enums: ReadonlyMap<string, EnumMembers>): FinopsEntity {
  const properties = file.fields.map((field) => ({
    Name: field['name'],
    DataType: field['type'],
    TypeName: field['enum'],
    IsKey: field['isKey'],
    AllowEdit: field['allowEdit'],
    AllowEditOnCreate: field['allowEditOnCreate'],
  }));
  const definition = { Name: file.name, EntitySetName: file.entitySetName, Properties: properties };
  return entityFromDefinition(definition, file.aotName, enums);
}

function enumsIn(file: string): Map<string, EnumMembers> {
  if (!existsSync(file)) return new Map();
  const enums = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { name: string; value: number }[]>;
  return new Map(
    Object.entries(enums).map(([name, members]) => [
      name,
      Object.fromEntries(members.map((member) => [member.name, member.value])),
    ]),
  );
}

function knownEntity(files: readonly EntityFile[], wanted: Parameters<KnownNames['entity']>[0]): KnownEntity | null {
  const { entityLabel, entityName } = wanted;
  const found =
    files.find((file) => entityName !== null && file.aotName === entityName) ??
    files.find((file) => entityName === null && file.label?.toLowerCase() === entityLabel.toLowerCase());
  if (found === undefined) return null;
  const fields = found.fields.map((field) => String(field['name']));
  return { entitySet: found.entitySetName, label: found.label ?? entityLabel, fields };
}

function knownTable(files: readonly TableFile[], setName: string): KnownTable | null {
  const file = files.find((each) => each.entitySetName.toLowerCase() === setName.toLowerCase());
  if (file === undefined) return null;
  const keys = file.keys.map((key) => key.columns.filter((column) => column !== file.companyColumn));
  return { logicalName: file.logicalName, tableSet: file.entitySetName, keys };
}
