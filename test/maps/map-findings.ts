import { conditionsOf, filterColumns } from '../../shared/core/map/filter/filter.ts';
import { parseFilter } from '../../shared/core/map/filter/parse-filter.ts';
import { parseLookupPath } from '../../shared/core/map/lookup-path.ts';
import type { FieldMapping, TableMap } from '../../shared/core/map/table-map.ts';
import type { Catalogue, DataverseColumn, DataverseTable, FinopsEntity, FinopsField } from './catalogue-files.ts';
import { columnPairFindings } from './column-pair-findings.ts';
import { repeated } from './metadata-findings.ts';

interface Context {
  map: TableMap;
  entity: FinopsEntity;
  table: DataverseTable;
  catalogue: Catalogue;
}

/** Everything in one map that contradicts the metadata or the rules of maps, each as one line. */
export function mapFindings(map: TableMap, catalogue: Catalogue): string[] {
  const entity = catalogue.entities.get(map.finops.entity);
  const table = catalogue.tables.get(map.dataverse.table);
  if (!entity || !table) {
    return [
      ...(entity ? [] : [`no F&O entity ${map.finops.entity}`]),
      ...(table ? [] : [`no Dataverse table ${map.dataverse.table}`]),
    ].map((text) => `${map.id}: ${text}`);
  }
  const context = { map, entity, table, catalogue };
  return [
    ...companyFindings(context),
    ...keyFindings(context),
    ...map.fields.flatMap((row) => rowFindings(row, context)),
    ...repetitionFindings(map),
    ...requirementFindings(context),
    ...filterFindings(context),
    ...policyFindings(context),
  ].map((text) => `${map.id}: ${text}`);
}

function companyFindings({ entity, table }: Context): string[] {
  if (entity.companySpecific === (table.companyColumn !== null)) return [];
  return ['DIPV1002: a company-specific entity needs a table with a company column, and a global one a table without'];
}

function keyFindings({ map, entity, table }: Context): string[] {
  const findings: string[] = [];
  const anyBoth = map.fields.some((row) => row.direction === 'both');
  for (const pair of map.key) {
    const row = map.fields.find((field) => field.finops === pair.finops && field.dataverse === pair.dataverse);
    if (row === undefined) findings.push(`key ${pair.finops} = ${pair.dataverse} is not mapped`);
    else if (anyBoth && row.direction !== 'both') findings.push(`key ${pair.finops} is not two-way`);
  }
  const finops = [...map.key.map((pair) => pair.finops), ...(entity.companySpecific ? ['dataAreaId'] : [])].sort();
  const entityKey = entity.fields.filter((field) => field.isKey).map((field) => field.name);
  if (finops.join() !== entityKey.sort().join()) findings.push(`the entity's key is ${entityKey}, not ${finops}`);
  const columns = map.key.map((pair) => pair.dataverse.split('.')[0] ?? '');
  const dataverse = [...columns, ...(table.companyColumn === null ? [] : [table.companyColumn])].sort().join();
  if (!table.keys.some((key) => [...key.columns].sort().join() === dataverse)) {
    findings.push(`${table.logicalName} has no alternate key on ${dataverse}`);
  }
  return findings;
}

function rowFindings(row: FieldMapping, { map, entity, table, catalogue }: Context): string[] {
  const findings: string[] = [];
  const field = entity.fields.find((candidate) => candidate.name === row.finops);
  const resolved = row.dataverse === null ? [] : resolvePath(row.dataverse, table, catalogue, map);
  const columns = resolved.filter((found) => typeof found !== 'string');
  findings.push(...resolved.filter((found) => typeof found === 'string'));
  if (row.finops !== null && field === undefined) findings.push(`${entity.name} has no field ${row.finops}`);
  if (row.finops === null && row.dataverse === null) findings.push('a row without columns');
  if (row.finops === null && (row.direction !== 'finops-to-dataverse' || row.transform?.type !== 'default')) {
    findings.push(`${row.dataverse} has neither source nor one-way default`);
  }
  if (row.dataverse === null && (row.direction !== 'dataverse-to-finops' || row.transform?.type !== 'default')) {
    findings.push(`${row.finops} has neither source nor one-way default`);
  }
  if (field && row.direction !== 'finops-to-dataverse' && !field.allowEdit && !field.allowEditOnCreate) {
    findings.push(`${row.finops} cannot be written`);
  }
  const first = table.columns.find((column) => column.logicalName === row.dataverse?.split('.')[0]);
  if (first && row.direction !== 'dataverse-to-finops' && !first.validForCreate && !first.validForUpdate) {
    findings.push(`${row.dataverse} cannot be written`);
  }
  for (const column of columns.length === 0 ? [undefined] : columns) {
    findings.push(...columnPairFindings(row, field, column, catalogue.enums));
  }
  return findings;
}

/** The columns at the end of a path (one per target of a polymorphic lookup), or what is wrong on the way. */
function resolvePath(
  text: string,
  table: DataverseTable,
  catalogue: Catalogue,
  map: TableMap,
): (DataverseColumn | string)[] {
  const path = parseLookupPath(text);
  let tables = [table];
  for (const hop of path.hops) {
    const lookup = tables[0]?.columns.find((column) => column.logicalName === hop);
    if (lookup?.type !== 'Lookup') return [`${text}: ${hop} is no lookup of ${tables[0]?.logicalName}`];
    const wanted = path.targets?.map((target) => target.table) ?? lookup.targets ?? [];
    const strange = wanted.filter((target) => !(lookup.targets ?? []).includes(target));
    if (strange.length > 0) return [`${text}: ${hop} does not point to ${strange}`];
    tables = wanted.flatMap((target) => catalogue.tables.get(target) ?? []);
    if (tables.length === 0 || (path.targets === undefined && tables.length > 1))
      return [`${text}: where ${hop} leads is not one table`];
    for (const target of tables) {
      if (!catalogue.maps.some((other) => other.map.dataverse.table === target.logicalName)) {
        return [`${text}: no map feeds ${target.logicalName}, which ${map.id} looks up`];
      }
    }
  }
  return tables.map((target) => {
    const name = path.targets?.find((candidate) => candidate.table === target.logicalName)?.column ?? path.column;
    const column = target.columns.find((candidate) => candidate.logicalName === name);
    if (column === undefined) return `${text}: ${target.logicalName} has no column ${name}`;
    const isKey = target.keys.some((key) => key.columns.includes(name));
    return path.hops.length === 0 || isKey ? column : `${text}: ${name} is in no key of ${target.logicalName}`;
  });
}

function repetitionFindings(map: TableMap): string[] {
  const inward = map.fields.filter((row) => row.direction !== 'finops-to-dataverse');
  return [
    ...repeated(map.fields.flatMap((row) => row.dataverse ?? [])).map((name) => `${name} is mapped twice`),
    ...repeated(inward.flatMap((row) => row.finops ?? [])).map((name) => `DIPV1023: ${name} is written by two rows`),
  ];
}

/** What either system demands on create must come from the map, or no row can ever be created. */
function requirementFindings({ map, entity, table }: Context): string[] {
  const inward = map.fields.filter((row) => row.direction !== 'finops-to-dataverse').map((row) => row.finops);
  const outward = map.fields.filter((row) => row.direction !== 'dataverse-to-finops').map((row) => row.dataverse);
  const findings: string[] = [];
  const missing = (field: FinopsField): boolean =>
    field.isMandatory && field.name !== 'dataAreaId' && !inward.includes(field.name);
  if (inward.length > 0) {
    findings.push(...entity.fields.filter(missing).map((field) => `mandatory ${field.name} is not written`));
  }
  for (const column of table.columns) {
    const given = column.logicalName === table.primaryIdAttribute || column.type === 'State';
    if (column.required === 'None' || given || outward.includes(column.logicalName)) continue;
    findings.push(`required ${column.logicalName} is not written`);
  }
  return findings;
}

function filterFindings({ map, entity, table, catalogue }: Context): string[] {
  const findings: string[] = [];
  const fields = new Map(entity.fields.map((field) => [field.name.toLowerCase(), field]));
  const range = map.finops.filter === null ? null : parseFilter(map.finops.filter, 'range');
  for (const column of range === null ? [] : filterColumns(range)) {
    if (!fields.has(column.toLowerCase())) findings.push(`F&O filter: ${entity.name} has no field ${column}`);
  }
  for (const condition of range === null ? [] : conditionsOf(range)) {
    if (condition.op !== 'compare') continue;
    const { column, literal } = condition;
    const field = fields.get(column.toLowerCase());
    const known = (catalogue.enums[field?.enum ?? ''] ?? []).flatMap((member) => [
      member.name.toLowerCase(),
      String(member.value),
    ]);
    if (field?.type === 'Enum' && !known.includes(literal.text.toLowerCase())) {
      findings.push(`F&O filter: ${literal.text} is no value of ${column}`);
    }
  }
  const odata = map.dataverse.filter === null ? null : parseFilter(map.dataverse.filter, 'odata');
  for (const column of odata === null ? [] : filterColumns(odata)) {
    if (!table.columns.some((candidate) => candidate.logicalName === column)) {
      findings.push(`Dataverse filter: ${table.logicalName} has no column ${column}`);
    }
  }
  return findings;
}

function policyFindings({ map, entity }: Context): string[] {
  const findings: string[] = [];
  const mapped = map.fields.flatMap((row) => [row.finops, row.dataverse]);
  const policies = [map.conflict.policy, ...Object.values(map.conflict.fields ?? {})];
  if (policies.includes('newest-wins') && !entity.fields.some((field) => field.type === 'UtcDateTime')) {
    findings.push(`newest-wins, but ${entity.name} has no modified time`);
  }
  for (const name of Object.keys(map.conflict.fields ?? {})) {
    if (!mapped.includes(name)) findings.push(`conflict policy for ${name}, which is not mapped`);
  }
  for (const event of map.events) {
    if (
      Object.keys(event.key).sort().join() !==
      map.key
        .map((pair) => pair.finops)
        .sort()
        .join()
    ) {
      findings.push(`${event.businessEventId} does not carry the key`);
    }
    if ((event.company !== undefined) !== entity.companySpecific) {
      findings.push(`${event.businessEventId}: the company member disagrees with the entity`);
    }
  }
  return findings;
}
