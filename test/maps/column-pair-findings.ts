import type { FieldMapping } from '../../shared/core/map/table-map.ts';
import type { Catalogue, DataverseColumn, FinopsField } from './catalogue-files.ts';

/** The Dataverse types that hold the values of an F&O type without a transform. */
const COMPATIBLE: Record<string, readonly string[]> = {
  String: ['String', 'Memo'],
  Int32: ['Integer', 'BigInt'],
  Int64: ['BigInt'],
  Real: ['Decimal', 'Double', 'Money'],
  Guid: ['Uniqueidentifier'],
  Date: ['DateTime:DateOnly'],
  UtcDateTime: ['DateTime:UserLocal', 'DateTime:TimeZoneIndependent'],
};

/** Why the two columns of a row cannot hold each other's values; empty where they can. */
export function columnPairFindings(
  row: FieldMapping,
  finops: FinopsField | undefined,
  dataverse: DataverseColumn | undefined,
  enums: Catalogue['enums'],
): string[] {
  if (row.transform?.type === 'value-map') return valueMapFindings(row, finops, dataverse, enums);
  if (row.transform?.type === 'default') {
    const { value } = row.transform;
    const findings: string[] = [];
    if (dataverse && row.finops === null && !fitsColumn(value, dataverse)) {
      findings.push(`default "${value}" is no value of ${row.dataverse}`);
    }
    if (finops && row.dataverse === null && !fitsField(value, finops, enums)) {
      findings.push(`default "${value}" is no value of ${row.finops}`);
    }
    return findings;
  }
  if (!finops || !dataverse) return [];
  const type = dataverse.type === 'DateTime' ? `DateTime:${dataverse.behavior}` : dataverse.type;
  if (COMPATIBLE[finops.type]?.includes(type)) return [];
  return [`${row.finops} (${finops.type}) does not go with ${row.dataverse} (${type}) without a transform`];
}

function valueMapFindings(
  row: FieldMapping,
  finops: FinopsField | undefined,
  dataverse: DataverseColumn | undefined,
  enums: Catalogue['enums'],
): string[] {
  if (row.transform?.type !== 'value-map' || !finops || !dataverse) return ['a value map needs both columns'];
  const findings: string[] = [];
  for (const [symbol, text] of row.transform.pairs) {
    if (!fitsField(symbol, finops, enums)) findings.push(`"${symbol}" is no value of ${row.finops}`);
    if (text !== '' && !fitsColumn(text, dataverse)) findings.push(`"${text}" is no value of ${row.dataverse}`);
  }
  return findings;
}

function fitsField(value: string, field: FinopsField, enums: Catalogue['enums']): boolean {
  if (field.type === 'Enum') {
    return (enums[field.enum ?? ''] ?? []).some((member) => member.name.toLowerCase() === value.toLowerCase());
  }
  return field.type !== 'String' || value.length <= (field.maxLength ?? Number.POSITIVE_INFINITY);
}

function fitsColumn(value: string, column: DataverseColumn): boolean {
  switch (column.type) {
    case 'Boolean':
      return ['true', 'false'].includes(value.toLowerCase());
    case 'Picklist':
    case 'State':
    case 'Status':
      return column.options?.some((option) => String(option.value) === value) ?? false;
    case 'Integer':
    case 'Decimal':
    case 'Double':
    case 'Money':
      return value !== '' && Number.isFinite(Number(value));
    default:
      return value.length <= (column.maxLength ?? 0);
  }
}
