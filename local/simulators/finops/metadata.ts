/** X++ type of a field as the entity shows it. */
type FieldType = 'String' | 'Int32' | 'Int64' | 'Real' | 'Date' | 'UtcDateTime' | 'Enum' | 'Guid';

/** One property of a public data entity, as `maps/metadata/finops/*.json` lists it. */
export interface FieldMetadata {
  name: string;
  type: FieldType;
  /** Characters; without it a String is unlimited (memo). */
  maxLength?: number;
  /** Digits after the point that are kept; 6 unless told. */
  decimals?: number;
  /** Name of the enumeration when the type is Enum. */
  enum?: string;
  isKey?: boolean;
  isMandatory?: boolean;
  allowEdit?: boolean;
  allowEditOnCreate?: boolean;
  source?: 'documented' | 'inferred';
}

/** A foreign key: a value that is not empty must exist in the target, in the same company when that has companies. */
export interface EntityReference {
  field: string;
  entity: string;
  targetField: string;
}

/** One table behind an entity; the first is the root. Each has its own RecId and RecVersion in the etag. */
interface DataSource {
  name: string;
  /** The fields that live in this table; fields named by no source belong to the root. */
  fields: string[];
  /** An outer joined source has no row, and `0,0` in the etag, until one of its fields holds something. */
  outerJoined?: boolean;
}

export interface EntityMetadata {
  name: string;
  entitySetName: string;
  aotName: string;
  label?: string;
  companySpecific: boolean;
  dataEvents?: boolean;
  recId?: boolean;
  isReadOnly?: boolean;
  numberSequence?: { field: string; prefix: string; digits: number };
  fields: FieldMetadata[];
  references?: EntityReference[];
  dataSources?: DataSource[];
  /** Marks a date effective entity: plain reads show only the rows valid now. */
  validTimeState?: { from: string; to: string };
}

export interface EnumMember {
  name: string;
  value: number;
}

/** An entity with the look-ups that every request needs. */
export interface Entity {
  metadata: EntityMetadata;
  fields: ReadonlyMap<string, FieldMetadata>;
  keys: readonly FieldMetadata[];
  sources: readonly DataSource[];
  /** The environment's own number of the entity: first four bytes of a virtual table id. */
  id: number;
}

/** Everything the simulated environment knows about its own shape. */
export interface Model {
  entities: readonly Entity[];
  enums: Readonly<Record<string, readonly EnumMember[]>>;
}

/** Namespace of the service, "Open Data Protocol (OData)" of the F&O developer documentation. */
export const dataNamespace = 'Microsoft.Dynamics.DataEntities';

const firstEntityId = 0x2e42;

function buildEntity(metadata: EntityMetadata, index: number): Entity {
  const keys = metadata.fields.filter((field) => field.isKey === true);
  if (keys.length === 0) {
    throw new Error(`Entity ${metadata.name} has no key field.`);
  }
  return {
    metadata,
    fields: new Map(metadata.fields.map((field) => [field.name, field])),
    keys,
    sources: metadata.dataSources ?? [{ name: metadata.aotName, fields: [] }],
    id: firstEntityId + index,
  };
}

function demandConsistent(model: Model, { metadata, fields }: Entity): void {
  for (const field of metadata.fields) {
    if (field.type === 'Enum' && (model.enums[field.enum ?? '']?.length ?? 0) === 0) {
      throw new Error(`Field ${metadata.name}.${field.name} names no known enumeration.`);
    }
  }
  for (const reference of metadata.references ?? []) {
    const target = entityNamed(model, reference.entity);
    if (target?.fields.has(reference.targetField) !== true || !fields.has(reference.field)) {
      throw new Error(`Entity ${metadata.name} has a reference to nowhere: ${reference.entity}.`);
    }
  }
}

/** Throws when the metadata contradict themselves: an unknown enumeration, or a reference to nowhere. */
export function buildModel(metadata: readonly EntityMetadata[], enums: Record<string, EnumMember[]>): Model {
  const sorted = [...metadata].sort((left, right) => (left.name < right.name ? -1 : 1));
  const model: Model = { entities: sorted.map(buildEntity), enums };
  for (const entity of model.entities) {
    demandConsistent(model, entity);
  }
  return model;
}

/** Finds an entity by its public name, its set name or its AOT name; all are matched with their exact case. */
export function entityNamed(model: Model, name: string): Entity | undefined {
  return model.entities.find(
    ({ metadata }) => metadata.name === name || metadata.entitySetName === name || metadata.aotName === name,
  );
}

export function entityOfSet(model: Model, setName: string): Entity | undefined {
  return model.entities.find(({ metadata }) => metadata.entitySetName === setName);
}

/** The index of the data source in which a field lives; fields that no source names live in the root. */
export function sourceOfField(entity: Entity, field: string): number {
  return Math.max(
    0,
    entity.sources.findIndex((source) => source.fields.includes(field)),
  );
}
