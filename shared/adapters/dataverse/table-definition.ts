import type { ColumnType } from '../../core/record/column-type.ts';
import { asObject, rowsOf } from '../http/exact-json.ts';
import type { DataverseColumn, DataverseTable } from './dataverse-table.ts';

type Json = Readonly<Record<string, unknown>>;

const CAST = 'Attributes/Microsoft.Dynamics.CRM.';

/**
 * The reads that tell of one table what the adapter needs ("Query table definitions using the Web API"): the table
 * with its columns, keys and lookups, and the members that only the concrete column types have.
 */
export function definitionPaths(table: string): string[] {
  const root = `EntityDefinitions(LogicalName='${table}')`;
  const columns = 'Attributes($select=LogicalName,AttributeType,AttributeTypeName,IsValidForCreate,IsValidForUpdate)';
  const keys = 'Keys($select=KeyAttributes,EntityKeyIndexStatus)';
  const lookups =
    'ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)';
  const select = 'LogicalName,EntitySetName,PrimaryIdAttribute';
  return [
    `${root}?$select=${select}&$expand=${columns},${keys},${lookups}`,
    `${root}/${CAST}StringAttributeMetadata?$select=LogicalName,MaxLength`,
    `${root}/${CAST}MemoAttributeMetadata?$select=LogicalName,MaxLength`,
    `${root}/${CAST}DecimalAttributeMetadata?$select=LogicalName,Precision`,
    `${root}/${CAST}MoneyAttributeMetadata?$select=LogicalName,Precision`,
    `${root}/${CAST}DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior`,
  ];
}

/** Builds a table from the answers to `definitionPaths`, in that order; null when the first is none. */
export function tableFromDefinition(texts: readonly string[]): DataverseTable | null {
  const definition = parseTable(texts[0] ?? '');
  const logicalName = definition['LogicalName'];
  if (typeof logicalName !== 'string') return null;
  const details = new Map<string, Json>();
  for (const text of texts.slice(1)) {
    for (const row of rowsOf(text) ?? []) details.set(String(row['LogicalName']), row);
  }
  const lookups = listOf(definition['ManyToOneRelationships']);
  const columns = listOf(definition['Attributes']).map((attribute): DataverseColumn => {
    const name = String(attribute['LogicalName']);
    return {
      logicalName: name,
      type: columnType(name, attribute, details.get(name) ?? {}),
      validForCreate: attribute['IsValidForCreate'] === true,
      validForUpdate: attribute['IsValidForUpdate'] === true,
      targets: lookups
        .filter((lookup) => lookup['ReferencingAttribute'] === name)
        .map((lookup) => ({
          table: String(lookup['ReferencedEntity']),
          navigation: String(lookup['ReferencingEntityNavigationPropertyName']),
        })),
    };
  });
  const keys = listOf(definition['Keys'])
    .filter((key) => key['EntityKeyIndexStatus'] === 'Active')
    .map((key) => (Array.isArray(key['KeyAttributes']) ? key['KeyAttributes'].map(String) : []));
  return {
    logicalName,
    entitySetName: String(definition['EntitySetName']),
    primaryId: String(definition['PrimaryIdAttribute']),
    columns: new Map(columns.map((column) => [column.logicalName, column])),
    keys,
    companyPath: companyPath(columns, keys),
  };
}

function parseTable(text: string): Json {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

const COMPANY_TABLE = 'cdm_company';
const COMPANY_CODE = 'cdm_companycode';
const COMPANY_LOOKUPS = ['msdyn_company', 'msdyn_companyid', 'cdm_company', 'cdm_companyid'];

/** The lookup to the company that is part of a key, else one that is named like it by convention. */
function companyPath(columns: readonly DataverseColumn[], keys: readonly (readonly string[])[]): string | null {
  const lookups = columns.filter(({ targets }) => targets.length === 1 && targets[0]?.table === COMPANY_TABLE);
  const company =
    lookups.find(({ logicalName }) => keys.some((key) => key.includes(logicalName))) ??
    lookups.find(({ logicalName }) => COMPANY_LOOKUPS.includes(logicalName));
  return company === undefined ? null : `${company.logicalName}.${COMPANY_CODE}`;
}

const MONEY_SCALE = 4;
const DOUBLE_SCALE = 5;

function columnType(name: string, attribute: Json, detail: Json): ColumnType {
  switch (typeName(attribute)) {
    case 'String':
    case 'Memo':
      return textType(name, detail['MaxLength']);
    case 'Integer':
    case 'BigInt':
      return { kind: 'integer' };
    case 'Decimal':
    case 'Money':
      return { kind: 'decimal', scale: numberOr(detail['Precision'], MONEY_SCALE) };
    case 'Double':
      return { kind: 'decimal', scale: DOUBLE_SCALE };
    case 'Boolean':
      return { kind: 'boolean' };
    case 'DateTime':
      return { kind: asObject(detail['DateTimeBehavior'])['Value'] === 'DateOnly' ? 'date' : 'instant' };
    case 'Picklist':
    case 'State':
    case 'Status':
      return { kind: 'option' };
    case 'MultiSelectPicklist':
      return { kind: 'options' };
    case 'Uniqueidentifier':
    case 'Lookup':
    case 'Customer':
    case 'Owner':
      return { kind: 'guid' };
    default:
      return { kind: 'text' };
  }
}

/** `AttributeType` reads Virtual for multi-select choices; only the type name tells what they are. */
function typeName(attribute: Json): string {
  const name = asObject(attribute['AttributeTypeName'])['Value'];
  return typeof name === 'string' ? name.replace(/Type$/, '') : String(attribute['AttributeType']);
}

function textType(name: string, maxLength: unknown): ColumnType {
  const folded = name === COMPANY_CODE ? { folded: true } : {};
  return typeof maxLength === 'number' ? { kind: 'text', maxLength, ...folded } : { kind: 'text', ...folded };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
