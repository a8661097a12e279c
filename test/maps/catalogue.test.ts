import { describe, expect, it } from 'vitest';
import type { TableMap } from '../../shared/core/map/table-map.ts';
import { readCatalogue } from './catalogue-files.ts';
import { mapFindings } from './map-findings.ts';
import { metadataFindings, repeated } from './metadata-findings.ts';

const catalogue = readCatalogue();

function mapOf(id: string): TableMap {
  const found = catalogue.maps.find((candidate) => candidate.map.id === id);
  if (found === undefined) throw new Error(`no map ${id}`);
  return structuredClone(found.map);
}

describe('the shipped catalogue', () => {
  it('holds all maps, tables and entities', () => {
    expect(catalogue.maps.map(({ application, map }) => `${application} ${map.id}`)).toHaveLength(15);
    expect(catalogue.tables.size).toBe(13);
    expect(catalogue.entities.size).toBe(13);
  });

  it('names each map as its file, with an identifier of its own, in a known application', () => {
    expect(catalogue.maps.filter(({ fileName, map }) => fileName !== map.id)).toEqual([]);
    expect(repeated(catalogue.maps.map(({ map }) => map.id))).toEqual([]);
    expect([...new Set(catalogue.maps.map(({ application }) => application))]).toEqual(['finance', 'sales']);
  });

  it('has metadata that agrees with itself', () => {
    expect(metadataFindings(catalogue)).toEqual([]);
  });

  it('has maps that agree with the metadata and with the rules of maps', () => {
    expect(catalogue.maps.flatMap(({ map }) => mapFindings(map, catalogue))).toEqual([]);
  });

  it('tells maps of one table, and maps of one entity, apart by filters', () => {
    const sharesTable = repeated(catalogue.maps.map(({ map }) => map.dataverse.table));
    const sharesEntity = repeated(catalogue.maps.map(({ map }) => map.finops.entity));
    expect(sharesTable).toEqual(['contact']);
    expect(sharesEntity.sort()).toEqual(['CDSContactsV2', 'CustomersV3']);
    for (const { map } of catalogue.maps) {
      if (sharesTable.includes(map.dataverse.table)) expect(map.dataverse.filter, map.id).not.toBeNull();
      if (sharesEntity.includes(map.finops.entity)) expect(map.finops.filter, map.id).not.toBeNull();
    }
  });

  it('keeps all fields of the customer maps', () => {
    expect(mapOf('customers-v3--accounts').fields).toHaveLength(62);
    expect(mapOf('customers-v3--contacts').fields).toHaveLength(60);
  });
});

describe('the check of a map', () => {
  it('names everything that is wrong with a map at once', () => {
    const map = mapOf('customers-v3--accounts');
    map.dataverse.filter = 'customerkind eq 3';
    map.finops.filter = '(PartyType == "Martian")';
    map.conflict = { policy: 'newest-wins', fields: { nowhere: 'manual' } };
    map.key = [{ finops: 'PartyNumber', dataverse: 'name' }];
    map.fields = map.fields
      .filter((row) => row.finops !== 'SalesCurrencyCode' && row.finops !== 'CustomerAccount')
      .concat(
        { finops: 'CreditLimit', dataverse: 'numberofemployees', direction: 'both' },
        { finops: 'Absent', dataverse: 'msdyn_vendor.msdyn_colour', direction: 'both' },
        { finops: null, dataverse: 'creditonhold', direction: 'both' },
        {
          finops: 'OnHoldStatus',
          dataverse: 'msdyn_creditrating',
          direction: 'both',
          transform: { type: 'value-map', pairs: [['Maybe', '1']] },
        },
      );
    const text = mapFindings(map, catalogue).join('\n');
    for (const expected of [
      'no column customerkind',
      'Martian is no value of PartyType',
      'newest-wins, but CustomerV3 has no modified time',
      'conflict policy for nowhere',
      'key PartyNumber = name is not mapped',
      'no alternate key on',
      'mandatory SalesCurrencyCode is not written',
      'CreditLimit (Real) does not go with numberofemployees (Integer)',
      'numberofemployees is mapped twice',
      'DIPV1023: CreditLimit is written by two rows',
      'CustomerV3 has no field Absent',
      'msdyn_vendor has no column msdyn_colour',
      'creditonhold has neither source nor one-way default',
      '"Maybe" is no value of OnHoldStatus',
    ]) {
      expect(text).toContain(expected);
    }
  });

  it('refuses to mix a company-specific entity with a global table', () => {
    const map = mapOf('sales-tax-groups--msdyn_taxgroups');
    map.dataverse.table = 'transactioncurrency';
    expect(mapFindings(map, catalogue).join('\n')).toContain('DIPV1002');
  });

  it('demands that key rows go both ways where any row does', () => {
    const map = mapOf('currencies--transactioncurrencies');
    map.fields = map.fields.map((row) =>
      row.finops === 'CurrencyCode' ? { ...row, direction: 'finops-to-dataverse' } : row,
    );
    expect(mapFindings(map, catalogue)).toContain(`${map.id}: key CurrencyCode is not two-way`);
  });
});
