/** One choice of a picklist, state or status column; `state` ties a status reason to its state. */
export interface OptionMetadata {
  value: number;
  label: string;
  state?: number;
}

/** One column of a simulated table, in the shape of the files in `maps/metadata/dataverse`. */
export interface ColumnMetadata {
  logicalName: string;
  type: ColumnType;
  schemaName?: string;
  maxLength?: number;
  precision?: number;
  minValue?: number;
  maxValue?: number;
  required?: 'None' | 'Recommended' | 'ApplicationRequired' | 'SystemRequired';
  validForCreate?: boolean;
  validForUpdate?: boolean;
  behavior?: 'UserLocal' | 'DateOnly' | 'TimeZoneIndependent';
  options?: OptionMetadata[];
  targets?: string[];
  /** Single-valued navigation property of a lookup with one target. */
  navigation?: string;
  /** Single-valued navigation property per target table of a polymorphic lookup. */
  navigations?: Record<string, string>;
  /** Collection-valued navigation property on the referenced table. */
  collection?: string;
  /** What happens to this row when the row it refers to is deleted; `RemoveLink` when absent, as for a new relationship. */
  deleteBehavior?: 'RemoveLink' | 'Restrict' | 'Cascade';
  /** False for a secret that can be written but never read back. */
  readable?: boolean;
  default?: string | number | boolean;
  source?: string;
}

export type ColumnType =
  | 'String'
  | 'Memo'
  | 'Uniqueidentifier'
  | 'Boolean'
  | 'Integer'
  | 'BigInt'
  | 'Decimal'
  | 'Double'
  | 'Money'
  | 'DateTime'
  | 'Picklist'
  | 'State'
  | 'Status'
  | 'MultiSelectPicklist'
  | 'Lookup';

/** An alternate key. */
export interface KeyMetadata {
  name: string;
  columns: string[];
}

/** One simulated table. */
export interface TableMetadata {
  logicalName: string;
  entitySetName: string;
  schemaName: string;
  primaryIdAttribute: string;
  primaryNameAttribute: string | null;
  /** The lookup to `cdm_company`, or null for a table without companies. */
  companyColumn?: string | null;
  changeTracking: boolean;
  optimisticConcurrency: boolean;
  columns: ColumnMetadata[];
  keys: KeyMetadata[];
}

/** A single-valued navigation property: the lookup column behind it and the table it leads to. */
export interface Navigation {
  name: string;
  column: ColumnMetadata;
  target: string;
}

/** A table with the look-ups that every request needs. */
export interface Table {
  metadata: TableMetadata;
  columns: Map<string, ColumnMetadata>;
  navigations: Map<string, Navigation>;
  keys: KeyMetadata[];
}

/** A lookup column of another table that refers to a given table. */
interface Referrer {
  table: Table;
  column: ColumnMetadata;
}

/** All tables of the simulated environment. */
export interface Schema {
  byName: Map<string, Table>;
  bySet: Map<string, Table>;
  /** Referring lookups by the logical name of the table referred to. */
  referrers: Map<string, Referrer[]>;
}

/** Builds the look-ups; a later table of the same name replaces an earlier one. */
export function buildSchema(tables: readonly TableMetadata[]): Schema {
  const schema: Schema = { byName: new Map(), bySet: new Map(), referrers: new Map() };
  for (const metadata of tables) schema.byName.set(metadata.logicalName, buildTable(metadata));
  for (const table of schema.byName.values()) {
    schema.bySet.set(table.metadata.entitySetName, table);
    for (const column of table.metadata.columns) {
      if (column.type !== 'Lookup') continue;
      for (const target of column.targets ?? []) {
        const list = schema.referrers.get(target) ?? [];
        list.push({ table, column });
        schema.referrers.set(target, list);
      }
    }
  }
  return schema;
}

function buildTable(metadata: TableMetadata): Table {
  const table: Table = {
    metadata,
    columns: new Map(metadata.columns.map((column) => [column.logicalName, column])),
    navigations: new Map(),
    keys: metadata.keys,
  };
  for (const column of metadata.columns) {
    if (column.type !== 'Lookup') continue;
    for (const target of column.targets ?? []) {
      const name = navigationName(column, target);
      // An owner is bound through one property whose target the bound address decides.
      if (!table.navigations.has(name)) table.navigations.set(name, { name, column, target });
    }
  }
  return table;
}

/** The name under which a lookup is bound and expanded for one target table. */
export function navigationName(column: ColumnMetadata, target: string): string {
  const named = column.navigations?.[target] ?? column.navigation;
  if (named !== undefined) return named;
  return (column.targets?.length ?? 0) > 1 ? `${column.logicalName}_${target}` : column.logicalName;
}

/** The lookup column behind `_x_value`, or undefined when the name is no such name. */
export function lookupColumnOfValueName(table: Table, name: string): ColumnMetadata | undefined {
  if (!name.startsWith('_') || !name.endsWith('_value')) return undefined;
  const column = table.columns.get(name.slice(1, -'_value'.length));
  return column?.type === 'Lookup' ? column : undefined;
}
