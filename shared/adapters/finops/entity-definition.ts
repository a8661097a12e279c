import type { ColumnType } from '../../core/record/column-type.ts';
import { asObject } from '../http/exact-json.ts';
import type { FinopsEntity, FinopsField } from './finops-entity.ts';

type Json = Readonly<Record<string, unknown>>;

/** Members of an enumeration by symbol. */
export type EnumMembers = Readonly<Record<string, number>>;

/** Digits after the point that an X++ real keeps in most tables; the metadata do not tell. */
const REAL_SCALE = 6;

const ENUM_TYPE = /^(?:.*\.)?([A-Za-z_]\w*)$/;

/** Names of the enumerations that an entity's properties are of ("PublicEntities"). */
export function enumNamesOf(definition: Json): string[] {
  const names = propertiesOf(definition)
    .filter((property) => property['DataType'] === 'Enum')
    .map(enumNameOf);
  return [...new Set(names)];
}

/** Builds an entity from its public definition; enumerations by name. */
export function entityFromDefinition(
  definition: Json,
  physicalName: string,
  enums: ReadonlyMap<string, EnumMembers>,
): FinopsEntity {
  const fields = propertiesOf(definition).map((property) => fieldFrom(property, enums));
  const keys = fields.filter((field) => field.isKey);
  return {
    name: String(definition['Name']),
    entitySet: String(definition['EntitySetName']),
    physicalName: physicalName.toLowerCase(),
    fields: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    keys,
    companyColumn: keys.find((field) => field.name.toLowerCase() === COMPANY)?.name ?? null,
    modifiedAt: fields.find(({ name, type }) => type.kind === 'instant' && MODIFIED.test(name))?.name ?? null,
  };
}

const COMPANY = 'dataareaid';
const MODIFIED = /^modifieddatetime$/i;

function propertiesOf(definition: Json): Json[] {
  const properties = definition['Properties'];
  return Array.isArray(properties) ? properties.map(asObject) : [];
}

function enumNameOf(property: Json): string {
  return ENUM_TYPE.exec(String(property['TypeName']))?.[1] ?? '';
}

function fieldFrom(property: Json, enums: ReadonlyMap<string, EnumMembers>): FinopsField {
  const name = String(property['Name']);
  const isEnum = property['DataType'] === 'Enum';
  const members = isEnum ? (enums.get(enumNameOf(property)) ?? {}) : {};
  return {
    name,
    type: columnType(name, String(property['DataType']), members),
    enumName: isEnum ? String(property['TypeName']) : null,
    symbols: new Map(Object.keys(members).map((symbol) => [symbol.toLowerCase(), symbol])),
    isKey: property['IsKey'] === true,
    allowEdit: property['AllowEdit'] !== false,
    allowEditOnCreate: property['AllowEditOnCreate'] !== false,
  };
}

function columnType(name: string, dataType: string, members: EnumMembers): ColumnType {
  switch (dataType) {
    case 'Int32':
    case 'Int64':
      return { kind: 'integer' };
    case 'Real':
      return { kind: 'decimal', scale: REAL_SCALE };
    case 'Date':
      return { kind: 'date' };
    case 'UtcDateTime':
      return { kind: 'instant' };
    case 'Guid':
      return { kind: 'guid' };
    case 'Enum':
      return { kind: 'enum', members };
    default:
      return name.toLowerCase() === COMPANY ? { kind: 'text', folded: true } : { kind: 'text' };
  }
}
