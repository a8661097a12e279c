import { describe, expect, it } from 'vitest';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import { type CompiledMap, fieldValue } from '../../../../shared/core/map/compiled-map.ts';
import { type TableMap, tableMapSchema } from '../../../../shared/core/map/table-map.ts';
import type { ColumnType } from '../../../../shared/core/record/column-type.ts';
import { aShape } from '../small-world.ts';

const CUSTOMERS: TableMap = tableMapSchema.parse({
  id: 'customers--accounts',
  version: '1.2.3.4',
  publisher: 'test',
  title: 'Customers',
  finops: { entity: 'CustomersV3', filter: '((PARTYTYPE == "Organization") && (OnHold != "Yes"))' },
  dataverse: { table: 'account', filter: 'customertypecode eq 3 and STATECODE eq 0' },
  key: [{ finops: 'CustomerAccount', dataverse: 'accountnumber' }],
  fields: [
    { finops: 'CustomerAccount', dataverse: 'accountnumber', direction: 'both' },
    { finops: 'Name', dataverse: 'name', direction: 'both' },
    { finops: 'CreditLimit', dataverse: 'creditlimit', direction: 'finops-to-dataverse' },
    { finops: 'GroupId', dataverse: 'groupid.code', direction: 'both' },
    {
      finops: null,
      dataverse: 'customertypecode',
      direction: 'finops-to-dataverse',
      transform: { type: 'default', value: '3' },
    },
    {
      finops: 'PartyType',
      dataverse: null,
      direction: 'dataverse-to-finops',
      transform: { type: 'default', value: 'Organization' },
    },
  ],
  conflict: { policy: 'newest-wins', fields: { Name: 'manual', creditlimit: 'finops-wins' } },
  master: 'finops',
  deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'ignore' },
});

const TYPES: Record<string, ColumnType> = {
  CreditLimit: { kind: 'decimal', scale: 4 },
  creditlimit: { kind: 'decimal', scale: 2 },
  PartyType: { kind: 'enum', members: { Person: 1, Organization: 2 } },
  customertypecode: { kind: 'option' },
  dataAreaId: { kind: 'text', folded: true },
};

function compiled(map: TableMap = CUSTOMERS, striped = { finops: true, dataverse: true }): CompiledMap {
  const shape = (companyColumn: string | null, createOnly: string[]) =>
    aShape(
      {
        companyColumn,
        createOnly: (column) => createOnly.includes(column),
        lookupTables: (path) => (path === 'groupid.code' ? ['msdyn_group'] : []),
        uniqueBy: (columns) => columns.length === 2,
      },
      TYPES,
    );
  return compileMap(map, {
    finops: shape(striped.finops ? 'dataAreaId' : null, ['CustomerAccount']),
    dataverse: shape(striped.dataverse ? 'msdyn_company.cdm_companycode' : null, []),
  });
}

describe('compileMap', () => {
  it('puts the company before the key where both sides have one', () => {
    const map = compiled();
    expect(map.sides.finops.keyColumns).toEqual(['dataAreaId', 'CustomerAccount']);
    expect(map.sides.dataverse.keyColumns).toEqual(['msdyn_company.cdm_companycode', 'accountnumber']);
    expect(map.keyOf('finops', { id: 'r', values: { dataAreaId: 'usmf', CustomerAccount: 'C-1' } })).toBe('usmf|c-1');
    expect(
      map.keyOf('dataverse', { id: 'r', values: { 'msdyn_company.cdm_companycode': 'USMF', accountnumber: 'c-1' } }),
    ).toBe('usmf|c-1');
  });

  it('leaves the company out where a side has none, and gives no key while a part is empty', () => {
    const map = compiled(CUSTOMERS, { finops: true, dataverse: false });
    expect(map.sides.finops.keyColumns).toEqual(['CustomerAccount']);
    expect(map.sides.finops.companyColumn).toBeNull();
    expect(compiled().keyOf('finops', { id: 'r', values: { dataAreaId: null, CustomerAccount: 'C-1' } })).toBeNull();
  });

  it('names no company twice that is part of the key already', () => {
    const key = [{ finops: 'dataAreaId', dataverse: 'msdyn_company.cdm_companycode' }, ...CUSTOMERS.key];
    expect(compiled({ ...CUSTOMERS, key }).sides.finops.keyColumns).toEqual(['dataAreaId', 'CustomerAccount']);
  });

  it('R3: reads key, mapped and filter columns, each once, as the fields spell them', () => {
    const { finops, dataverse } = compiled().sides;
    expect([...finops.columns].sort()).toEqual(
      ['CreditLimit', 'CustomerAccount', 'GroupId', 'Name', 'OnHold', 'PartyType', 'dataAreaId'].sort(),
    );
    expect(dataverse.columns).toContain('customertypecode');
    expect(dataverse.columns).toContain('STATECODE');
    expect(new Set(dataverse.columns).size).toBe(dataverse.columns.length);
  });

  it('R3: tells rows in the filter from rows outside it', () => {
    const { finops, dataverse } = compiled().sides;
    expect(finops.inFilter({ PartyType: 'organization', OnHold: null })).toBe(true);
    expect(finops.inFilter({ PartyType: 'organization', OnHold: 'Yes' })).toBe(false);
    expect(finops.inFilter({ PartyType: 'person', OnHold: null })).toBe(false);
    expect(dataverse.inFilter({ customertypecode: '3', STATECODE: '0' })).toBe(true);
    expect(dataverse.inFilter({ customertypecode: '4', STATECODE: '0' })).toBe(false);
  });

  it('turns rows with one column into constants of that side, in canonical form', () => {
    const map = compiled();
    expect(map.sides.finops.constants).toEqual({ PartyType: 'organization' });
    expect(map.sides.dataverse.constants).toEqual({ customertypecode: '3' });
    expect(map.fields.map(({ id }) => id)).toEqual(['accountnumber', 'name', 'creditlimit', 'groupid.code']);
  });

  it('R12: lets each field flow its way, under its own policy', () => {
    const [, name, credit] = compiled().fields;
    expect(name).toMatchObject({ policy: 'manual', flowsFrom: { finops: true, dataverse: true } });
    expect(credit).toMatchObject({ policy: 'finops-wins', flowsFrom: { finops: true, dataverse: false } });
    expect(compiled().fields[0]?.policy).toBe('newest-wins');
    expect(credit?.convert('finops', '10.126')).toEqual({ ok: true, value: '10.13' });
  });

  it('knows the tables that a lookup points to', () => {
    expect(compiled().fields[3]?.lookup).toEqual({ tables: ['msdyn_group'], column: 'code' });
    expect(compiled().fields[1]?.lookup).toBeNull();
  });

  it('knows where rows can be created, what only birth can fill, and what the side itself keeps unique', () => {
    const map = compiled();
    expect(map.sides.dataverse).toMatchObject({ writable: true, uniqueKey: true });
    expect(map.sides.finops.createOnly).toEqual(new Set(['CustomerAccount']));
    const [key, ...others] = CUSTOMERS.fields;
    const oneWay = compiled({ ...CUSTOMERS, fields: [{ ...key!, direction: 'finops-to-dataverse' }, ...others] });
    expect(oneWay.sides.finops.writable).toBe(false);
    expect(oneWay.sides.dataverse.writable).toBe(true);
    expect(map.deletes).toEqual({ finops: 'propagate', dataverse: 'ignore' });
  });

  it('lets every row in where there is no filter', () => {
    const finops = { entity: 'CustomersV3', filter: '  ' };
    expect(compiled({ ...CUSTOMERS, finops }).sides.finops.inFilter({})).toBe(true);
  });

  it('gives a missing column the value null', () => {
    const [field] = compiled().fields;
    expect(field === undefined ? '' : fieldValue(field, 'finops', {})).toBeNull();
  });
});
