import { type Arbitrary, array, boolean, constantFrom, oneof, option, record, string, tuple } from 'fast-check';
import {
  CONFLICT_POLICIES,
  type FieldMapping,
  type TableMap,
  tableMapSchema,
} from '../../shared/core/map/table-map.ts';

const text = string({ unit: 'binary', maxLength: 12 });
const some = string({ unit: 'binary', minLength: 1, maxLength: 12 });
const column = constantFrom('a', 'Name', 'GROUPID', 'x_y', 'lookup.column', 'customerid.Account(a).Contact(b)');

const symbol = constantFrom('no', 'yes', '', '2', '1', '1/1/1900', '__proto__');

const transform: Arbitrary<FieldMapping['transform']> = oneof(
  constantFrom(undefined),
  text.map((value) => ({ type: 'default' as const, value })),
  array(tuple(symbol, text), { minLength: 1, maxLength: 5 }).map((pairs) => ({ type: 'value-map' as const, pairs })),
);

const field: Arbitrary<FieldMapping> = record({
  finops: option(column),
  dataverse: option(column),
  direction: constantFrom('both', 'finops-to-dataverse', 'dataverse-to-finops'),
  transform,
}).map(({ transform: chosen, ...rest }) => (chosen === undefined ? rest : { ...rest, transform: chosen }));

const deletes = constantFrom('propagate', 'deactivate', 'ignore', 'require-approval');

/** Any map document that has the shape of one, sensible or not. */
export const tableMaps: Arbitrary<TableMap> = record({
  title: some,
  publisher: some,
  note: option(text),
  version: constantFrom('1.0.0.0', '0.10.2.7', '9.9.9.9'),
  entity: some,
  table: some,
  filters: tuple(option(text), option(text)),
  key: array(record({ finops: some, dataverse: some }), { minLength: 1, maxLength: 3 }),
  fields: array(field, { minLength: 1, maxLength: 6 }),
  policy: constantFrom(...CONFLICT_POLICIES),
  deletes: record({ finopsToDataverse: deletes, dataverseToFinops: deletes }),
  master: constantFrom('finops', 'dataverse'),
  guarded: boolean(),
}).map(({ entity, table, filters, note, policy, guarded, ...rest }) =>
  tableMapSchema.parse({
    id: 'any--map',
    ...rest,
    ...(note === null ? {} : { note }),
    finops: { entity, filter: filters[0] },
    dataverse: { table, filter: filters[1] },
    conflict: { policy },
    ...(guarded ? { deleteGuard: { count: 5, percent: null, windowMinutes: 1 } } : {}),
  }),
);
