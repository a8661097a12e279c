import { describe, expect, it } from 'vitest';
import { type SeedRows, seedRows } from '../../../local/seed/believable-company.ts';
import { type DataverseTable, readCatalogue } from '../../maps/catalogue-files.ts';

const catalogue = readCatalogue();
const rows = seedRows({ customers: 500, seed: 7 });

type Row = Record<string, unknown>;
type KeyReference = Record<string, unknown>;

function finopsRows(seed: SeedRows, entitySet: string): Row[] {
  return seed.finops.filter((entry) => entry.entitySet === entitySet).flatMap((entry) => entry.rows);
}

function dataverseRows(seed: SeedRows, table: string): Row[] {
  return seed.dataverse.filter((entry) => entry.table === table).flatMap((entry) => entry.rows);
}

/** Text of a key, from a row's own columns or from a reference: the same for both. */
function keyText(table: DataverseTable, columns: readonly string[], of: KeyReference): string {
  const parts = columns.map((name) => {
    const value = of[name] ?? of[`${name}@key`];
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  });
  return [table.logicalName, ...parts].join('|').toLowerCase();
}

/** What a loader that goes through the rows in order finds missing. */
function unresolvedDataverse(seed: SeedRows): string[] {
  const loaded = new Set<string>();
  const missing: string[] = [];
  const resolve = (table: DataverseTable, reference: KeyReference): void => {
    const columns = Object.keys(reference).filter((name) => name !== '@table');
    const key = table.keys.find((candidate) => [...candidate.columns].sort().join() === [...columns].sort().join());
    const text =
      key === undefined ? `no key of ${table.logicalName}: ${columns}` : keyText(table, key.columns, reference);
    if (!loaded.has(text)) missing.push(text);
  };
  for (const { table: name, rows: tableRows } of seed.dataverse) {
    const table = catalogue.tables.get(name)!;
    for (const row of tableRows) {
      for (const [property, value] of Object.entries(row)) {
        if (!property.endsWith('@key')) continue;
        const column = table.columns.find((candidate) => candidate.logicalName === property.slice(0, -4));
        const reference = value as KeyReference;
        const target = column!.targets!.length > 1 ? String(reference['@table']) : column!.targets![0]!;
        resolve(catalogue.tables.get(target)!, reference);
      }
      for (const key of table.keys) loaded.add(keyText(table, key.columns, row));
    }
  }
  return missing;
}

function unresolvedFinops(seed: SeedRows): string[] {
  const loaded = new Set<string>();
  const missing: string[] = [];
  for (const { entitySet, rows: setRows } of seed.finops) {
    const entity = catalogue.entities.get(entitySet)!;
    const own = entity.fields.find((field) => field.isKey && field.name !== 'dataAreaId')!.name;
    for (const row of setRows) {
      for (const reference of entity.references) {
        const value = row[reference.field];
        const target = [...catalogue.entities.values()].find((candidate) => candidate.name === reference.entity)!;
        const company = target.companySpecific ? row['dataAreaId'] : '';
        const text = `${target.name}|${String(company)}|${String(value)}`;
        if (value !== undefined && value !== '' && !loaded.has(text)) missing.push(text);
      }
      loaded.add(`${entity.name}|${String(entity.companySpecific ? row['dataAreaId'] : '')}|${String(row[own])}`);
    }
  }
  return missing;
}

describe('the seed', () => {
  it('is the same for the same seed and another for another', () => {
    expect(seedRows({ customers: 500, seed: 7 })).toEqual(rows);
    expect(seedRows({ customers: 500, seed: 8 })).not.toEqual(rows);
  });

  it('has the set-up of four companies and the customers asked for', () => {
    expect(finopsRows(rows, 'LegalEntities').map((row) => row['LegalEntityId'])).toEqual([
      'usmf',
      'usrt',
      'demf',
      'gbsi',
    ]);
    expect(finopsRows(rows, 'Currencies')).toHaveLength(30);
    expect(finopsRows(rows, 'VendorsV2')).toHaveLength(24);
    expect(finopsRows(rows, 'CustomersV3')).toHaveLength(450);
    for (const [entitySet] of catalogue.entities) expect(finopsRows(rows, entitySet), entitySet).not.toEqual([]);
    for (const [table] of catalogue.tables) expect(dataverseRows(rows, table), table).not.toEqual([]);
  });

  it('has six customers in ten in F&O only, three on both sides, one in Dataverse only', () => {
    const finops = new Set(
      finopsRows(rows, 'CustomersV3').map((row) => `${row['dataAreaId']}|${row['CustomerAccount']}`),
    );
    const dataverse = [
      ...dataverseRows(rows, 'account').map((row) => [row, row['accountnumber']] as const),
      ...dataverseRows(rows, 'contact')
        .filter((row) => row['msdyn_sellable'] === true)
        .map((row) => [row, row['msdyn_contactpersonid']] as const),
    ].map(
      ([row, number]) =>
        `${(row['msdyn_company@key'] as { cdm_companycode: string }).cdm_companycode}|${String(number)}`,
    );
    expect(finops.size).toBe(450);
    expect(new Set(dataverse).size).toBe(200);
    expect(dataverse.filter((key) => finops.has(key))).toHaveLength(150);
  });

  it('has both kinds of customer, branches with a head office, and the same account number in several companies', () => {
    const customers = finopsRows(rows, 'CustomersV3');
    const persons = customers.filter((row) => row['PartyType'] === 'Person');
    expect(persons.length).toBeGreaterThan(90);
    expect(customers.length - persons.length).toBeGreaterThan(250);
    expect(customers.filter((row) => row['InvoiceAccount'] !== undefined).length).toBeGreaterThan(10);
    expect(new Set(persons.map((row) => row['CustomerAccount'])).size).toBeLessThan(persons.length);
  });

  it('has contacts that are not customers yet but need only their number to become some', () => {
    const prospects = dataverseRows(rows, 'contact').filter((row) => row['msdyn_contactpersonid'] === undefined);
    expect(prospects).toHaveLength(10);
    for (const row of prospects) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['msdyn_company@key', 'msdyn_customergroupid@key', 'transactioncurrencyid@key']),
      );
    }
  });

  it('refers only to rows that stand before, on both sides', () => {
    expect(unresolvedDataverse(rows)).toEqual([]);
    expect(unresolvedFinops(rows)).toEqual([]);
  });

  it('finds a missing parent when there is one', () => {
    const without = { ...rows, dataverse: rows.dataverse.filter((entry) => entry.table !== 'msdyn_customergroup') };
    expect(unresolvedDataverse(without).length).toBeGreaterThan(100);
    const unpaid = { ...rows, finops: rows.finops.filter((entry) => entry.entitySet !== 'PaymentTerms') };
    expect(unresolvedFinops(unpaid).length).toBeGreaterThan(100);
  });

  it('names existing columns with values that fit them, and no key twice', () => {
    const findings: string[] = [];
    for (const { entitySet, rows: setRows } of rows.finops) {
      const entity = catalogue.entities.get(entitySet)!;
      for (const [name, value] of setRows.flatMap((row) => Object.entries(row))) {
        const field = entity.fields.find((candidate) => candidate.name === name);
        const members = catalogue.enums[field?.enum ?? '']?.map((member) => member.name) ?? [];
        if (field === undefined) findings.push(`${entitySet}.${name} is no field`);
        else if (field.type === 'Enum' && !members.includes(String(value))) findings.push(`${name}: ${String(value)}`);
        else if (String(value).length > (field.maxLength ?? 2000))
          findings.push(`${name} is too long: ${String(value)}`);
      }
      for (const field of entity.fields.filter((candidate) => candidate.isMandatory)) {
        if (setRows.some((row) => row[field.name] === undefined)) findings.push(`${entitySet} lacks ${field.name}`);
      }
    }
    const keys: string[] = [];
    for (const { table: name, rows: tableRows } of rows.dataverse) {
      const table = catalogue.tables.get(name)!;
      for (const [property, value] of tableRows.flatMap((row) => Object.entries(row))) {
        const column = table.columns.find((candidate) => candidate.logicalName === property.replace(/@key$/, ''));
        if (column === undefined) findings.push(`${name}.${property} is no column`);
        else if ((column.type === 'Lookup') !== property.endsWith('@key'))
          findings.push(`${name}.${property} is misspelt`);
        else if (column.maxLength !== undefined && String(value).length > column.maxLength)
          findings.push(`${property} long`);
        else if (column.options?.every((option) => option.value !== value))
          findings.push(`${property}: ${String(value)}`);
      }
      keys.push(
        ...tableRows
          .filter((row) => name !== 'contact' || row['msdyn_contactpersonid'] !== undefined)
          .flatMap((row) => table.keys.map((key) => keyText(table, key.columns, row))),
      );
    }
    expect(findings).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('holds the texts that break careless code', () => {
    const text = JSON.stringify(rows.finops);
    for (const piece of [
      'ß',
      '北星',
      '☕',
      '\\"Hi-Fi\\"',
      "O'Dramm",
      'Unit 4/B',
      '\\\\ Rear',
      ' & ',
      '<pending>',
      '50 %',
    ]) {
      expect(text, piece).toContain(piece);
    }
    const accounts = finopsRows(rows, 'CustomersV3').map((row) => String(row['CustomerAccount']));
    for (const mark of ['/', ' ', "'", '&', '+']) {
      expect(
        accounts.some((account) => account.includes(mark)),
        mark,
      ).toBe(true);
    }
    const memos = finopsRows(rows, 'CustomersV3').map((row) => String(row['SalesMemo'] ?? '').length);
    expect(Math.max(...memos)).toBeGreaterThan(1500);
    expect(Math.max(...memos)).toBeLessThanOrEqual(2000);
  });
});
