import { edmType } from './field-output.ts';
import type { Entity, FieldMetadata, Model } from './metadata.ts';
import { dataNamespace } from './metadata.ts';

function property(field: FieldMetadata): string {
  const length = field.type === 'String' && field.maxLength !== undefined ? ` MaxLength="${field.maxLength}"` : '';
  const scale = field.type === 'Real' ? ' Scale="Variable"' : '';
  const nullable = field.type === 'String' || field.type === 'Enum' ? '' : ' Nullable="false"';
  return `<Property Name="${field.name}" Type="${edmType(field)}"${nullable}${length}${scale}/>`;
}

function entityType({ metadata, keys }: Entity): string {
  const key = keys.map((field) => `<PropertyRef Name="${field.name}"/>`).join('');
  return `<EntityType Name="${metadata.name}"><Key>${key}</Key>${metadata.fields.map(property).join('')}</EntityType>`;
}

/** The service document in CSDL 4.0 (OData 4.0 Part 3); only what this environment has, so kilobytes and not tens of MB. */
export function renderCsdl(model: Model): string {
  const enums = Object.entries(model.enums).map(([name, members]) => {
    const list = members.map((member) => `<Member Name="${member.name}" Value="${member.value}"/>`).join('');
    return `<EnumType Name="${name}">${list}</EnumType>`;
  });
  const sets = model.entities.map(
    ({ metadata }) => `<EntitySet Name="${metadata.entitySetName}" EntityType="${dataNamespace}.${metadata.name}"/>`,
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
    `<Schema Namespace="${dataNamespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">`,
    ...enums,
    ...model.entities.map(entityType),
    `<EntityContainer Name="Resources">${sets.join('')}</EntityContainer>`,
    '</Schema></edmx:DataServices></edmx:Edmx>',
  ].join('\n');
}
