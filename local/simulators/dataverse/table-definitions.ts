import { stableGuid } from './stable-guid.ts';
import {
  type ColumnMetadata,
  type ColumnType,
  type KeyMetadata,
  navigationName,
  type Table,
} from './table-metadata.ts';

type Definition = Record<string, unknown>;

/** EntityMetadata of a table as the Web API names its members. */
export function tableDefinition(table: Table): Definition {
  const { metadata } = table;
  return {
    MetadataId: stableGuid(`table:${metadata.logicalName}`),
    LogicalName: metadata.logicalName,
    SchemaName: metadata.schemaName,
    EntitySetName: metadata.entitySetName,
    LogicalCollectionName: metadata.entitySetName,
    PrimaryIdAttribute: metadata.primaryIdAttribute,
    PrimaryNameAttribute: metadata.primaryNameAttribute,
    ChangeTrackingEnabled: metadata.changeTracking,
    IsOptimisticConcurrencyEnabled: metadata.optimisticConcurrency,
    TableType: 'Standard',
    IsCustomEntity: metadata.logicalName.includes('_'),
    DataProviderId: null,
  };
}

interface TypeNames {
  attributeType: string;
  typeName: string;
  cast: string;
}

const typeNames: Record<ColumnType, TypeNames> = {
  String: names('String', 'StringType', 'StringAttribute'),
  Memo: names('Memo', 'MemoType', 'MemoAttribute'),
  Uniqueidentifier: names('Uniqueidentifier', 'UniqueidentifierType', 'UniqueIdentifierAttribute'),
  Boolean: names('Boolean', 'BooleanType', 'BooleanAttribute'),
  Integer: names('Integer', 'IntegerType', 'IntegerAttribute'),
  BigInt: names('BigInt', 'BigIntType', 'BigIntAttribute'),
  Decimal: names('Decimal', 'DecimalType', 'DecimalAttribute'),
  Double: names('Double', 'DoubleType', 'DoubleAttribute'),
  Money: names('Money', 'MoneyType', 'MoneyAttribute'),
  DateTime: names('DateTime', 'DateTimeType', 'DateTimeAttribute'),
  Picklist: names('Picklist', 'PicklistType', 'PicklistAttribute'),
  State: names('State', 'StateType', 'StateAttribute'),
  Status: names('Status', 'StatusType', 'StatusAttribute'),
  // The attribute type of a multi-select choice reads Virtual; only the type name tells what it is.
  MultiSelectPicklist: names('Virtual', 'MultiSelectPicklistType', 'MultiSelectPicklistAttribute'),
  Lookup: names('Lookup', 'LookupType', 'LookupAttribute'),
};

function names(attributeType: string, typeName: string, cast: string): TypeNames {
  return { attributeType, typeName, cast };
}

/** AttributeMetadata of a column, with the members of its concrete type. */
export function attributeDefinition(table: Table, column: ColumnMetadata): Definition {
  const type = typeNames[column.type];
  const primary = column.logicalName === table.metadata.primaryIdAttribute;
  return {
    '@odata.type': `#Microsoft.Dynamics.CRM.${type.cast}Metadata`,
    MetadataId: stableGuid(`column:${table.metadata.logicalName}.${column.logicalName}`),
    LogicalName: column.logicalName,
    SchemaName: column.schemaName ?? column.logicalName,
    EntityLogicalName: table.metadata.logicalName,
    AttributeType: type.attributeType,
    AttributeTypeName: { Value: type.typeName },
    IsValidForCreate: column.validForCreate !== false,
    IsValidForUpdate: column.validForUpdate !== false && !primary,
    IsValidForRead: column.readable !== false,
    IsPrimaryId: primary,
    IsPrimaryName: column.logicalName === table.metadata.primaryNameAttribute,
    RequiredLevel: { Value: column.required ?? 'None', CanBeChanged: true },
    ...typeMembers(column),
  };
}

function typeMembers(column: ColumnMetadata): Definition {
  switch (column.type) {
    case 'String':
    case 'Memo':
      return { MaxLength: column.maxLength ?? null };
    case 'Decimal':
    case 'Money':
      return { Precision: column.precision ?? 2, MinValue: column.minValue ?? null, MaxValue: column.maxValue ?? null };
    case 'Integer':
      return { MinValue: column.minValue ?? -2147483648, MaxValue: column.maxValue ?? 2147483647 };
    case 'DateTime':
      return { DateTimeBehavior: { Value: column.behavior ?? 'UserLocal' } };
    case 'Lookup':
      return { Targets: column.targets ?? [] };
    case 'Picklist':
    case 'State':
    case 'Status':
    case 'MultiSelectPicklist':
      return { OptionSet: optionSet(column), GlobalOptionSet: null };
    case 'Uniqueidentifier':
    case 'Boolean':
    case 'BigInt':
    case 'Double':
      return {};
  }
}

function optionSet(column: ColumnMetadata): Definition {
  return {
    Name: column.logicalName,
    IsGlobal: false,
    Options: (column.options ?? []).map((option) => ({
      Value: option.value,
      ...(option.state === undefined ? {} : { State: option.state }),
      Label: { UserLocalizedLabel: { Label: option.label, LanguageCode: 1033 } },
    })),
  };
}

/** EntityKeyMetadata of an alternate key; its index is always built. */
export function keyDefinition(table: Table, key: KeyMetadata): Definition {
  return {
    MetadataId: stableGuid(`key:${table.metadata.logicalName}.${key.name}`),
    LogicalName: key.name,
    SchemaName: key.name,
    EntityLogicalName: table.metadata.logicalName,
    KeyAttributes: key.columns,
    EntityKeyIndexStatus: 'Active',
  };
}

/** OneToManyRelationshipMetadata of every lookup, one per target table. */
export function manyToOneDefinitions(table: Table): Definition[] {
  return table.metadata.columns
    .filter((column) => column.type === 'Lookup')
    .flatMap((column) =>
      (column.targets ?? []).map((target) => ({
        MetadataId: stableGuid(`relationship:${table.metadata.logicalName}.${column.logicalName}.${target}`),
        SchemaName: `${target}_${table.metadata.logicalName}_${column.logicalName}`,
        ReferencingEntity: table.metadata.logicalName,
        ReferencingAttribute: column.logicalName,
        ReferencedEntity: target,
        ReferencedAttribute: `${target}id`,
        ReferencingEntityNavigationPropertyName: navigationName(column, target),
        ReferencedEntityNavigationPropertyName:
          column.collection ?? `${target}_${table.metadata.logicalName}_${column.logicalName}`,
      })),
    );
}
