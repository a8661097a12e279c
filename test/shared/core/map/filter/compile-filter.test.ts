import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../../../shared/core/map/filter/compile-filter.ts';
import { filterColumns } from '../../../../../shared/core/map/filter/filter.ts';
import { FilterSyntaxError } from '../../../../../shared/core/map/filter/filter-tokens.ts';
import { parseFilter } from '../../../../../shared/core/map/filter/parse-filter.ts';
import type { Values } from '../../../../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../../../../shared/core/record/column-type.ts';

const TYPES: Record<string, ColumnType> = {
  PartyType: { kind: 'enum', members: { None: 0, Organization: 1, Person: 2 } },
  AccountType: { kind: 'enum', members: { Ledger: 0, Customer: 1 } },
  IsB2BProspect: { kind: 'enum', members: { No: 0, Yes: 1 } },
  Blocked: { kind: 'boolean' },
  AssociatedContactType: { kind: 'enum', members: { None: 0, Contact: 1 } },
  TransactionDate: { kind: 'date' },
  CreatedAt: { kind: 'instant' },
  numberofemployees: { kind: 'integer' },
  customertypecode: { kind: 'option' },
  msdyn_linetype: { kind: 'option' },
  msdyn_sellable: { kind: 'boolean' },
};
const typeOf = (column: string): ColumnType => TYPES[column] ?? { kind: 'text' };
const range = (text: string, values: Values): boolean =>
  compileFilter(parseFilter(text, 'range'), { side: 'finops', typeOf })(values);
const odata = (text: string, values: Values): boolean =>
  compileFilter(parseFilter(text, 'odata'), { side: 'dataverse', typeOf })(values);

type Case = [filter: string, inside: Values[], outside: Values[]];

describe('F&O query ranges', () => {
  const cases: Case[] = [
    [
      '((PartyType == "Organization"))',
      [{ PartyType: 'organization' }],
      [{ PartyType: 'person' }, { PartyType: null }],
    ],
    ['((TypeId == "Note") || (TypeId == "URL"))', [{ TypeId: 'Note' }, { TypeId: 'url' }], [{ TypeId: 'File' }]],
    ['((CURRENCYCODE != "999"))', [{ CURRENCYCODE: 'EUR' }, { CURRENCYCODE: null }], [{ CURRENCYCODE: '999' }]],
    ['(SalesOrderNumber != "")', [{ SalesOrderNumber: 'SO-1' }], [{ SalesOrderNumber: null }]],
    ['(SalesOrderNumber == "")', [{ SalesOrderNumber: null }], [{ SalesOrderNumber: 'SO-1' }]],
    ['(IsB2BProspect == 1)', [{ IsB2BProspect: 'yes' }], [{ IsB2BProspect: 'no' }, { IsB2BProspect: null }]],
    ['(Blocked == 1)', [{ Blocked: 'true' }], [{ Blocked: 'false' }]],
    ['(AssociatedContactType = 1)', [{ AssociatedContactType: 'contact' }], [{ AssociatedContactType: 'none' }]],
    ['(name like "A*")', [{ name: 'Adatum' }, { name: 'adatum' }], [{ name: 'Contoso' }, { name: null }]],
    ['(name like "A?c")', [{ name: 'abc' }], [{ name: 'ac' }, { name: 'abbc' }]],
    ['(!(name like "*A*"))', [{ name: 'Kolo' }, { name: null }], [{ name: 'Contoso Asia' }]],
    ['(AccountType == AccountType::Customer)', [{ AccountType: 'customer' }], [{ AccountType: 'ledger' }]],
    [
      '(TransactionDate <= 23\\06\\2021)',
      [{ TransactionDate: '2021-06-23' }, { TransactionDate: '2020-12-31' }],
      [{ TransactionDate: '2021-06-24' }, { TransactionDate: '2021-07-01' }],
    ],
    [
      '((numberofemployees > 1000) && (numberofemployees <= 2000))',
      [{ numberofemployees: '1001' }, { numberofemployees: '2000' }],
      [{ numberofemployees: '1000' }, { numberofemployees: '2001' }, { numberofemployees: '999' }],
    ],
  ];

  it.each(cases)('%s', (filter, inside, outside) => {
    for (const values of inside) expect([values, range(filter, values)]).toEqual([values, true]);
    for (const values of outside) expect([values, range(filter, values)]).toEqual([values, false]);
  });
});

describe('Dataverse filters', () => {
  const cases: Case[] = [
    ['customertypecode eq 3', [{ customertypecode: '3' }], [{ customertypecode: '4' }, { customertypecode: null }]],
    [
      'msdyn_sellable eq true  and msdyn_contactpersonid ne null',
      [{ msdyn_sellable: 'true', msdyn_contactpersonid: 'C1' }],
      [
        { msdyn_sellable: 'true', msdyn_contactpersonid: null },
        { msdyn_sellable: 'false', msdyn_contactpersonid: 'C1' },
      ],
    ],
    ["accountnumber ne ''", [{ accountnumber: 'A1' }], [{ accountnumber: null }]],
    ['accountnumber eq null', [{ accountnumber: null }], [{ accountnumber: 'A1' }]],
    [
      "(objecttypecode eq 'account' or objecttypecode eq 'contact') and msdyn_relatedentityid ne null",
      [{ objecttypecode: 'contact', msdyn_relatedentityid: '1' }],
      [
        { objecttypecode: 'lead', msdyn_relatedentityid: '1' },
        { objecttypecode: 'contact', msdyn_relatedentityid: null },
      ],
    ],
    [
      'msdyn_linetype ne 690970000 or msdyn_linetype eq null',
      [{ msdyn_linetype: '690970001' }, { msdyn_linetype: null }],
      [{ msdyn_linetype: '690970000' }],
    ],
    ['msdyn_linetype ne 690970000', [{ msdyn_linetype: '690970001' }], [{ msdyn_linetype: null }]],
    ["startswith(name, 'A')", [{ name: 'adatum' }], [{ name: 'Contoso' }, { name: null }]],
    ["endswith(name,'so')", [{ name: 'Contoso' }], [{ name: 'Sophia' }]],
    ["not contains(name,'A')", [{ name: 'Kolo' }], [{ name: 'Adatum' }, { name: null }]],
    ["contains(name,'what?')", [{ name: 'What? Ltd' }], [{ name: 'Wha' }]],
    ["contains(name,'a.b')", [{ name: 'xa.by' }], [{ name: 'xaaby' }]],
    ["AccountType eq '3'", [{ AccountType: '3' }], [{ AccountType: '4' }]],
    [
      "TransactionDate le '2021-06-23'",
      [{ TransactionDate: '2021-06-23' }],
      [{ TransactionDate: '2021-06-24' }, { TransactionDate: null }],
    ],
    ["CreatedAt ge '2021-06-23'", [{ CreatedAt: '2021-06-23T00:00:00Z' }], [{ CreatedAt: '2021-06-22T23:59:59Z' }]],
    ["CreatedAt eq '2021-06-23'", [{ CreatedAt: '2021-06-23T00:00:00Z' }], [{ CreatedAt: '2021-06-23T00:00:01Z' }]],
    [
      'numberofemployees gt 1000',
      [{ numberofemployees: '20000' }],
      [{ numberofemployees: '999' }, { numberofemployees: null }],
    ],
    ["name eq 'O''Brien'", [{ name: "O'Brien" }], [{ name: 'OBrien' }]],
  ];

  it.each(cases)('%s', (filter, inside, outside) => {
    for (const values of inside) expect([values, odata(filter, values)]).toEqual([values, true]);
    for (const values of outside) expect([values, odata(filter, values)]).toEqual([values, false]);
  });

  it('leave an empty column out of a comparison and of its opposite, as SQL does', () => {
    for (const filter of ['n gt 3', 'not (n gt 3)', 'not (n eq 3)', 'n ne 3', 'not (n ne 3)']) {
      expect([filter, odata(filter, { n: null })]).toEqual([filter, false]);
    }
    expect(odata('not (n gt 3) or m eq 1', { n: null, m: '1' })).toBe(true);
    expect(odata('not (n gt 3 and m eq 1)', { n: null, m: '2' })).toBe(true);
    expect(odata('not (n gt 3 or m eq 1)', { n: null, m: '2' })).toBe(false);
  });
});

describe('filters', () => {
  it('bind and before or, and brackets before both', () => {
    expect(odata("a eq 'x' or b eq 'x' and c eq 'x'", { a: 'x' })).toBe(true);
    expect(odata("(a eq 'x' or b eq 'x') and c eq 'x'", { a: 'x' })).toBe(false);
    expect(range('a == "x" || b == "x" && c == "x"', { a: 'x' })).toBe(true);
    expect(range('!(a == "x") && b == "x"', { a: 'y', b: 'x' })).toBe(true);
  });

  it('name each column that they read once', () => {
    expect(filterColumns(parseFilter('(a eq 1 or b eq 2) and not (a eq 3)', 'odata'))).toEqual(['a', 'b']);
  });

  it.each([
    ['range', ''],
    ['range', '(a == '],
    ['range', '(a == 1'],
    ['range', 'a == 1)'],
    ['range', 'a eq 1'],
    ['range', '"a" == 1'],
    ['odata', 'a == 1'],
    ['odata', 'a eq'],
    ['odata', "contains(a 'x')"],
    ['odata', 'a eq 1 and'],
    ['odata', 'a eq #'],
  ] as const)('in %s refuse "%s"', (language, text) => {
    expect(() => parseFilter(text, language)).toThrow(FilterSyntaxError);
  });
});
