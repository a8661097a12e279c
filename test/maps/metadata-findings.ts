import type { Catalogue, DataverseTable, FinopsEntity } from './catalogue-files.ts';

/** The table every row's creator is in; it is the environment's own and no map touches it. */
const USERS = 'systemuser';

/** Everything in the metadata that contradicts itself. */
export function metadataFindings(catalogue: Catalogue): string[] {
  return [
    ...catalogue.metadataFiles
      .filter(({ file, name }) => file !== name)
      .map(({ file, name }) => `metadata file ${file} holds ${name}`),
    ...[...catalogue.tables.values()].flatMap((table) => tableFindings(table, catalogue)),
    ...[...catalogue.entities.values()].flatMap((entity) => entityFindings(entity, catalogue)),
    ...Object.entries(catalogue.enums).flatMap(([name, members]) =>
      repeated(members.map((member) => member.name)).map((member) => `enum ${name} lists ${member} twice`),
    ),
  ];
}

function tableFindings(table: DataverseTable, catalogue: Catalogue): string[] {
  const findings: string[] = [];
  const say = (text: string): void => void findings.push(`${table.logicalName}: ${text}`);
  const columns = new Map(table.columns.map((column) => [column.logicalName, column]));
  for (const name of repeated(table.columns.map((column) => column.logicalName))) say(`${name} is listed twice`);
  const system = ['statecode', 'statuscode', 'createdon', 'modifiedon', 'createdby', 'modifiedby', 'versionnumber'];
  for (const name of [table.primaryIdAttribute, table.primaryNameAttribute, ...system]) {
    if (!columns.has(name)) say(`${name} is no column`);
  }
  for (const key of table.keys) {
    for (const name of key.columns) if (!columns.has(name)) say(`key ${key.name} names ${name}, which is no column`);
  }
  if (table.companyColumn !== null && columns.get(table.companyColumn)?.targets?.join() !== 'cdm_company') {
    say(`company column ${table.companyColumn} is no lookup to cdm_company`);
  }
  for (const column of table.columns) {
    if (!['documented', 'inferred'].includes(column.source)) say(`${column.logicalName} has no source`);
    if (column.type !== 'Lookup') continue;
    for (const target of column.targets ?? []) {
      if (target !== USERS && !catalogue.tables.has(target)) say(`${column.logicalName} points to unknown ${target}`);
      if (column.targets?.length !== 1 && column.navigations?.[target] === undefined) {
        say(`${column.logicalName} has no navigation to ${target}`);
      }
    }
    if (column.targets?.length === 1 && column.navigation === undefined) say(`${column.logicalName} has no navigation`);
  }
  return findings;
}

function entityFindings(entity: FinopsEntity, catalogue: Catalogue): string[] {
  const findings: string[] = [];
  const say = (text: string): void => void findings.push(`${entity.name}: ${text}`);
  const fields = new Map(entity.fields.map((field) => [field.name, field]));
  for (const name of repeated(entity.fields.map((field) => field.name.toLowerCase()))) say(`${name} is listed twice`);
  if (entity.companySpecific !== (fields.get('dataAreaId')?.isKey ?? false))
    say('dataAreaId disagrees with companySpecific');
  if (entity.numberSequence !== undefined && !fields.has(entity.numberSequence.field))
    say('number sequence without field');
  for (const field of entity.fields) {
    if (!['documented', 'inferred'].includes(field.source)) say(`${field.name} has no source`);
    if (field.type === 'Enum' && catalogue.enums[field.enum ?? ''] === undefined)
      say(`${field.name}: no enum ${field.enum}`);
  }
  const sourced = (entity.dataSources ?? []).flatMap((source) => source.fields);
  for (const name of sourced) if (!fields.has(name)) say(`a data source holds unknown field ${name}`);
  for (const name of repeated(sourced)) say(`${name} is in two data sources`);
  for (const reference of entity.references) {
    const target = [...catalogue.entities.values()].find((candidate) => candidate.name === reference.entity);
    if (!fields.has(reference.field)) say(`reference from unknown field ${reference.field}`);
    if (target === undefined) say(`${reference.field} refers to unknown entity ${reference.entity}`);
    else if (target.fields.find((field) => field.name === reference.targetField)?.isKey !== true) {
      say(`${reference.field} refers to ${reference.entity}.${reference.targetField}, which is no key`);
    }
  }
  return findings;
}

/** The entries that stand in the list more than once. */
export function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
