import { describe, expect, it } from 'vitest';
import type { TableShape } from '../../../../shared/core/map/compiled-map.ts';
import type { MapFinding } from '../../../../shared/core/map/map-finding.ts';
import type { FieldMapping, TableMap } from '../../../../shared/core/map/table-map.ts';
import { tableMapSchema } from '../../../../shared/core/map/table-map.ts';
import { validateMap } from '../../../../shared/core/map/validate-map.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';
import type { PerSide } from '../../../../shared/core/record/side.ts';
import { smallTableMap } from '../small-world.ts';

const TEXT: ColumnType = { kind: 'text' };
const COLUMNS: PerSide<Record<string, ColumnType>> = {
  finops: { Key: TEXT, A: TEXT, B: TEXT, Kind: { kind: 'enum' } },
  dataverse: { key: TEXT, a: TEXT, b: TEXT, spare: TEXT, kind: { kind: 'option' }, flag: { kind: 'boolean' } },
};

function shapes(more: PerSide<Partial<TableShape>> = { finops: {}, dataverse: {} }): PerSide<TableShape> {
  const shape = (columns: Record<string, ColumnType>, rest: Partial<TableShape>): TableShape => ({
    typeOf: (column) => columns[column] ?? null,
    companyColumn: null,
    createOnly: (column) => column === 'Key',
    computed: () => false,
    lookupTables: () => [],
    uniqueBy: () => true,
    tellsModifiedAt: true,
    ...rest,
  });
  return { finops: shape(COLUMNS.finops, more.finops), dataverse: shape(COLUMNS.dataverse, more.dataverse) };
}

const VALID: TableMap = { ...smallTableMap(), dataverse: { table: 'small', filter: 'kind eq 3' } };

function codes(change: Partial<TableMap>, given = shapes()): string[] {
  return validateMap({ ...VALID, ...change }, given).map(({ code, where }) => `${code} ${where}`);
}

function withField(field: FieldMapping): FieldMapping[] {
  return [...VALID.fields, field];
}

describe('validateMap', () => {
  it('refuses a two-way field whose transform has no way back, and lets it flow one way', () => {
    for (const transform of [
      { type: 'case', to: 'upper' },
      { type: 'truncate', length: 3 },
      { type: 'substring', start: 1 },
      { type: 'round', digits: 2 },
      { type: 'expression', cel: 'value' },
    ] as const) {
      const field: FieldMapping = { finops: 'B', dataverse: 'b', direction: 'both', transform };
      const others = VALID.fields.filter(({ dataverse }) => dataverse !== 'b');
      expect(codes({ fields: [...others, field] })).toEqual([`M11 fields[${others.length}]`]);
      expect(codes({ fields: [...others, { ...field, direction: 'finops-to-dataverse' }] })).toEqual([]);
    }
  });

  it('refuses transforms that cannot work between the two columns', () => {
    const others = VALID.fields.filter(({ dataverse }) => dataverse !== 'b');
    const transform = { type: 'factor', by: '2' } as const;
    const fields: FieldMapping[] = [...others, { finops: 'B', dataverse: 'b', direction: 'both', transform }];
    expect(codes({ fields })).toEqual([`M07 fields[${others.length}]`]);
  });

  it('finds nothing wrong with a good map', () => {
    expect(codes({})).toEqual([]);
  });

  it('M01: names columns that a side does not have', () => {
    expect(codes({ fields: withField({ finops: 'C', dataverse: 'c', direction: 'both' }) })).toEqual([
      'M01 fields[3]',
      'M01 fields[3]',
    ]);
  });

  it('M02: refuses a Dataverse column that is mapped twice, and lets one F&O field feed two', () => {
    expect(codes({ fields: withField({ finops: 'B', dataverse: 'a', direction: 'finops-to-dataverse' }) })).toEqual([
      'M02 fields[3]',
    ]);
    const second = { finops: 'A', dataverse: 'spare', direction: 'finops-to-dataverse' } as const;
    expect(codes({ fields: withField(second) })).toEqual([]);
  });

  it('M03: wants the key columns mapped to each other', () => {
    expect(codes({ key: [{ finops: 'A', dataverse: 'b' }] })).toEqual(['M03 key[0]']);
  });

  it('M04: wants the key to flow both ways where any field does', () => {
    const [key, ...others] = VALID.fields;
    const oneWayKey: FieldMapping = { ...key!, direction: 'finops-to-dataverse' };
    expect(codes({ fields: [oneWayKey, ...others] })).toEqual(['M04 key[0]']);
    const oneWay = others.map((field): FieldMapping => ({ ...field, direction: 'finops-to-dataverse' }));
    expect(codes({ fields: [oneWayKey, ...oneWay] })).toEqual([]);
  });

  it('M05: refuses a company on one side only, unless the key maps it', () => {
    const given = shapes({ finops: { companyColumn: 'A' }, dataverse: {} });
    expect(codes({}, given)).toEqual(['M05 key']);
    expect(codes({ key: [...VALID.key, { finops: 'A', dataverse: 'a' }] }, given)).toEqual([]);
    const both = shapes({ finops: { companyColumn: 'A' }, dataverse: { companyColumn: 'a' } });
    expect(codes({}, both)).toEqual([]);
  });

  it('M06: refuses filters that are none, and filters on columns that do not exist', () => {
    expect(codes({ finops: { entity: 'Smalls', filter: 'Kind eq 1' } })).toEqual(['M06 finops.filter']);
    expect(codes({ dataverse: { table: 'small', filter: 'nothing eq 1' } })).toEqual(['M06 dataverse.filter']);
    expect(codes({ finops: { entity: 'Smalls', filter: '(KEY == "1")' } })).toEqual([]);
  });

  it('M07: refuses transforms whose values are none of the column, and constants without a value', () => {
    const constant = { finops: null, dataverse: 'kind', direction: 'finops-to-dataverse' } as const;
    expect(codes({ fields: withField(constant) })).toEqual(['M07 fields[3]']);
    const wrong: FieldMapping = { ...constant, transform: { type: 'default', value: 'three' } };
    expect(codes({ fields: withField(wrong) })).toEqual(['M07 fields[3]']);
    const pairs: FieldMapping = {
      finops: 'Kind',
      dataverse: 'kind',
      direction: 'both',
      transform: {
        type: 'value-map',
        pairs: [
          ['Person', 'four'],
          ['Organization', '3'],
        ],
      },
    };
    expect(codes({ fields: withField(pairs) })).toEqual(['M07 fields[3]']);
  });

  it('M08: refuses newest-wins where a side does not tell, and policies of fields that are not mapped', () => {
    const blind = shapes({ finops: { tellsModifiedAt: false }, dataverse: {} });
    expect(codes({ conflict: { policy: 'newest-wins' } })).toEqual([]);
    expect(codes({ conflict: { policy: 'newest-wins' } }, blind)).toEqual(['M08 conflict']);
    const fields = { B: 'newest-wins', Other: 'manual' } as const;
    expect(codes({ conflict: { policy: 'manual', fields } }, blind)).toEqual(['M08 conflict', 'M08 conflict.fields']);
  });

  it('M09: refuses a row without a column', () => {
    expect(codes({ fields: withField({ finops: null, dataverse: null, direction: 'both' }) })).toContain(
      'M09 fields[3]',
    );
  });

  it('tells everything that is wrong at once, each with a message', () => {
    const given = shapes({ finops: { companyColumn: 'A', tellsModifiedAt: false }, dataverse: {} });
    const findings: MapFinding[] = validateMap(
      {
        ...VALID,
        finops: { entity: 'Smalls', filter: '(Kind ==' },
        key: [
          { finops: 'B', dataverse: 'b' },
          { finops: 'A', dataverse: 'b' },
        ],
        fields: [
          { finops: 'B', dataverse: 'b', direction: 'finops-to-dataverse' },
          { finops: 'A', dataverse: 'a', direction: 'both' },
          { finops: 'A', dataverse: 'a', direction: 'both' },
          { finops: 'Missing', dataverse: null, direction: 'dataverse-to-finops' },
          { finops: null, dataverse: null, direction: 'both' },
        ],
        conflict: { policy: 'newest-wins' },
      },
      shapes({ ...given, finops: { companyColumn: 'Kind', tellsModifiedAt: false } }),
    );
    const found = new Set(findings.map(({ code }) => code));
    expect([...found].sort()).toEqual(['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08', 'M09', 'M14', 'M24']);
    for (const { message } of findings) expect(message.length).toBeGreaterThan(10);
  });
});

describe('tableMapSchema', () => {
  it('refuses unknown keys and wrong versions, naming the place', () => {
    const parsed = tableMapSchema.safeParse({ ...VALID, version: '1.0', colour: 'red' });
    expect(parsed.error?.issues.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['version', 'invalid_format'],
      ['', 'unrecognized_keys'],
    ]);
  });

  it('M10: wants to know what makes a row inactive, where deletions are to do that', () => {
    const deletes = { finopsToDataverse: 'deactivate', dataverseToFinops: 'ignore' } as const;
    const deactivating = (deactivation: TableMap['deactivation']) => codes({ deletes, deactivation });
    expect(deactivating({})).toEqual(['M10 deactivation.dataverse']);
    expect(deactivating({ dataverse: { inactive: { flag: 'true' }, active: { flag: 'false' } } })).toEqual([]);
    expect(deactivating({ dataverse: { inactive: { flag: 'true' }, active: {} } })).toEqual([
      'M10 deactivation.dataverse',
    ]);
    expect(deactivating({ dataverse: { inactive: { none: '1' }, active: { none: '0' } } })).toEqual([
      'M10 deactivation.dataverse',
    ]);
    const native = shapes();
    const reopened = { table: 'item', filter: null, reopenToEdit: true };
    expect(codes({ dataverse: reopened })).toContain('M10 dataverse.reopenToEdit');
    const merging = { table: 'item', filter: null, merge: 'relink' } as const;
    expect(codes({ dataverse: merging })).toContain('M10 dataverse.merge');
    const dataverse = { ...native.dataverse, typeOf: (column: string) => native.dataverse.typeOf(column) ?? TEXT };
    expect(codes({ deletes, deactivation: {} }, { ...native, dataverse })).toEqual([]);
  });
});
