import type { FieldMapping, TableMap } from './table-map.ts';

/** A map as dual-write or its documentation tells it: names of another kind than ours, keys often not told. */
export interface MapDefinition {
  /** Name of the entity for people ("Customers V3"); dual-write names entities so. */
  entityLabel: string;
  /** Name in the application object tree, where told ("CustCustomerV3Entity"). */
  entityName: string | null;
  /** Entity set name of the table ("accounts"). */
  tableSet: string;
  tableName: string | null;
  /** Tells maps of one entity and table apart ("without-gab"); empty where there is one. */
  variant: string;
  version: string;
  publisher: string;
  note: string | null;
  filters: { finops: string | null; dataverse: string | null };
  fields: FieldMapping[];
  /** Integration key without the company; null where not told. */
  key: TableMap['key'] | null;
  dualWrite?: Record<string, unknown>;
}

/** What is known of an entity, to name it and its fields as the service spells them. */
export interface KnownEntity {
  entitySet: string;
  label: string;
  fields: readonly string[];
}

export interface KnownTable {
  logicalName: string;
  tableSet: string;
  /** Columns of each alternate key, the company's lookup left out. */
  keys: readonly (readonly string[])[];
}

/** Looks names up in metadata; null where there is none. */
export interface KnownNames {
  entity(definition: Pick<MapDefinition, 'entityLabel' | 'entityName'>): KnownEntity | null;
  table(setName: string): KnownTable | null;
}
