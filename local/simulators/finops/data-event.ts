import { createHash } from 'node:crypto';
import { exactNumber } from './exact-json.ts';
import { Exact, type StoredValue } from './field-input.ts';
import { storedInstant } from './field-output.ts';
import type { Entity, FieldMetadata, Model } from './metadata.ts';
import { keyOf, type StoredRow } from './row-store.ts';
import type { RowChange } from './row-writes.ts';
import type { FinopsSwitches } from './switches.ts';

export const dataEventMessages: Record<RowChange['operation'], string> = {
  create: 'OnExternalCreated',
  update: 'OnExternalUpdated',
  delete: 'OnExternalDeleted',
};

const contracts = 'http://schemas.microsoft.com/xrm/2011/Contracts';
/** Option set numbers of virtual tables begin here; they are positions, not the X++ values. */
const firstOption = 200_000_000;
/** Digits after the point that a Dataverse decimal column of a virtual table keeps. */
const virtualDecimals = 6;

interface Attribute {
  key: string;
  value: unknown;
}

/** Logical name of the virtual table: `mserp_` and the physical (AOT) name in lower case. */
export function virtualTableName(entity: Entity): string {
  return `mserp_${entity.metadata.aotName.toLowerCase()}`;
}

/** Id of a virtual table row: the entity's number in the first four bytes, the root RecId in the last eight. */
function virtualRowId(entity: Entity, row: StoredRow): string {
  const recId = BigInt(row.stamps[0]?.recId ?? 0)
    .toString(16)
    .padStart(16, '0');
  return `${entity.id.toString(16).padStart(8, '0')}-0000-0000-${recId.slice(0, 4)}-${recId.slice(4)}`;
}

function wrapped(type: 'Guid' | 'DateTime', value: string, switches: FinopsSwitches): unknown {
  return switches.dataEventValues === 'raw' ? value : { __type: `${type}:#System`, __value: value };
}

function attributeValue(value: StoredValue, field: FieldMetadata, model: Model, switches: FinopsSwitches): unknown {
  switch (field.type) {
    case 'Date':
    case 'UtcDateTime':
      return wrapped('DateTime', `/Date(${storedInstant(value, field)})/`, switches);
    case 'Enum': {
      const position = (model.enums[field.enum ?? ''] ?? []).findIndex((member) => member.name === value);
      return { __type: `OptionSetValue:${contracts}`, Value: firstOption + position };
    }
    case 'Int64':
    case 'Real':
      return exactNumber(new Exact(value).toDecimalPlaces(virtualDecimals).toFixed());
    case 'String':
    case 'Int32':
    case 'Guid':
      return value;
  }
}

function companyReference(company: string): unknown {
  const digest = createHash('sha256').update(`cdm_company|${company}`).digest('hex');
  const id = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return { __type: `EntityReference:${contracts}`, Id: id, LogicalName: 'cdm_company', Name: company };
}

/** GUID fields are not part of a virtual table, and empty date-times are left out of the payload. */
function isShown(value: StoredValue, field: FieldMetadata): boolean {
  const isDate = field.type === 'Date' || field.type === 'UtcDateTime';
  return field.type !== 'Guid' && !(isDate && value === '');
}

function attributes(entity: Entity, row: StoredRow, model: Model, switches: FinopsSwitches): Attribute[] {
  const list: Attribute[] = [
    { key: `${virtualTableName(entity)}id`, value: wrapped('Guid', virtualRowId(entity, row), switches) },
    { key: 'mserp_primaryfield', value: keyOf(entity, row.values).join('|').slice(0, 255) },
  ];
  for (const field of entity.metadata.fields) {
    const value = row.values[field.name] ?? '';
    if (isShown(value, field)) {
      list.push({ key: `mserp_${field.name.toLowerCase()}`, value: attributeValue(value, field, model, switches) });
    }
  }
  if (entity.metadata.companySpecific) {
    list.push({ key: 'mserp_dataareaid_id', value: companyReference(String(row.values['dataAreaId'] ?? '')) });
  }
  return list;
}

function entityImage(entity: Entity, row: StoredRow, model: Model, switches: FinopsSwitches): unknown {
  return {
    __type: `Entity:${contracts}`,
    Attributes: attributes(entity, row, model, switches),
    EntityState: null,
    FormattedValues: [],
    Id: virtualRowId(entity, row),
    KeyAttributes: [],
    LogicalName: virtualTableName(entity),
    RelatedEntities: [],
    RowVersion: null,
  };
}

function inputParameters(
  change: RowChange,
  changed: readonly string[],
  model: Model,
  switches: FinopsSwitches,
): unknown[] {
  const { entity, before, after, operation } = change;
  const row = (after ?? before) as StoredRow;
  const image = entityImage(entity, row, model, switches);
  if (operation === 'create') {
    return [{ key: 'Target', value: image }];
  }
  if (operation === 'delete') {
    const reference = {
      __type: `EntityReference:${contracts}`,
      Id: virtualRowId(entity, row),
      KeyAttributes: [],
      LogicalName: virtualTableName(entity),
      Name: null,
      RowVersion: null,
    };
    return [{ key: 'Target', value: switches.deleteTarget === 'Entity' ? image : reference }];
  }
  const shown = changed.filter((name) => entity.fields.get(name)?.type !== 'Guid');
  const preImage =
    before !== null && switches.preImage === 'full' ? entityImage(entity, before, model, switches) : null;
  return [
    { key: 'Target', value: image },
    { key: 'PreImage', value: preImage },
    { key: 'ChangedFields', value: shown.map((name) => `mserp_${name.toLowerCase()}`) },
  ];
}

/**
 * The RemoteExecutionContext of a data event ("Microsoft Dataverse events for F&O data"). The initiating user is the
 * service principal of F&O, whoever made the change.
 */
export function dataEventBody(
  change: RowChange,
  changed: readonly string[],
  moment: { atMs: number; correlationId: string },
  model: Model,
  switches: FinopsSwitches,
): string {
  const row = (change.after ?? change.before) as StoredRow;
  const nobody = '00000000-0000-0000-0000-000000000000';
  return JSON.stringify({
    BusinessUnitId: nobody,
    CorrelationId: moment.correlationId,
    Depth: 1,
    InitiatingUserAzureActiveDirectoryObjectId: nobody,
    InitiatingUserId: nobody,
    InputParameters: inputParameters(change, changed, model, switches),
    IsExecutingOffline: false,
    IsInTransaction: false,
    IsOfflinePlayback: false,
    IsolationMode: 1,
    MessageName: dataEventMessages[change.operation],
    Mode: 1,
    OperationCreatedOn: `/Date(${moment.atMs})/`,
    OperationId: moment.correlationId,
    OrganizationId: nobody,
    OrganizationName: 'twinwrite-local',
    OutputParameters: [],
    OwningExtension: null,
    ParentContext: null,
    PostEntityImages: [],
    PreEntityImages: [],
    PrimaryEntityId: virtualRowId(change.entity, row),
    PrimaryEntityName: virtualTableName(change.entity),
    RequestId: moment.correlationId,
    SecondaryEntityName: 'none',
    SharedVariables: [],
    Stage: 40,
    UserAzureActiveDirectoryObjectId: nobody,
    UserId: nobody,
  });
}
