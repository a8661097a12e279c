import type { SimRequest, SimResponse } from '../exchange.ts';
import { jsonResponse, type Service } from './entity-routes.ts';
import { methodFault, routeFault } from './faults.ts';
import { edmType } from './field-output.ts';
import type { Entity, EnumMember, FieldMetadata } from './metadata.ts';

function describeField(field: FieldMetadata): Record<string, unknown> {
  return {
    Name: field.name,
    TypeName: edmType(field),
    DataType: field.type,
    LabelId: null,
    IsKey: field.isKey === true,
    IsMandatory: field.isMandatory === true,
    ConfigurationEnabled: true,
    AllowEdit: field.allowEdit !== false,
    AllowEditOnCreate: field.allowEditOnCreate !== false,
    IsDimension: false,
    DimensionRelation: null,
    IsDynamicDimension: false,
    DimensionLegalEntityProperty: null,
    DimensionTypeProperty: null,
  };
}

function describePublicEntity({ metadata }: Entity): Record<string, unknown> {
  return {
    Name: metadata.name,
    EntitySetName: metadata.entitySetName,
    LabelId: metadata.label ?? null,
    IsReadOnly: metadata.isReadOnly === true,
    ConfigurationEnabled: true,
    Properties: metadata.fields.map(describeField),
    NavigationProperties: [],
    PropertyGroups: [],
    Actions: [],
  };
}

function describeDataEntity({ metadata }: Entity): Record<string, unknown> {
  return {
    Name: metadata.aotName,
    PublicEntityName: metadata.name,
    PublicCollectionName: metadata.entitySetName,
    LabelId: metadata.label ?? null,
    DataServiceEnabled: true,
    DataManagementEnabled: true,
    EntityCategory: 'Master',
    IsReadOnly: metadata.isReadOnly === true,
  };
}

function describeEnumeration(name: string, members: readonly EnumMember[]): Record<string, unknown> {
  return {
    Name: name,
    LabelId: null,
    Members: members.map((member) => ({
      Name: member.name,
      Value: member.value,
      LabelId: null,
      ConfigurationEnabled: true,
    })),
  };
}

/**
 * Serves the metadata services: DataEntities, PublicEntities and PublicEnumerations, as lists and by name. Names are
 * matched with their exact case; throws a 404 of the web framework for anything else.
 */
export function handleMetadata(service: Service, request: SimRequest): SimResponse {
  if (request.method !== 'GET') {
    throw methodFault(request.method);
  }
  const { model } = service.world;
  const path = decodeURIComponent(request.path);
  const [, collection, name] = /^\/metadata\/(\w+)(?:\('([^']*)'\))?$/.exec(path) ?? [];
  const lists: Record<string, { name: string; describe: () => Record<string, unknown> }[]> = {
    PublicEntities: model.entities.map((entity) => ({
      name: entity.metadata.name,
      describe: () => describePublicEntity(entity),
    })),
    DataEntities: model.entities.map((entity) => ({
      name: entity.metadata.aotName,
      describe: () => describeDataEntity(entity),
    })),
    PublicEnumerations: Object.entries(model.enums).map(([key, members]) => ({
      name: key,
      describe: () => describeEnumeration(key, members),
    })),
  };
  const list = lists[collection ?? ''];
  const found = name === undefined ? undefined : list?.find((item) => item.name === name);
  if (list === undefined || (name !== undefined && found === undefined)) {
    throw routeFault(path);
  }
  const context = `http://${request.headers['host'] ?? '127.0.0.1'}${service.mountPath}/metadata/$metadata#${collection}`;
  return found === undefined
    ? jsonResponse(200, { '@odata.context': context, value: list.map((item) => item.describe()) })
    : jsonResponse(200, { '@odata.context': `${context}/$entity`, ...found.describe() });
}
