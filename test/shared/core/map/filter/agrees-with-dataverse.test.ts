import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileFilter as compileOnServer } from '../../../../../local/simulators/dataverse/filter-evaluation.ts';
import { parseFilter as parseOnServer } from '../../../../../local/simulators/dataverse/filter-parser.ts';
import { buildSchema, type TableMetadata } from '../../../../../local/simulators/dataverse/table-metadata.ts';
import { compileFilter } from '../../../../../shared/core/map/filter/compile-filter.ts';
import { withoutIn } from '../../../../../shared/core/map/filter/filter.ts';
import { printFilter } from '../../../../../shared/core/map/filter/print-filter.ts';
import type { ColumnType } from '../../../../../shared/core/record/column-type.ts';
import { arbitraryFilter } from './arbitrary-filter.ts';

const TYPES: Record<string, ColumnType> = {
  name: { kind: 'text' },
  credit: { kind: 'decimal', scale: 2 },
  choice: { kind: 'option' },
  since: { kind: 'date' },
  active: { kind: 'boolean' },
  owner: { kind: 'guid' },
};
const TABLE: TableMetadata = {
  logicalName: 'probe',
  schemaName: 'Probe',
  entitySetName: 'probes',
  primaryIdAttribute: 'probeid',
  primaryNameAttribute: 'name',
  columns: [
    { logicalName: 'probeid', type: 'Uniqueidentifier' },
    { logicalName: 'name', type: 'String' },
    { logicalName: 'credit', type: 'Decimal' },
    { logicalName: 'choice', type: 'Picklist' },
    { logicalName: 'since', type: 'DateTime', behavior: 'DateOnly' },
    { logicalName: 'active', type: 'Boolean' },
    { logicalName: 'owner', type: 'Uniqueidentifier' },
  ],
} as unknown as TableMetadata;

const orNull = (values: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(values, { freq: 3 });
const ROW = fc.record({
  name: orNull(
    fc.string({ unit: fc.constantFrom('A', 'b', 'C', 'E', '1', "'", '%', '_'), minLength: 1, maxLength: 4 }),
  ),
  credit: orNull(fc.constantFrom('-2.5', '0', '0.5', '1.5')),
  choice: orNull(fc.constantFrom('0', '1', '2')),
  since: orNull(fc.constantFrom('2021-06-22', '2021-06-23', '2021-06-24')),
  active: orNull(fc.constantFrom('true', 'false')),
  owner: orNull(fc.constant('aaaaaaaa-1111-4111-8111-111111111111')),
});

it('in memory a filter keeps the rows that Dataverse itself keeps, in 10,000 cases with empty columns', () => {
  const schema = buildSchema([TABLE]);
  const table = schema.byName.get('probe');
  if (table === undefined) throw new Error('no table');
  const scope = {
    side: 'dataverse',
    typeOf: (column: string): ColumnType => TYPES[column] ?? { kind: 'text' },
  } as const;
  let kept = 0;
  fc.assert(
    fc.property(arbitraryFilter('odata'), ROW, (filter, values) => {
      const node = parseOnServer(printFilter(withoutIn(filter), 'odata'), new URLSearchParams());
      const onServer = compileOnServer({ schema, table, store: {} as never }, node)({ values } as never) === true;
      expect(compileFilter(filter, scope)(values)).toBe(onServer);
      kept += Number(onServer);
    }),
    { numRuns: 10_000 },
  );
  expect(kept).toBeGreaterThan(1000);
  expect(kept).toBeLessThan(9000);
});
