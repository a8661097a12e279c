import { compileMap } from '../../shared/core/map/compile-map.ts';
import type { CompiledMap, TableShape } from '../../shared/core/map/compiled-map.ts';
import { type TableMap, tableMapSchema } from '../../shared/core/map/table-map.ts';
import type { ColumnType } from '../../shared/core/record/column-type.ts';
import type { PerSide } from '../../shared/core/record/side.ts';
import type { Random } from './random.ts';

/** Two maps with what makes synchronisation hard: a parent and its children, filters, policies, one-way fields. */
const GROUPS: TableMap = tableMapSchema.parse({
  id: 'groups',
  version: '1.0.0.0',
  publisher: 'simulation',
  title: 'Groups',
  finops: { entity: 'Groups', filter: null },
  dataverse: { table: 'group', filter: null },
  key: [{ finops: 'GroupId', dataverse: 'groupid' }],
  fields: [
    { finops: 'GroupId', dataverse: 'groupid', direction: 'both' },
    { finops: 'Title', dataverse: 'title', direction: 'both' },
  ],
  conflict: { policy: 'dataverse-wins' },
  master: 'dataverse',
  deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'propagate' },
  deleteGuard: { count: 10_000, percent: null, windowMinutes: 60 },
});

const CUSTOMERS: TableMap = tableMapSchema.parse({
  id: 'customers',
  version: '1.0.0.0',
  publisher: 'simulation',
  title: 'Customers',
  finops: { entity: 'Customers', filter: '((Kind == "Organization"))' },
  dataverse: { table: 'customer', filter: 'kindcode eq 3' },
  key: [{ finops: 'Account', dataverse: 'number' }],
  fields: [
    { finops: 'Account', dataverse: 'number', direction: 'both' },
    { finops: 'Name', dataverse: 'name', direction: 'both' },
    { finops: 'Phone', dataverse: 'phone', direction: 'both' },
    { finops: 'Memo', dataverse: 'memo', direction: 'both' },
    { finops: 'CreditLimit', dataverse: 'credit', direction: 'both' },
    { finops: 'Rating', dataverse: 'rating', direction: 'finops-to-dataverse' },
    { finops: 'GroupId', dataverse: 'parentgroup.groupid', direction: 'both' },
    {
      finops: null,
      dataverse: 'kindcode',
      direction: 'finops-to-dataverse',
      transform: { type: 'default', value: '3' },
    },
    {
      finops: 'Kind',
      dataverse: null,
      direction: 'dataverse-to-finops',
      transform: { type: 'default', value: 'Organization' },
    },
  ],
  conflict: { policy: 'finops-wins', fields: { Phone: 'dataverse-wins', Memo: 'source-wins' } },
  master: 'finops',
  deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'propagate' },
  deleteGuard: { count: 10_000, percent: null, windowMinutes: 60 },
});

/** Other rows of the same F&O entity, in another table: a customer who is a person. A row may become the other kind. */
const PERSONS: TableMap = tableMapSchema.parse({
  id: 'persons',
  version: '1.0.0.0',
  publisher: 'simulation',
  title: 'Persons',
  finops: {
    entity: 'Customers',
    filter: '((Kind == "Person"))',
    numberSequence: { column: 'Account', matchColumn: 'Reference' },
  },
  dataverse: { table: 'contact', filter: 'sellablecode eq 1' },
  key: [{ finops: 'Account', dataverse: 'number' }],
  fields: [
    { finops: 'Account', dataverse: 'number', direction: 'both' },
    { finops: 'Name', dataverse: 'name', direction: 'both' },
    { finops: 'Nick', dataverse: 'nick', direction: 'both' },
    { finops: 'Note', dataverse: 'note', direction: 'both' },
    { finops: 'Score', dataverse: 'score', direction: 'dataverse-to-finops' },
    { finops: 'GroupId', dataverse: 'parentgroup.groupid', direction: 'both' },
    {
      finops: null,
      dataverse: 'sellablecode',
      direction: 'finops-to-dataverse',
      transform: { type: 'default', value: '1' },
    },
    {
      finops: 'Kind',
      dataverse: null,
      direction: 'dataverse-to-finops',
      transform: { type: 'default', value: 'Person' },
    },
  ],
  conflict: { policy: 'dataverse-wins', fields: { Nick: 'newest-wins', Note: 'manual' } },
  master: 'dataverse',
  deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'propagate' },
  deleteGuard: { count: 10_000, percent: null, windowMinutes: 60 },
});

const TYPES: Record<string, ColumnType> = {
  CreditLimit: { kind: 'decimal', scale: 4 },
  credit: { kind: 'decimal', scale: 2 },
  Kind: { kind: 'enum', members: { Organization: 1, Person: 2 } },
  kindcode: { kind: 'option' },
  sellablecode: { kind: 'option' },
  dataAreaId: { kind: 'text', folded: true },
  'company.code': { kind: 'text', folded: true },
};

function shape(companyColumn: string | null, tellsModifiedAt = false): TableShape {
  return {
    typeOf: (column) => TYPES[column] ?? { kind: 'text' },
    companyColumn,
    createOnly: (column) => column === 'Account' || column === 'dataAreaId',
    computed: () => false,
    lookupTables: (path) => (path.startsWith('parentgroup.') ? ['group'] : []),
    uniqueBy: () => true,
    tellsModifiedAt,
  };
}

const striped: PerSide<TableShape> = { finops: shape('dataAreaId'), dataverse: shape('company.code') };
const shared: PerSide<TableShape> = { finops: shape(null), dataverse: shape(null) };
const dated: PerSide<TableShape> = { finops: shape('dataAreaId', true), dataverse: shape('company.code', true) };

export const GROUP_MAP: CompiledMap = compileMap(GROUPS, shared);
export const CUSTOMER_MAP: CompiledMap = compileMap(CUSTOMERS, striped);
const PERSON_MAP: CompiledMap = compileMap(PERSONS, dated);
export const SIMULATED_MAPS: readonly TableMap[] = [GROUPS, CUSTOMERS, PERSONS];
export const MAPS: readonly CompiledMap[] = [GROUP_MAP, CUSTOMER_MAP, PERSON_MAP];

/** What operators replace a map's version by, and back: other policies, and with `fields` false one field less. */
export interface Variant {
  map: TableMap;
  compiled: CompiledMap;
  /** How F&O's data events name the entity, lower case; null where nobody told. */
  finopsPhysicalName?: string | null;
}

export const SHAPES: Readonly<Record<string, PerSide<TableShape>>> = {
  groups: shared,
  customers: striped,
  persons: dated,
};
const POLICIES = ['finops-wins', 'dataverse-wins', 'source-wins'] as const;

/**
 * Version `number` of a map. `whole` versions map all that the first one does, so that nothing has to be swept after
 * them.
 */
export function variantOf(mapId: string, number: number, whole: boolean, random: Random): Variant {
  const first = SIMULATED_MAPS.find(({ id }) => id === mapId) ?? GROUPS;
  const lacking = whole ? null : random.pick(first.fields.slice(1, 5)).finops;
  const map: TableMap = {
    ...first,
    version: `1.0.0.${number}`,
    fields: first.fields.filter(({ finops }) => finops === null || finops !== lacking),
    conflict: { ...first.conflict, policy: random.pick(POLICIES) },
  };
  return { map, compiled: compileMap(map, SHAPES[mapId] ?? shared) };
}

/** The first version again, under another number. */
export function firstAgain(mapId: string, number: number): Variant {
  const first = SIMULATED_MAPS.find(({ id }) => id === mapId) ?? GROUPS;
  const map = { ...first, version: `1.0.0.${number}` };
  return { map, compiled: compileMap(map, SHAPES[mapId] ?? shared) };
}

/** The first versions of all. */
export const FIRST_MAPS: readonly Variant[] = SIMULATED_MAPS.map((map, index) => ({
  map,
  compiled: MAPS[index] ?? GROUP_MAP,
}));

/** Lookup column of a table to the table and column that it must find. */
export interface Reference {
  table: string;
  column: string;
  toTable: string;
  toColumn: string;
}

export const REFERENCES: PerSide<readonly Reference[]> = {
  finops: [{ table: 'Customers', column: 'GroupId', toTable: 'Groups', toColumn: 'GroupId' }],
  dataverse: [
    { table: 'customer', column: 'parentgroup.groupid', toTable: 'group', toColumn: 'groupid' },
    { table: 'contact', column: 'parentgroup.groupid', toTable: 'group', toColumn: 'groupid' },
  ],
};
